"""Archives for tests: Orthanc and dcmtk's dcmqrscp on loopback, with folders and ports of their own."""

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

PLUGIN = "libOrthancDicomWeb.so"
PLUGINS = (Path("/usr/share/orthanc/plugins"), Path("/usr/lib/orthanc"), Path("/usr/local/share/orthanc/plugins"))


def program(*names):
    """The path of the first of these programs that is installed, or None; Debian keeps Orthanc in /usr/sbin."""
    return next((found for one in names if (found := shutil.which(one, path=_path()))), None)


def _path():
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


def dicomweb_plugin():
    return next((folder / PLUGIN for folder in PLUGINS if (folder / PLUGIN).exists()), None)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port, process, seconds=60.0):
    """Until something listens at a port of this computer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with status {process.returncode}")
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} does not listen at port {port}")


class Server:
    """A running archive: its process, its AE title and ports."""

    def __init__(self, command, folder, title, port, http=None):
        self.command, self.folder, self.title, self.port, self.http = command, folder, title, port, http
        self.process = None

    @property
    def address(self):
        return f"{self.title}@127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http}/dicom-web"

    def start(self):
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder)
        wait_for(self.port, self.process)
        if self.http:
            wait_for(self.http, self.process)

    def kill(self):
        """End it at once, as a power failure would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def orthanc(folder, receiver_port=None, title="KINECOR"):
    """Orthanc with DICOMweb where its plug-in is installed; it sends to `title` at `receiver_port`."""
    binary = program("Orthanc", "orthanc")
    port, http, plugin = free_port(), free_port(), dicomweb_plugin()
    settings = {
        "Name": "test",
        "StorageDirectory": str(folder / "store"),
        "IndexDirectory": str(folder / "store"),
        "DicomAet": "ORTHANC",
        "DicomPort": port,
        "DicomCheckCalledAet": True,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "DicomAlwaysAllowStore": True,
        "HttpPort": http,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "SyncStorageArea": False,
        "OverwriteInstances": False,
        "ConcurrentJobs": 1,
        "DicomModalities": {"us": [title, "127.0.0.1", receiver_port]} if receiver_port else {},
        "Plugins": [str(plugin)] if plugin else [],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orthanc.json").write_text(json.dumps(settings))
    server = Server([binary, str(folder / "orthanc.json")], folder, "ORTHANC", port, http if plugin else None)
    server.start()
    try:
        yield server
    finally:
        server.kill()  # asked to end, Orthanc takes seconds; nobody reads its folder again


@contextmanager
def dcmqrscp(folder, receiver_port=None, title="KINECOR"):
    """Dcmtk's archive; it sends to `title` at `receiver_port`."""
    port, store = free_port(), folder / "store"
    store.mkdir(parents=True, exist_ok=True)
    (folder / "dcmqrscp.cfg").write_text(
        f"""NetworkTCPPort = {port}
MaxPDUSize = 131072
MaxAssociations = 16
HostTable BEGIN
kinecor = ({title}, localhost, {receiver_port or 104})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
DCMQRSCP {store} RW (2000, 4096mb) ANY
AETable END
"""
    )
    command = [program("dcmqrscp"), "--log-level", "error", "-c", str(folder / "dcmqrscp.cfg"), "+xs"]
    server = Server(command, folder, "DCMQRSCP", port)
    server.start()
    try:
        yield server
    finally:
        server.kill()
