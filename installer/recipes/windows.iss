; Not run yet. iscc installer\recipes\windows.iss: an installer of dist\Kinecor, for one user, without administrator.
[Setup]
AppId={{6D1F7C1E-2C0B-4C57-9E2B-4B494E450001}
AppName=Kinecor
AppVersion=0.2.0
AppPublisher=The Kinecor developers
DefaultDirName={autopf}\Kinecor
PrivilegesRequired=lowest
OutputBaseFilename=Kinecor-Setup
LicenseFile=..\..\LICENSE
ChangesAssociations=yes
; SignTool=  (the owner's key)

[Files]
Source: "..\..\dist\Kinecor\*"; DestDir: "{app}"; Flags: recursesubdirs

[Icons]
Name: "{autoprograms}\Kinecor"; Filename: "{app}\kinecor.exe"

[Registry]
Root: HKA; Subkey: "Software\Classes\.kinecor"; ValueType: string; ValueData: "Kinecor.Study"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Kinecor.Study"; ValueType: string; ValueData: "Kinecor saved study"; Flags: uninsdeletekey

[Messages]
ConfirmUninstall=Remove %1? Saved studies stay in %%LOCALAPPDATA%%\kinecor\readings.
