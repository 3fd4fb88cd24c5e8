<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>Kinecor</name>
    <message>
        <source>! 1 open check is named on the page; values with an open check make no sentence.</source>
        <translation>! 1 offene Prüfung steht auf der Seite; Werte mit offener Prüfung ergeben keinen Satz.</translation>
    </message>
    <message>
        <source>! Edited by {who}, no longer matches</source>
        <translation>! Bearbeitet von {who}, passt nicht mehr</translation>
    </message>
    <message>
        <source>! No automatic sentence</source>
        <translation>! Kein automatischer Satz</translation>
    </message>
    <message>
        <source>! Nothing moves in it, so faint text may be hidden: without your confirmation there is no copy.</source>
        <translation>! Nichts bewegt sich darin, schwacher Text kann verborgen sein: Ohne Ihre Bestätigung gibt es keine Kopie.</translation>
    </message>
    <message>
        <source>! {n} files left out: {why}</source>
        <translation>! {n} Dateien ausgelassen: {why}</translation>
    </message>
    <message>
        <source>! {n} open checks are named on the page; values with an open check make no sentence.</source>
        <translation>! {n} offene Prüfungen stehen auf der Seite; Werte mit offener Prüfung ergeben keinen Satz.</translation>
    </message>
    <message>
        <source>&amp;Contour</source>
        <translation>&amp;Kontur</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>D&amp;atei</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Image</source>
        <translation>Bi&amp;ld</translation>
    </message>
    <message>
        <source>+  Open</source>
        <translation>+  Öffnen</translation>
    </message>
    <message>
        <source>, segments exploratory</source>
        <translation>, Segmente explorativ</translation>
    </message>
    <message>
        <source>, study {n} of {total}</source>
        <translation>, Untersuchung {n} von {total}</translation>
    </message>
    <message>
        <source>1 doubtful contour</source>
        <translation>1 zweifelhafte Kontur</translation>
    </message>
    <message>
        <source>1 doubtful frame</source>
        <translation>1 zweifelhaftes Bild</translation>
    </message>
    <message>
        <source>1 file</source>
        <translation>1 Datei</translation>
    </message>
    <message>
        <source>1 frame corrected</source>
        <translation>1 Bild korrigiert</translation>
    </message>
    <message>
        <source>1 image</source>
        <translation>1 Bild</translation>
    </message>
    <message>
        <source>1 page</source>
        <translation>1 Seite</translation>
    </message>
    <message>
        <source>1 phase corrected</source>
        <translation>1 Phase korrigiert</translation>
    </message>
    <message>
        <source>1 point of the wall</source>
        <translation>1 Wandpunkt</translation>
    </message>
    <message>
        <source>1 recording</source>
        <translation>1 Aufnahme</translation>
    </message>
    <message>
        <source>1 slice filled in</source>
        <translation>1 Schicht aufgefüllt</translation>
    </message>
    <message>
        <source>1 view named by its number</source>
        <translation>1 Schnitt nach seiner Nummer benannt</translation>
    </message>
    <message>
        <source>A CUDA GPU was found.</source>
        <translation>Eine CUDA-GPU wurde gefunden.</translation>
    </message>
    <message>
        <source>A camera (0, 1, ... or its device), a folder, a named pipe, or a recording</source>
        <translation>Eine Kamera (0, 1, ... oder ihr Gerät), ein Ordner, eine benannte Pipe oder eine Aufnahme</translation>
    </message>
    <message>
        <source>A desktop viewer for echocardiography and cine MRI: LV contours, volumes, EF and strain. Every correction is saved as it is made, with the name of its author.</source>
        <translation>Ein Betrachter für Echokardiographie und Cine-MRT: LV-Konturen, Volumina, EF und Strain. Jede Korrektur wird sofort gespeichert, mit dem Namen der Person, die sie vornahm.</translation>
    </message>
    <message>
        <source>A signature or addendum stays in the history: write an addendum to change what was signed.</source>
        <translation>Eine Unterschrift oder ein Nachtrag bleibt im Verlauf: Schreiben Sie einen Nachtrag, um Unterschriebenes zu ändern.</translation>
    </message>
    <message>
        <source>A study opens in</source>
        <translation>Eine Untersuchung öffnet in</translation>
    </message>
    <message>
        <source>A trace is of a spectrum: the file states none in this image.</source>
        <translation>Eine Hüllkurve gehört zu einem Spektrum: Die Datei nennt in diesem Bild keines.</translation>
    </message>
    <message>
        <source>AE title of this computer</source>
        <translation>AE-Titel dieses Rechners</translation>
    </message>
    <message>
        <source>AE titles that may send, besides saved archives</source>
        <translation>AE-Titel, die senden dürfen, außer gespeicherten Archiven</translation>
    </message>
    <message>
        <source>AI-suggested ED and ES, regressed from the images without contours, by {model}</source>
        <translation>ED und ES, von KI vorgeschlagen: ohne Konturen aus den Bildern bestimmt, durch {model}</translation>
    </message>
    <message>
        <source>APEX</source>
        <translation>APEX</translation>
    </message>
    <message>
        <source>Abnormal</source>
        <translation>Auffällig</translation>
    </message>
    <message>
        <source>About Kinecor</source>
        <translation>Über Kinecor</translation>
    </message>
    <message>
        <source>Accept all</source>
        <translation>Alle annehmen</translation>
    </message>
    <message>
        <source>Accept {value}</source>
        <translation>{value} annehmen</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>Angenommen</translation>
    </message>
    <message>
        <source>Accession</source>
        <translation>Auftragsnummer</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>Zur Kenntnis nehmen</translation>
    </message>
    <message>
        <source>Acknowledge and show</source>
        <translation>Zur Kenntnis nehmen und zeigen</translation>
    </message>
    <message>
        <source>Acknowledged by {who}: {why}</source>
        <translation>Zur Kenntnis genommen von {who}: {why}</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Add addendum</source>
        <translation>Nachtrag hinzufügen</translation>
    </message>
    <message>
        <source>Add addendum…</source>
        <translation>Nachtrag hinzufügen…</translation>
    </message>
    <message>
        <source>Affects {values}</source>
        <translation>Betrifft {values}</translation>
    </message>
    <message>
        <source>Agreement of automatic with signed values</source>
        <translation>Übereinstimmung automatischer mit unterschriebenen Werten</translation>
    </message>
    <message>
        <source>Agreement of {code}: {n} patients, bias {bias}</source>
        <translation>Übereinstimmung von {code}: {n} Patienten, Bias {bias}</translation>
    </message>
    <message>
        <source>Agreement…</source>
        <translation>Übereinstimmung…</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
    <message>
        <source>All frames that nobody drew follow when you let go</source>
        <translation>Alle nicht gezeichneten Bilder folgen beim Loslassen</translation>
    </message>
    <message>
        <source>All phases that nobody drew follow when you let go</source>
        <translation>Alle nicht gezeichneten Phasen folgen beim Loslassen</translation>
    </message>
    <message>
        <source>All states</source>
        <translation>Alle Stände</translation>
    </message>
    <message>
        <source>Allowed senders</source>
        <translation>Erlaubte Sender</translation>
    </message>
    <message>
        <source>Alt-drag, Ctrl-drag</source>
        <translation>Alt-Ziehen, Strg-Ziehen</translation>
    </message>
    <message>
        <source>Alt: this frame only · Shift: all frames</source>
        <translation>Alt: nur dieses Bild · Umschalt: alle Bilder</translation>
    </message>
    <message>
        <source>Alt: this phase only · Shift: all phases</source>
        <translation>Alt: nur diese Phase · Umschalt: alle Phasen</translation>
    </message>
    <message>
        <source>An M-mode line needs a loop: a still or a stack shows no movement along it.</source>
        <translation>Eine M-Mode-Linie braucht eine Schleife: Ein Standbild oder ein Stapel zeigt keine Bewegung entlang der Linie.</translation>
    </message>
    <message>
        <source>An earlier study of this patient was open here: {date}, {name}</source>
        <translation>Eine frühere Untersuchung dieses Patienten war hier geöffnet: {date}, {name}</translation>
    </message>
    <message>
        <source>An unexpected error occurred. Your edits are saved; details are in {file}.</source>
        <translation>Ein unerwarteter Fehler ist aufgetreten. Ihre Änderungen sind gespeichert; Einzelheiten stehen in {file}.</translation>
    </message>
    <message>
        <source>Analyse</source>
        <translation>Auswerten</translation>
    </message>
    <message>
        <source>Analyse again</source>
        <translation>Erneut auswerten</translation>
    </message>
    <message>
        <source>Analyse by method</source>
        <translation>Nach Verfahren auswerten</translation>
    </message>
    <message>
        <source>Analyse by method…</source>
        <translation>Nach Verfahren auswerten …</translation>
    </message>
    <message>
        <source>Analyse new</source>
        <translation>Neue analysieren</translation>
    </message>
    <message>
        <source>Analyse new studies in the background, in the order of the list</source>
        <translation>Neue Studien im Hintergrund analysieren, in der Reihenfolge der Liste</translation>
    </message>
    <message>
        <source>Analyse with another network</source>
        <translation>Mit anderem Netz auswerten</translation>
    </message>
    <message>
        <source>Analyse with another network…</source>
        <translation>Mit anderem Netz auswerten…</translation>
    </message>
    <message>
        <source>Analysing</source>
        <translation>Auswertung</translation>
    </message>
    <message>
        <source>Aneurysm (remark)</source>
        <translation>Aneurysma (Bemerkung)</translation>
    </message>
    <message>
        <source>Angle</source>
        <translation>Winkel</translation>
    </message>
    <message>
        <source>Annulus: both hinge points</source>
        <translation>Anulus: beide Ansatzpunkte</translation>
    </message>
    <message>
        <source>Anonymise</source>
        <translation>Anonymisieren</translation>
    </message>
    <message>
        <source>Anonymise…</source>
        <translation>Anonymisieren…</translation>
    </message>
    <message>
        <source>Another key for the command</source>
        <translation>Andere Taste für den Befehl</translation>
    </message>
    <message>
        <source>Anterior RV insertion: automatic</source>
        <translation>Vordere RV-Insertion: automatisch</translation>
    </message>
    <message>
        <source>Anterior RV insertion: default</source>
        <translation>Vordere RV-Insertion: Standard</translation>
    </message>
    <message>
        <source>Any</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Aortic valve closure can be set in a loop that shows the valve, not in a stack.</source>
        <translation>Der Aortenklappenschluss kann in einer Schleife gesetzt werden, die die Klappe zeigt, nicht in einem Stapel.</translation>
    </message>
    <message>
        <source>Apex: longer or shorter</source>
        <translation>Apex: länger oder kürzer</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>Archiv</translation>
    </message>
    <message>
        <source>Archives</source>
        <translation>Archive</translation>
    </message>
    <message>
        <source>Archives and devices</source>
        <translation>Archive und Geräte</translation>
    </message>
    <message>
        <source>Archives of the department</source>
        <translation>Archive der Abteilung</translation>
    </message>
    <message>
        <source>Archives…</source>
        <translation>Archive…</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>Fläche</translation>
    </message>
    <message>
        <source>As for {value}</source>
        <translation>Wie bei {value}</translation>
    </message>
    <message>
        <source>Ask the archive to confirm that it keeps them</source>
        <translation>Vom Archiv bestätigen lassen, dass es sie aufbewahrt</translation>
    </message>
    <message>
        <source>Asking {name}…</source>
        <translation>{name} wird gefragt…</translation>
    </message>
    <message>
        <source>Audit log</source>
        <translation>Änderungsprotokoll</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>Autom.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Automatic contours, dotted, where corrected</source>
        <translation>Automatische Konturen, gepunktet, wo korrigiert</translation>
    </message>
    <message>
        <source>Automatic sentence</source>
        <translation>Automatischer Satz</translation>
    </message>
    <message>
        <source>Automatic: a GPU where there is one</source>
        <translation>Automatisch: eine GPU, wo es eine gibt</translation>
    </message>
    <message>
        <source>Automatic: whatever is faster here</source>
        <translation>Automatisch: was hier schneller ist</translation>
    </message>
    <message>
        <source>BASE</source>
        <translation>BASIS</translation>
    </message>
    <message>
        <source>BSA</source>
        <translation>KOF</translation>
    </message>
    <message>
        <source>BSA formula</source>
        <translation>Formel der KOF</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Basal/apical slice: automatic</source>
        <translation>Basale/apikale Schicht: automatisch</translation>
    </message>
    <message>
        <source>Base and apex</source>
        <translation>Basis und Apex</translation>
    </message>
    <message>
        <source>Base at {mark}: slice {number}</source>
        <translation>Basis bei {mark}: Schicht {number}</translation>
    </message>
    <message>
        <source>Beat {n}: ED {ed}, ES {es}</source>
        <translation>Schlag {n}: ED {ed}, ES {es}</translation>
    </message>
    <message>
        <source>Beats</source>
        <translation>Schläge</translation>
    </message>
    <message>
        <source>Biplane volumes</source>
        <translation>Biplane Volumina</translation>
    </message>
    <message>
        <source>Birth date</source>
        <translation>Geburtsdatum</translation>
    </message>
    <message>
        <source>Borderline</source>
        <translation>Grenzwertig</translation>
    </message>
    <message>
        <source>Both ventricles</source>
        <translation>Beide Ventrikel</translation>
    </message>
    <message>
        <source>Brighter mid-tones (gamma)</source>
        <translation>Mitteltöne heller (Gamma)</translation>
    </message>
    <message>
        <source>Bull&apos;s-eye</source>
        <translation>Bull&apos;s-Eye</translation>
    </message>
    <message>
        <source>Bull&apos;s-eye of strain, {number} segments</source>
        <translation>Bull&apos;s-Eye des Strains, {number} Segmente</translation>
    </message>
    <message>
        <source>Bull&apos;s-eyes of the wall</source>
        <translation>Bull&apos;s-Eyes der Wand</translation>
    </message>
    <message>
        <source>C-GET: over this connection</source>
        <translation>C-GET: über diese Verbindung</translation>
    </message>
    <message>
        <source>C-MOVE: to the receiver of this computer</source>
        <translation>C-MOVE: an den Empfänger dieses Rechners</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>Kalibrieren</translation>
    </message>
    <message>
        <source>Calibrate by two points</source>
        <translation>Mit zwei Punkten kalibrieren</translation>
    </message>
    <message>
        <source>Calibrate: click two points whose distance is known, such as two ticks of the depth.</source>
        <translation>Kalibrieren: zwei Punkte mit bekanntem Abstand anklicken, etwa zwei Teilstriche der Tiefenskala.</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>Kalibrierung</translation>
    </message>
    <message>
        <source>Calliper</source>
        <translation>Ausmessen</translation>
    </message>
    <message>
        <source>Calliper: angle</source>
        <translation>Winkel messen</translation>
    </message>
    <message>
        <source>Calliper: area</source>
        <translation>Fläche messen</translation>
    </message>
    <message>
        <source>Calliper: distance</source>
        <translation>Strecke messen</translation>
    </message>
    <message>
        <source>Calliper: trace of a spectrum (VTI)</source>
        <translation>Hüllkurve eines Spektrums messen (VTI)</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancelled; nothing was written</source>
        <translation>Abgebrochen; nichts wurde geschrieben</translation>
    </message>
    <message>
        <source>Cancelled; what was sent already is in the archive</source>
        <translation>Abgebrochen; was gesendet wurde, ist im Archiv</translation>
    </message>
    <message>
        <source>Card</source>
        <translation>Karte</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>Zertifikate</translation>
    </message>
    <message>
        <source>Changed since signed</source>
        <translation>Seit Unterschrift geändert</translation>
    </message>
    <message>
        <source>Changes this frame and {count} around it</source>
        <translation>Ändert dieses Bild und {count} benachbarte</translation>
    </message>
    <message>
        <source>Changes this frame and {count} others</source>
        <translation>Ändert dieses Bild und {count} weitere</translation>
    </message>
    <message>
        <source>Changes this frame only</source>
        <translation>Ändert nur dieses Bild</translation>
    </message>
    <message>
        <source>Changes this phase and {count} around it</source>
        <translation>Ändert diese Phase und {count} benachbarte</translation>
    </message>
    <message>
        <source>Changes this phase and {count} others</source>
        <translation>Ändert diese Phase und {count} weitere</translation>
    </message>
    <message>
        <source>Changes this phase only</source>
        <translation>Ändert nur diese Phase</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>Prüfungen</translation>
    </message>
    <message>
        <source>Choices</source>
        <translation>Auswahl</translation>
    </message>
    <message>
        <source>Choose folder …</source>
        <translation>Ordner wählen …</translation>
    </message>
    <message>
        <source>Choose two different stills.</source>
        <translation>Zwei verschiedene Standbilder wählen.</translation>
    </message>
    <message>
        <source>Cine MRI</source>
        <translation>Cine-MRT</translation>
    </message>
    <message>
        <source>Click a value: it has its interval, its doubts and where it comes from. You accept it, reject it or enter your own; a value that is not available says why.</source>
        <translation>Klicken Sie auf einen Wert: Er hat sein Intervall, seine Zweifel und seine Herkunft. Sie bestätigen ihn, verwerfen ihn oder geben Ihren eigenen ein; ein Wert, den es nicht gibt, sagt warum.</translation>
    </message>
    <message>
        <source>Click both ends, drag an end</source>
        <translation>Beide Enden anklicken, ein Ende ziehen</translation>
    </message>
    <message>
        <source>Click on a segment&apos;s box</source>
        <translation>Klick auf das Feld eines Segments</translation>
    </message>
    <message>
        <source>Click on a slice, Escape</source>
        <translation>Klick auf eine Schicht, Escape</translation>
    </message>
    <message>
        <source>Click on another tile</source>
        <translation>Klick auf eine andere Kachel</translation>
    </message>
    <message>
        <source>Click on the curve</source>
        <translation>Klick auf die Kurve</translation>
    </message>
    <message>
        <source>Click on the strain bull&apos;s-eye</source>
        <translation>Klick auf das Strain-Bull&apos;s-Eye</translation>
    </message>
    <message>
        <source>Click to enter what the file lacks.</source>
        <translation>Klicken, um Fehlendes einzugeben.</translation>
    </message>
    <message>
        <source>Click two points whose distance is known, such as two ticks of the depth (Shift+K)</source>
        <translation>Zwei Punkte anklicken, deren Abstand bekannt ist, etwa zwei Striche der Tiefenskala (Umschalt+K)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close the M-mode</source>
        <translation>M-Mode schließen</translation>
    </message>
    <message>
        <source>Close the list  (C or Escape)</source>
        <translation>Liste schließen  (C oder Escape)</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Comment on {value}, printed with the notes:</source>
        <translation>Kommentar zu {value}, wird mit den Bemerkungen gedruckt:</translation>
    </message>
    <message>
        <source>Comment…</source>
        <translation>Kommentar…</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Compare with prior</source>
        <translation>Mit Vorstudie vergleichen</translation>
    </message>
    <message>
        <source>Compare with prior in folder…</source>
        <translation>Mit Vorstudie im Ordner vergleichen…</translation>
    </message>
    <message>
        <source>Compare with prior…</source>
        <translation>Mit Vorstudie vergleichen…</translation>
    </message>
    <message>
        <source>Comparing methods</source>
        <translation>Verfahren werden verglichen</translation>
    </message>
    <message>
        <source>Computing strain</source>
        <translation>Strain wird berechnet</translation>
    </message>
    <message>
        <source>Computing…</source>
        <translation>Wird berechnet…</translation>
    </message>
    <message>
        <source>Confidence by frame</source>
        <translation>Konfidenz je Bild</translation>
    </message>
    <message>
        <source>Confidence by slice and phase</source>
        <translation>Konfidenz je Schicht und Phase</translation>
    </message>
    <message>
        <source>Confidence of each contour</source>
        <translation>Konfidenz jeder Kontur</translation>
    </message>
    <message>
        <source>Confirm the contours of this frame</source>
        <translation>Konturen dieses Bilds bestätigen</translation>
    </message>
    <message>
        <source>Confirm the initial contours</source>
        <translation>Anfangskonturen bestätigen</translation>
    </message>
    <message>
        <source>Contour</source>
        <translation>Kontur</translation>
    </message>
    <message>
        <source>Contours</source>
        <translation>Konturen</translation>
    </message>
    <message>
        <source>Contours of apical views as frames come. Nothing is measured, nothing is stored.</source>
        <translation>Konturen apikaler Schnitte, während Bilder eintreffen. Nichts wird gemessen, nichts wird gespeichert.</translation>
    </message>
    <message>
        <source>Contours of the neighbouring frames</source>
        <translation>Konturen der Nachbarbilder</translation>
    </message>
    <message>
        <source>Contours, CSV</source>
        <translation>Konturen, CSV</translation>
    </message>
    <message>
        <source>Contours, JSON</source>
        <translation>Konturen, JSON</translation>
    </message>
    <message>
        <source>Contract contour by 0.5 mm</source>
        <translation>Kontur um 0,5 mm verengen</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy contours from frame {frame}</source>
        <translation>Konturen von Bild {frame} kopieren</translation>
    </message>
    <message>
        <source>Copy contours from slice {number}</source>
        <translation>Konturen von Schicht {number} kopieren</translation>
    </message>
    <message>
        <source>Copy to empty phases</source>
        <translation>In leere Phasen kopieren</translation>
    </message>
    <message>
        <source>Correct a contour</source>
        <translation>Eine Kontur korrigieren</translation>
    </message>
    <message>
        <source>Corrected: {what}. The frames you drew stay exactly as they are; the new contours of the other frames follow them. Values you accepted are open again. Every step can be undone.</source>
        <translation>Korrigiert: {what}. Von Ihnen gezeichnete Bilder bleiben genau so; die neuen Konturen der anderen Bilder folgen ihnen. Von Ihnen angenommene Werte sind wieder offen. Jeder Schritt kann rückgängig gemacht werden.</translation>
    </message>
    <message>
        <source>Ctrl-wheel</source>
        <translation>Strg-Mausrad</translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>Kurven</translation>
    </message>
    <message>
        <source>Curves, CSV</source>
        <translation>Kurven, CSV</translation>
    </message>
    <message>
        <source>Curves, SVG</source>
        <translation>Kurven, SVG</translation>
    </message>
    <message>
        <source>DICOM presentation state (contours over the source)</source>
        <translation>DICOM-Präsentationsstatus (Konturen über der Quelle)</translation>
    </message>
    <message>
        <source>DICOM segmentation</source>
        <translation>DICOM-Segmentierung</translation>
    </message>
    <message>
        <source>DICOM structured report of the study</source>
        <translation>Strukturierter DICOM-Befund der Studie</translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation>Dunkle Darstellung</translation>
    </message>
    <message>
        <source>Darker mid-tones (gamma)</source>
        <translation>Mitteltöne dunkler (Gamma)</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Delete {name}</source>
        <translation>{name} löschen</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>Abteilung</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Deutsch</source>
        <translation>Deutsch</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Differenz</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Strecke</translation>
    </message>
    <message>
        <source>Distance between the two points, in mm:</source>
        <translation>Abstand der beiden Punkte, in mm:</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>Doppelklick</translation>
    </message>
    <message>
        <source>Double click: go to this point</source>
        <translation>Doppelklick: zu diesem Stand zurück</translation>
    </message>
    <message>
        <source>Drag a contour</source>
        <translation>Eine Kontur ziehen</translation>
    </message>
    <message>
        <source>Drag a diamond</source>
        <translation>Raute ziehen</translation>
    </message>
    <message>
        <source>Drag a recording here</source>
        <translation>Eine Aufnahme hierher ziehen</translation>
    </message>
    <message>
        <source>Drag a square handle</source>
        <translation>Einen quadratischen Griff ziehen</translation>
    </message>
    <message>
        <source>Drag an ED, ES, AVC or MVO line</source>
        <translation>Linie von ED, ES, AVC oder MVO ziehen</translation>
    </message>
    <message>
        <source>Drag down or up: a distance; to a side: a time; with Shift: the way between two times, as TAPSE</source>
        <translation>Nach unten oder oben ziehen: eine Strecke; zur Seite: eine Zeit; mit Umschalt: der Weg zwischen zwei Zeiten, wie TAPSE</translation>
    </message>
    <message>
        <source>Drag from the study list</source>
        <translation>Aus der Studienliste ziehen</translation>
    </message>
    <message>
        <source>Drag the cross of a short-axis outline</source>
        <translation>Kreuz einer Kurzachsenkontur ziehen</translation>
    </message>
    <message>
        <source>Drag the label ED or ES on the curve by a frame or two, or go to a frame and press Alt+D or Alt+S. D and S go to them.</source>
        <translation>Ziehen Sie die Marke ED oder ES auf der Kurve um ein, zwei Bilder, oder gehen Sie zu einem Bild und drücken Sie Alt+D oder Alt+S. D und S führen zu ihnen.</translation>
    </message>
    <message>
        <source>Drag the valve plane</source>
        <translation>Die Klappenebene ziehen</translation>
    </message>
    <message>
        <source>Drag the yellow contour a little. Frames nearby follow, all others by Propagate (R). Ctrl+Z undoes; each change is saved at once, with your name.</source>
        <translation>Ziehen Sie die gelbe Kontur ein wenig. Nahe Bilder folgen, alle anderen durch Übertragen (R). Strg+Z macht es rückgängig; jede Änderung wird sofort gespeichert, mit Ihrem Namen.</translation>
    </message>
    <message>
        <source>Drag to move, wheel to enlarge. The pulse before a lead is 1 mV high and 0.2 s wide.</source>
        <translation>Ziehen verschiebt, das Rad vergrößert. Der Puls vor einer Ableitung ist 1 mV hoch und 0,2 s breit.</translation>
    </message>
    <message>
        <source>Drag · felt over {percent} % of the contour · wheel: reach</source>
        <translation>Ziehen · wirkt auf {percent} % der Kontur · Rad: Reichweite</translation>
    </message>
    <message>
        <source>Drag · the whole contour, wider or narrower · wheel: reach</source>
        <translation>Ziehen · ganze Kontur weiter oder enger · Rad: Reichweite</translation>
    </message>
    <message>
        <source>Drag · the whole wall · wheel: reach</source>
        <translation>Ziehen · ganze Wand · Rad: Reichweite</translation>
    </message>
    <message>
        <source>Drawn on the images: {title}. A click in the study list hides it again.</source>
        <translation>Auf den Bildern gezeichnet: {title}. Ein Klick in der Studienliste blendet es wieder aus.</translation>
    </message>
    <message>
        <source>E/A</source>
        <translation>E/A</translation>
    </message>
    <message>
        <source>E/e&apos;</source>
        <translation>E/e&apos;</translation>
    </message>
    <message>
        <source>ECG</source>
        <translation>EKG</translation>
    </message>
    <message>
        <source>ECG not used: at the R wave of beat {beat} the cavity lacks {percent} % of its stroke volume.</source>
        <translation>EKG nicht verwendet: Bei der R-Zacke von Schlag {beat} fehlen dem Cavum {percent} % des Schlagvolumens.</translation>
    </message>
    <message>
        <source>ECG not used: the R wave of beat {beat} is {ms} ms from the fullest frame.</source>
        <translation>EKG nicht verwendet: Die R-Zacke von Schlag {beat} liegt {ms} ms vom vollsten Bild entfernt.</translation>
    </message>
    <message>
        <source>ECG: {leads}</source>
        <translation>EKG: {leads}</translation>
    </message>
    <message>
        <source>ED / ES, frame</source>
        <translation>ED / ES, Bild</translation>
    </message>
    <message>
        <source>ED and ES</source>
        <translation>ED und ES</translation>
    </message>
    <message>
        <source>ED, ES
by AI</source>
        <translation>ED, ES
per KI</translation>
    </message>
    <message>
        <source>ED, ES images</source>
        <translation>Bilder ED, ES</translation>
    </message>
    <message>
        <source>EF biplane</source>
        <translation>EF biplan</translation>
    </message>
    <message>
        <source>EF single plane, {view}</source>
        <translation>EF monoplan, {view}</translation>
    </message>
    <message>
        <source>EXCLUDED</source>
        <translation>AUSGELASSEN</translation>
    </message>
    <message>
        <source>Earlier study</source>
        <translation>Voruntersuchung</translation>
    </message>
    <message>
        <source>Echo</source>
        <translation>Echo</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Edited</source>
        <translation>Bearbeitet</translation>
    </message>
    <message>
        <source>Edited by {who}</source>
        <translation>Bearbeitet von {who}</translation>
    </message>
    <message>
        <source>Eight-bit integers</source>
        <translation>Ganze Zahlen mit 8 Bit</translation>
    </message>
    <message>
        <source>Element</source>
        <translation>Element</translation>
    </message>
    <message>
        <source>Empty fields are as in the file. What you enter is saved with your name.</source>
        <translation>Leere Felder gelten wie in der Datei. Eingaben werden mit Ihrem Namen gespeichert.</translation>
    </message>
    <message>
        <source>End tour</source>
        <translation>Rundgang beenden</translation>
    </message>
    <message>
        <source>End-diastole</source>
        <translation>Enddiastole</translation>
    </message>
    <message>
        <source>End-systole</source>
        <translation>Endsystole</translation>
    </message>
    <message>
        <source>English</source>
        <translation>English</translation>
    </message>
    <message>
        <source>Enter a value…</source>
        <translation>Wert eingeben…</translation>
    </message>
    <message>
        <source>Esc: begin again</source>
        <translation>Esc: neu beginnen</translation>
    </message>
    <message>
        <source>Esc: cancel</source>
        <translation>Esc: abbrechen</translation>
    </message>
    <message>
        <source>Escape while dragging</source>
        <translation>Escape beim Ziehen</translation>
    </message>
    <message>
        <source>Everything of the study, ZIP</source>
        <translation>Alles zur Studie, ZIP</translation>
    </message>
    <message>
        <source>Exchange base and apex</source>
        <translation>Basis und Apex tauschen</translation>
    </message>
    <message>
        <source>Exchange black and white</source>
        <translation>Schwarz und Weiß tauschen</translation>
    </message>
    <message>
        <source>Exclude or include slice</source>
        <translation>Schicht aus- oder einschließen</translation>
    </message>
    <message>
        <source>Exclude this slice</source>
        <translation>Diese Schicht ausschließen</translation>
    </message>
    <message>
        <source>Expand contour by 0.5 mm</source>
        <translation>Kontur um 0,5 mm erweitern</translation>
    </message>
    <message>
        <source>Expected a name that is not empty and does not begin with &quot;model:&quot;; it was not changed.</source>
        <translation>Erwartet wird ein Name, der nicht leer ist und nicht mit „model:“ beginnt; er wurde nicht geändert.</translation>
    </message>
    <message>
        <source>Exploratory: strain</source>
        <translation>Explorativ: Strain</translation>
    </message>
    <message>
        <source>Export PDF report</source>
        <translation>PDF-Bericht exportieren</translation>
    </message>
    <message>
        <source>Export PDF report…</source>
        <translation>PDF-Bericht exportieren…</translation>
    </message>
    <message>
        <source>Export data</source>
        <translation>Daten exportieren</translation>
    </message>
    <message>
        <source>Export data…</source>
        <translation>Daten exportieren…</translation>
    </message>
    <message>
        <source>Exported to {path}</source>
        <translation>Exportiert nach {path}</translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>F, female</source>
        <translation>W, weiblich</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Fill in from the neighbouring slices, all phases</source>
        <translation>Aus den Nachbarschichten ergänzen, alle Phasen</translation>
    </message>
    <message>
        <source>Filled in by {who}</source>
        <translation>Aufgefüllt von {who}</translation>
    </message>
    <message>
        <source>Film of the loop with contours, GIF</source>
        <translation>Film der Schleife mit Konturen, GIF</translation>
    </message>
    <message>
        <source>Film of the loop with contours, MP4</source>
        <translation>Film der Schleife mit Konturen, MP4</translation>
    </message>
    <message>
        <source>Filter of the worklist</source>
        <translation>Filter der Arbeitsliste</translation>
    </message>
    <message>
        <source>Filter: patient, ID, date, kind</source>
        <translation>Filter: Patient, ID, Datum, Art</translation>
    </message>
    <message>
        <source>Find a command or a key</source>
        <translation>Befehl oder Taste suchen</translation>
    </message>
    <message>
        <source>Find in the guide</source>
        <translation>Im Handbuch suchen</translation>
    </message>
    <message>
        <source>Find mitral valve opening by the volume curve</source>
        <translation>Mitralklappenöffnung anhand der Volumenkurve suchen</translation>
    </message>
    <message>
        <source>First frame</source>
        <translation>Erstes Bild</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Fit image</source>
        <translation>Bild einpassen</translation>
    </message>
    <message>
        <source>Floating point: all workstations compute alike</source>
        <translation>Gleitkomma: alle Arbeitsplätze rechnen gleich</translation>
    </message>
    <message>
        <source>Folder for tables and PDF</source>
        <translation>Ordner für Tabellen und PDF</translation>
    </message>
    <message>
        <source>Folder for the copies</source>
        <translation>Ordner für die Kopien</translation>
    </message>
    <message>
        <source>Folder of cards and weights</source>
        <translation>Ordner mit Karten und Gewichten</translation>
    </message>
    <message>
        <source>Folder of signed studies</source>
        <translation>Ordner mit unterschriebenen Studien</translation>
    </message>
    <message>
        <source>Folder that images are written to</source>
        <translation>Ordner, in den Bilder geschrieben werden</translation>
    </message>
    <message>
        <source>Folders and archives whose studies are listed</source>
        <translation>Ordner und Archive, deren Studien aufgeführt werden</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Ordner…</translation>
    </message>
    <message>
        <source>Follows frames drawn by {who}</source>
        <translation>Folgt Bildern, gezeichnet von {who}</translation>
    </message>
    <message>
        <source>For another kind of recording: {kinds}.</source>
        <translation>Für eine andere Art von Aufnahme: {kinds}.</translation>
    </message>
    <message>
        <source>For reading only: nothing is measured on it, and it is not aligned with the recordings.</source>
        <translation>Nur zum Lesen: Daran wird nichts gemessen, und es ist nicht auf die Aufnahmen ausgerichtet.</translation>
    </message>
    <message>
        <source>Forget recent files now</source>
        <translation>Zuletzt geöffnete Dateien jetzt vergessen</translation>
    </message>
    <message>
        <source>Formula for body surface area</source>
        <translation>Formel der Körperoberfläche</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Vor</translation>
    </message>
    <message>
        <source>Found so far: {n}</source>
        <translation>Bisher gefunden: {n}</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Frame {number}; contours {latency} ms after the frame; {missed} frames without contours</source>
        <translation>Bild {number}; Konturen {latency} ms nach dem Bild; {missed} Bilder ohne Konturen</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>GLS</source>
        <translation>GLS</translation>
    </message>
    <message>
        <source>GLS (3-view average): needs {views}</source>
        <translation>GLS (Mittel aus 3 Schnitten): es fehlt {views}</translation>
    </message>
    <message>
        <source>GLS ({count}-view average)</source>
        <translation>GLS (Mittel, {count} Schnitte)</translation>
    </message>
    <message>
        <source>GPU (CUDA)</source>
        <translation>GPU (CUDA)</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Give the views of one stage to the same view numbers at the others</source>
        <translation>Gibt die Schnittebenen einer Stufe den gleichen Nummern der anderen Stufen</translation>
    </message>
    <message>
        <source>Go through the frames: the images show the contours as they would be</source>
        <translation>Durch die Bilder gehen: Sie zeigen die Konturen, wie sie wären</translation>
    </message>
    <message>
        <source>Go to</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Go to ED</source>
        <translation>Zu ED</translation>
    </message>
    <message>
        <source>Go to ES</source>
        <translation>Zu ES</translation>
    </message>
    <message>
        <source>Go to aortic valve closure</source>
        <translation>Zum Aortenklappenschluss</translation>
    </message>
    <message>
        <source>Go to mitral valve opening</source>
        <translation>Zur Mitralklappenöffnung</translation>
    </message>
    <message>
        <source>Go to the beginning</source>
        <translation>Zum Anfang</translation>
    </message>
    <message>
        <source>Go to the end</source>
        <translation>Zum Ende</translation>
    </message>
    <message>
        <source>Go to the next doubtful frame or contour  (N)</source>
        <translation>Zum nächsten zweifelhaften Bild oder zur nächsten zweifelhaften Kontur  (N)</translation>
    </message>
    <message>
        <source>Go to the next frame or slice to check  (N)</source>
        <translation>Zum nächsten zu prüfenden Bild oder zur nächsten Schicht  (N)</translation>
    </message>
    <message>
        <source>Grey window: automatic</source>
        <translation>Grauwertfenster: automatisch</translation>
    </message>
    <message>
        <source>Grey window: full range</source>
        <translation>Grauwertfenster: ganzer Bereich</translation>
    </message>
    <message>
        <source>Grey window: reset</source>
        <translation>Grauwertfenster: zurücksetzen</translation>
    </message>
    <message>
        <source>HR</source>
        <translation>HF</translation>
    </message>
    <message>
        <source>Headline value</source>
        <translation>Hauptwert</translation>
    </message>
    <message>
        <source>Heart rate, per min</source>
        <translation>Herzfrequenz, pro min</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Height, cm</source>
        <translation>Größe, cm</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Hide the results</source>
        <translation>Ergebnisse ausblenden</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Holds for recordings that are analysed from now on. The precision is that of the processor.</source>
        <translation>Gilt für Aufnahmen, die ab jetzt analysiert werden. Die Genauigkeit ist die auf dem Prozessor.</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>ID</source>
        <translation>ID</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Image {view}</source>
        <translation>Bild {view}</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Images side by side</source>
        <translation>Bilder nebeneinander</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Import contours</source>
        <translation>Konturen importieren</translation>
    </message>
    <message>
        <source>Import contours…</source>
        <translation>Konturen importieren…</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importieren …</translation>
    </message>
    <message>
        <source>In the copy</source>
        <translation>In der Kopie</translation>
    </message>
    <message>
        <source>In the file</source>
        <translation>In der Datei</translation>
    </message>
    <message>
        <source>Include</source>
        <translation>Enthält</translation>
    </message>
    <message>
        <source>Include this slice</source>
        <translation>Diese Schicht einschließen</translation>
    </message>
    <message>
        <source>Included</source>
        <translation>Enthalten</translation>
    </message>
    <message>
        <source>Increased</source>
        <translation>Erhöht</translation>
    </message>
    <message>
        <source>Index beat alone</source>
        <translation>Nur der Indexschlag</translation>
    </message>
    <message>
        <source>Indication</source>
        <translation>Fragestellung</translation>
    </message>
    <message>
        <source>Initial contours, not fitted</source>
        <translation>Anfangskonturen, nicht angepasst</translation>
    </message>
    <message>
        <source>Insert a measured value that follows its measurement</source>
        <translation>Einen Messwert einfügen, der seiner Messung folgt</translation>
    </message>
    <message>
        <source>Insert value</source>
        <translation>Wert einfügen</translation>
    </message>
    <message>
        <source>Insertion points</source>
        <translation>Insertionspunkte</translation>
    </message>
    <message>
        <source>Institution</source>
        <translation>Einrichtung</translation>
    </message>
    <message>
        <source>Its AE title</source>
        <translation>AE-Titel des Archivs</translation>
    </message>
    <message>
        <source>Join</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>Join two stills</source>
        <translation>Zwei Standbilder verbinden</translation>
    </message>
    <message>
        <source>Join two stills…</source>
        <translation>Zwei Standbilder verbinden…</translation>
    </message>
    <message>
        <source>Keep dates, shifted for each patient</source>
        <translation>Daten behalten, je Person verschoben</translation>
    </message>
    <message>
        <source>Keep my corrections</source>
        <translation>Meine Korrekturen behalten</translation>
    </message>
    <message>
        <source>Keep sex, age, height and weight</source>
        <translation>Geschlecht, Alter, Größe und Gewicht behalten</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Taste</translation>
    </message>
    <message>
        <source>Key images {name}</source>
        <translation>Schlüsselbilder {name}</translation>
    </message>
    <message>
        <source>Key images, ED and ES (Secondary Capture)</source>
        <translation>Schlüsselbilder, ED und ES (Secondary Capture)</translation>
    </message>
    <message>
        <source>Key of the pseudonyms</source>
        <translation>Schlüssel der Pseudonyme</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Key…</source>
        <translation>Schlüssel…</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>LA volume</source>
        <translation>LA-Volumen</translation>
    </message>
    <message>
        <source>LV contours, volumes, ejection fraction and strain from echocardiography and cine MRI.</source>
        <translation>LV-Konturen, Volumina, Ejektionsfraktion und Strain aus Echokardiographie und Cine-MRT.</translation>
    </message>
    <message>
        <source>LV endocardium</source>
        <translation>LV-Endokard</translation>
    </message>
    <message>
        <source>LV epicardium</source>
        <translation>LV-Epikard</translation>
    </message>
    <message>
        <source>LV volume</source>
        <translation>LV-Volumen</translation>
    </message>
    <message>
        <source>LVOT VTI</source>
        <translation>LVOT-VTI</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Last 7 days of {name}</source>
        <translation>Letzte 7 Tage von {name}</translation>
    </message>
    <message>
        <source>Last frame</source>
        <translation>Letztes Bild</translation>
    </message>
    <message>
        <source>Layer of the wall in which strain is measured</source>
        <translation>Wandschicht, in der der Strain gemessen wird</translation>
    </message>
    <message>
        <source>Layout: 1 tile</source>
        <translation>Anordnung: 1 Kachel</translation>
    </message>
    <message>
        <source>Layout: 2 tiles</source>
        <translation>Anordnung: 2 Kacheln</translation>
    </message>
    <message>
        <source>Layout: 3 tiles</source>
        <translation>Anordnung: 3 Kacheln</translation>
    </message>
    <message>
        <source>Layout: 4 tiles</source>
        <translation>Anordnung: 4 Kacheln</translation>
    </message>
    <message>
        <source>Layout: 6 tiles</source>
        <translation>Anordnung: 6 Kacheln</translation>
    </message>
    <message>
        <source>Layout: Proposed by the study</source>
        <translation>Anordnung: nach der Studie</translation>
    </message>
    <message>
        <source>Layouts saved by Window &gt; Save layout as…</source>
        <translation>Anordnungen, gespeichert mit Fenster &gt; Anordnung speichern als …</translation>
    </message>
    <message>
        <source>Leave the other frames as they are</source>
        <translation>Die anderen Bilder lassen, wie sie sind</translation>
    </message>
    <message>
        <source>Left atrium</source>
        <translation>Linker Vorhof</translation>
    </message>
    <message>
        <source>Left ventricle</source>
        <translation>Linker Ventrikel</translation>
    </message>
    <message>
        <source>Less contrast</source>
        <translation>Weniger Kontrast</translation>
    </message>
    <message>
        <source>Less motion: loops play only when asked</source>
        <translation>Weniger Bewegung: Schleifen spielen nur auf Wunsch</translation>
    </message>
    <message>
        <source>Letterhead</source>
        <translation>Briefkopf</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>Helle Darstellung</translation>
    </message>
    <message>
        <source>Limits:</source>
        <translation>Grenzen:</translation>
    </message>
    <message>
        <source>List the studies of a folder, new ones as they arrive</source>
        <translation>Die Studien eines Ordners aufführen, neue, sobald sie ankommen</translation>
    </message>
    <message>
        <source>Listing</source>
        <translation>Auflisten</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Live</translation>
    </message>
    <message>
        <source>Live image with contours</source>
        <translation>Live-Bild mit Konturen</translation>
    </message>
    <message>
        <source>Live…</source>
        <translation>Live…</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Long axes of cine MRI are not contoured automatically: trace the LV endocardium and epicardium at ED and at ES (right-click on the image), then analyse again to propagate them through the cycle.</source>
        <translation>Lange Achsen der Cine-MRT werden nicht automatisch konturiert: LV-Endokard und -Epikard bei ED und bei ES umfahren (Rechtsklick auf das Bild), dann erneut auswerten, um sie durch den Zyklus zu übertragen.</translation>
    </message>
    <message>
        <source>Long axes, biplane</source>
        <translation>Längsachsen, biplan</translation>
    </message>
    <message>
        <source>Long axis</source>
        <translation>Längsachse</translation>
    </message>
    <message>
        <source>Longitudinal strain</source>
        <translation>Longitudinaler Strain</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Niedrig</translation>
    </message>
    <message>
        <source>M, male</source>
        <translation>M, männlich</translation>
    </message>
    <message>
        <source>M-mode</source>
        <translation>M-Mode</translation>
    </message>
    <message>
        <source>M-mode line</source>
        <translation>M-Mode-Linie</translation>
    </message>
    <message>
        <source>M-mode: drag a line across the walls in the image, from the front wall to the back.</source>
        <translation>M-Mode: Ziehen Sie im Bild eine Linie quer durch die Wände, von der vorderen zur hinteren.</translation>
    </message>
    <message>
        <source>MRI</source>
        <translation>MRT</translation>
    </message>
    <message>
        <source>MVO at frame {frame}, by the volume curve, ±{doubt} ms: check it on the image.</source>
        <translation>MVO bei Bild {frame}, anhand der Volumenkurve, ±{doubt} ms: im Bild prüfen.</translation>
    </message>
    <message>
        <source>MVO stays after ES and aortic valve closure and before the next ED: it was set to frame {frame}.</source>
        <translation>MVO bleibt nach ES und Aortenklappenschluss und vor der nächsten ED: Es wurde auf Bild {frame} gesetzt.</translation>
    </message>
    <message>
        <source>Masks, NIfTI</source>
        <translation>Masken, NIfTI</translation>
    </message>
    <message>
        <source>Mass</source>
        <translation>Masse</translation>
    </message>
    <message>
        <source>Mass ES</source>
        <translation>Masse ES</translation>
    </message>
    <message>
        <source>May be reached by</source>
        <translation>Erreichbar für</translation>
    </message>
    <message>
        <source>Me&amp;asure</source>
        <translation>Mess&amp;en</translation>
    </message>
    <message>
        <source>Mean ± SD of {n} beats: {values}</source>
        <translation>Mittel ± SD von {n} Schlägen: {values}</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Measured along the line before it was moved, no longer drawn on the M-mode: {names}.</source>
        <translation>Vor dem Verschieben entlang der Linie gemessen, nicht mehr im M-Mode: {names}.</translation>
    </message>
    <message>
        <source>Measured:</source>
        <translation>Gemessen:</translation>
    </message>
    <message>
        <source>Measurement</source>
        <translation>Messwert</translation>
    </message>
    <message>
        <source>Measurements, CSV</source>
        <translation>Messwerte, CSV</translation>
    </message>
    <message>
        <source>Method to compare with</source>
        <translation>Verfahren zum Vergleich</translation>
    </message>
    <message>
        <source>Methods</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Mitral valve opening can be set in a loop that shows the valve, not in a stack.</source>
        <translation>Die Mitralklappenöffnung lässt sich in einer Schleife setzen, die die Klappe zeigt, nicht in einem Stapel.</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>Modalität</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Modus</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Models:</source>
        <translation>Modelle:</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>More contrast</source>
        <translation>Mehr Kontrast</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>Move ED or ES</source>
        <translation>ED oder ES verschieben</translation>
    </message>
    <message>
        <source>NOT confirmed as kept</source>
        <translation>Aufbewahrung NICHT bestätigt</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Name of the layout:</source>
        <translation>Name der Anordnung:</translation>
    </message>
    <message>
        <source>Name of this measurement</source>
        <translation>Name dieser Messung</translation>
    </message>
    <message>
        <source>Name views by number</source>
        <translation>Schnitte nach Nummer benennen</translation>
    </message>
    <message>
        <source>Neighbouring slices take over the correction as well, the less, the farther away they are. Phases that you corrected there stay as they are. One step; Ctrl+Z undoes it.</source>
        <translation>Auch Nachbarschichten übernehmen die Korrektur, je weiter entfernt, desto weniger. Phasen, die Sie dort korrigiert haben, bleiben. Ein Schritt; Strg+Z macht ihn rückgängig.</translation>
    </message>
    <message>
        <source>Neighbouring slices, too (Shift+R)</source>
        <translation>Auch Nachbarschichten (Umschalt+R)</translation>
    </message>
    <message>
        <source>Networks of your own: {folder}</source>
        <translation>Eigene Netze: {folder}</translation>
    </message>
    <message>
        <source>Networks run on</source>
        <translation>Netze laufen auf</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Next  (N)</source>
        <translation>Weiter  (N)</translation>
    </message>
    <message>
        <source>Next doubtful frame, or check</source>
        <translation>Nächstes unsicheres Bild oder nächste Prüfung</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Next recording</source>
        <translation>Nächste Aufnahme</translation>
    </message>
    <message>
        <source>Next slice towards apex</source>
        <translation>Nächste Schicht zum Apex</translation>
    </message>
    <message>
        <source>Next slice towards base</source>
        <translation>Nächste Schicht zur Basis</translation>
    </message>
    <message>
        <source>No CUDA GPU was found: networks run on the processor.</source>
        <translation>Keine CUDA-GPU gefunden: Netze laufen auf dem Prozessor.</translation>
    </message>
    <message>
        <source>No aortic valve closure is set: press Alt+V at the frame in which the valve closes.</source>
        <translation>Kein Aortenklappenschluss gesetzt: Alt+V bei dem Bild drücken, in dem die Klappe schließt.</translation>
    </message>
    <message>
        <source>No archive is known yet: add one with the button Archives</source>
        <translation>Noch kein Archiv bekannt: mit der Schaltfläche Archive hinzufügen</translation>
    </message>
    <message>
        <source>No bull&apos;s-eye: endocardium and epicardium are not contoured at ED and ES.</source>
        <translation>Kein Bull&apos;s-Eye: Endokard und Epikard sind bei ED und ES nicht konturiert.</translation>
    </message>
    <message>
        <source>No check names a frame or a slice to look at.</source>
        <translation>Keine Prüfung nennt ein Bild oder eine Schicht zum Ansehen.</translation>
    </message>
    <message>
        <source>No contours yet.</source>
        <translation>Noch keine Konturen.</translation>
    </message>
    <message>
        <source>No copy is made of this file: {why}</source>
        <translation>Von dieser Datei entsteht keine Kopie: {why}</translation>
    </message>
    <message>
        <source>No key</source>
        <translation>Keine Taste</translation>
    </message>
    <message>
        <source>No mitral valve opening is set: press Alt+O at the frame in which the valve opens.</source>
        <translation>Keine Mitralklappenöffnung gesetzt: Alt+O bei dem Bild drücken, in dem die Klappe öffnet.</translation>
    </message>
    <message>
        <source>No open checks.</source>
        <translation>Keine offenen Prüfungen.</translation>
    </message>
    <message>
        <source>No program of this system opens PDF files; install a PDF viewer.</source>
        <translation>Kein Programm dieses Systems öffnet PDF-Dateien; bitte einen PDF-Betrachter installieren.</translation>
    </message>
    <message>
        <source>No result rests on several views.</source>
        <translation>Kein Ergebnis beruht auf mehreren Ebenen.</translation>
    </message>
    <message>
        <source>No scale: calibrate…</source>
        <translation>Kein Maßstab: kalibrieren…</translation>
    </message>
    <message>
        <source>No short-axis contours in this study: open and contour its short-axis stack first.</source>
        <translation>Keine Kurzachsenkonturen in dieser Studie: zuerst ihren Kurzachsenstapel öffnen und konturieren.</translation>
    </message>
    <message>
        <source>No stages yet: choose a recording and set its stage. Results over views need two stages.</source>
        <translation>Noch keine Stufen: eine Aufnahme wählen und ihre Stufe setzen. Ergebnisse über Schnittebenen brauchen zwei Stufen.</translation>
    </message>
    <message>
        <source>No study fits: search for less, or check dates</source>
        <translation>Keine Studie passt: weniger angeben oder Daten prüfen</translation>
    </message>
    <message>
        <source>No study of the worklist is unread</source>
        <translation>Keine Studie der Arbeitsliste ist ungelesen</translation>
    </message>
    <message>
        <source>No value can be compared: none of the same kind and view is measured in both studies.</source>
        <translation>Kein Wert ist vergleichbar: In beiden Studien ist keiner derselben Art und Schnittebene gemessen.</translation>
    </message>
    <message>
        <source>No view could be named: name the views of one stage first; others follow by their view numbers.</source>
        <translation>Kein Schnitt konnte benannt werden: zuerst die Schnitte einer Stufe benennen; die anderen folgen nach ihren Nummern.</translation>
    </message>
    <message>
        <source>No volume curve</source>
        <translation>Keine Volumenkurve</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>Normal /m²</source>
        <translation>Normal /m²</translation>
    </message>
    <message>
        <source>Not accepted, since their checks are open: {names}.</source>
        <translation>Nicht angenommen, da ihre Prüfungen offen sind: {names}.</translation>
    </message>
    <message>
        <source>Not analysed</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Not available: {why}</source>
        <translation>Nicht verfügbar: {why}</translation>
    </message>
    <message>
        <source>Not contoured automatically: {how}.</source>
        <translation>Nicht automatisch konturiert: {how}.</translation>
    </message>
    <message>
        <source>Not contoured: measure with the calliper.</source>
        <translation>Nicht konturiert: mit „Ausmessen“ messen.</translation>
    </message>
    <message>
        <source>Not found in {beats} of the beats.</source>
        <translation>In {beats} der Schläge nicht gefunden.</translation>
    </message>
    <message>
        <source>Not measured: {why}.</source>
        <translation>Nicht gemessen: {why}.</translation>
    </message>
    <message>
        <source>Not scored</source>
        <translation>Nicht beurteilt</translation>
    </message>
    <message>
        <source>Not verified: {files}</source>
        <translation>Nicht geprüft: {files}</translation>
    </message>
    <message>
        <source>Nothing in this study is measured, so there is nothing to report.</source>
        <translation>In dieser Untersuchung ist nichts gemessen, also gibt es nichts zu befunden.</translation>
    </message>
    <message>
        <source>Nothing is measured, nothing is stored</source>
        <translation>Nichts wird gemessen, nichts wird gespeichert</translation>
    </message>
    <message>
        <source>Nothing is measured; saved to {folder}</source>
        <translation>Nichts wird gemessen; gespeichert in {folder}</translation>
    </message>
    <message>
        <source>Nothing of this can be written yet</source>
        <translation>Davon kann noch nichts geschrieben werden</translation>
    </message>
    <message>
        <source>Nudge contour down</source>
        <translation>Kontur nach unten schieben</translation>
    </message>
    <message>
        <source>Nudge contour left</source>
        <translation>Kontur nach links schieben</translation>
    </message>
    <message>
        <source>Nudge contour right</source>
        <translation>Kontur nach rechts schieben</translation>
    </message>
    <message>
        <source>Nudge contour up</source>
        <translation>Kontur nach oben schieben</translation>
    </message>
    <message>
        <source>O, other</source>
        <translation>D, divers</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>Objekt</translation>
    </message>
    <message>
        <source>Of frame</source>
        <translation>Zu Bild</translation>
    </message>
    <message>
        <source>One beat</source>
        <translation>Ein Schlag</translation>
    </message>
    <message>
        <source>One tile or slice alone, or all</source>
        <translation>Eine Kachel oder Schicht allein, oder alle</translation>
    </message>
    <message>
        <source>Only changes by people</source>
        <translation>Nur Änderungen von Personen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Open PDF…</source>
        <translation>PDF öffnen…</translation>
    </message>
    <message>
        <source>Open a recording</source>
        <translation>Aufnahme öffnen</translation>
    </message>
    <message>
        <source>Open a study to sign it.</source>
        <translation>Zum Unterschreiben eine Studie öffnen.</translation>
    </message>
    <message>
        <source>Open all recordings of a folder</source>
        <translation>Alle Aufnahmen eines Ordners öffnen</translation>
    </message>
    <message>
        <source>Open checks</source>
        <translation>Offene Prüfungen</translation>
    </message>
    <message>
        <source>Open checks are listed in the report.</source>
        <translation>Offene Prüfungen stehen im Bericht.</translation>
    </message>
    <message>
        <source>Open demo</source>
        <translation>Demo öffnen</translation>
    </message>
    <message>
        <source>Open file…</source>
        <translation>Datei öffnen…</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>Open from archive</source>
        <translation>Aus Archiv öffnen</translation>
    </message>
    <message>
        <source>Open from archive…</source>
        <translation>Aus Archiv öffnen…</translation>
    </message>
    <message>
        <source>Open next unread</source>
        <translation>Nächste ungelesene</translation>
    </message>
    <message>
        <source>Open next unread study</source>
        <translation>Nächste ungelesene Studie öffnen</translation>
    </message>
    <message>
        <source>Open recordings</source>
        <translation>Aufnahmen öffnen</translation>
    </message>
    <message>
        <source>Open the next study that has not been read, in the order of the list</source>
        <translation>Die nächste Studie öffnen, die noch nicht befundet wurde, in der Reihenfolge der Liste</translation>
    </message>
    <message>
        <source>Open the report</source>
        <translation>Den Bericht öffnen</translation>
    </message>
    <message>
        <source>Opening a study</source>
        <translation>Öffnen einer Untersuchung</translation>
    </message>
    <message>
        <source>Opening {name}</source>
        <translation>{name} wird geöffnet</translation>
    </message>
    <message>
        <source>Opens in the PDF viewer of the system.</source>
        <translation>Öffnet sich im PDF-Betrachter des Systems.</translation>
    </message>
    <message>
        <source>Other folder…</source>
        <translation>Anderer Ordner…</translation>
    </message>
    <message>
        <source>Other name…</source>
        <translation>Anderer Name…</translation>
    </message>
    <message>
        <source>Other systems</source>
        <translation>Andere Systeme</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Outline as a whole</source>
        <translation>Kontur als Ganzes</translation>
    </message>
    <message>
        <source>Overlap with the labels (Dice): median {middle}, least {least}</source>
        <translation>Überlappung mit den Labels (Dice): Median {middle}, kleinste {least}</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Page width</source>
        <translation>Seitenbreite</translation>
    </message>
    <message>
        <source>Pages of the guide</source>
        <translation>Seiten des Handbuchs</translation>
    </message>
    <message>
        <source>Pages of the report</source>
        <translation>Seiten des Berichts</translation>
    </message>
    <message>
        <source>Paper</source>
        <translation>Papier</translation>
    </message>
    <message>
        <source>Paper: as template</source>
        <translation>Papier: wie Vorlage</translation>
    </message>
    <message>
        <source>Papillaries</source>
        <translation>Papillarmuskeln</translation>
    </message>
    <message>
        <source>Papillary muscles</source>
        <translation>Papillarmuskeln</translation>
    </message>
    <message>
        <source>Partly</source>
        <translation>Teilweise</translation>
    </message>
    <message>
        <source>Partly accepted</source>
        <translation>Teils angenommen</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Patient</source>
        <translation>Patient</translation>
    </message>
    <message>
        <source>Patient unknown</source>
        <translation>Patient unbekannt</translation>
    </message>
    <message>
        <source>Patient: unknown</source>
        <translation>Patient/in: unbekannt</translation>
    </message>
    <message>
        <source>Patient…</source>
        <translation>Patient…</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Phase</source>
        <translation>Phase</translation>
    </message>
    <message>
        <source>Phase {number}</source>
        <translation>Phase {number}</translation>
    </message>
    <message>
        <source>Phase {phase}: base slice {base}, apex slice {apex}</source>
        <translation>Phase {phase}: basale Schicht {base}, apikale Schicht {apex}</translation>
    </message>
    <message>
        <source>Pipe or recording</source>
        <translation>Pipe oder Aufnahme</translation>
    </message>
    <message>
        <source>Pipe or recording…</source>
        <translation>Pipe oder Aufnahme…</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Play forth and back</source>
        <translation>Vor und zurück abspielen</translation>
    </message>
    <message>
        <source>Play one beat, or all</source>
        <translation>Einen Herzschlag abspielen, oder alle</translation>
    </message>
    <message>
        <source>Play or pause  (Space)</source>
        <translation>Abspielen oder anhalten  (Leertaste)</translation>
    </message>
    <message>
        <source>Play or stop</source>
        <translation>Abspielen oder anhalten</translation>
    </message>
    <message>
        <source>Play the beat on screen again and again  (Shift+Space)</source>
        <translation>Den Schlag am Bildschirm immer wieder abspielen  (Umschalt+Leertaste)</translation>
    </message>
    <message>
        <source>Playback speed</source>
        <translation>Abspielgeschwindigkeit</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Punkte</translation>
    </message>
    <message>
        <source>Points are evenly spaced at ED (frame {frame}): place them at another frame.</source>
        <translation>Bei ED (Bild {frame}) liegen die Punkte in gleichen Abständen: in einem anderen Bild versetzen.</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Precision of contour networks</source>
        <translation>Genauigkeit der Konturnetze</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Preferences…</source>
        <translation>Einstellungen …</translation>
    </message>
    <message>
        <source>Press Open demo. Your own files and folders open by the buttons beside it, or by dropping them on the window; Kinecor analyses them by itself.</source>
        <translation>Drücken Sie Demo öffnen. Ihre eigenen Dateien und Ordner öffnen Sie mit den Knöpfen daneben, oder Sie ziehen sie auf das Fenster; Kinecor wertet sie von selbst aus.</translation>
    </message>
    <message>
        <source>Press Report, or Ctrl+4: the pages as they will be printed. Ctrl+E saves them as PDF; Ctrl+Shift+E exports films, tables, contours, masks and DICOM objects.</source>
        <translation>Drücken Sie Bericht oder Strg+4: die Seiten, wie sie gedruckt werden. Strg+E speichert sie als PDF; Strg+Umschalt+E exportiert Filme, Tabellen, Konturen, Masken und DICOM-Objekte.</translation>
    </message>
    <message>
        <source>Press a key</source>
        <translation>Taste drücken</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>Previous recording</source>
        <translation>Vorige Aufnahme</translation>
    </message>
    <message>
        <source>Prior</source>
        <translation>Vorstudie</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Datenschutz</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>Propagate</source>
        <translation>Übertragen</translation>
    </message>
    <message>
        <source>Propagate corrections to all frames</source>
        <translation>Korrekturen auf alle Bilder übertragen</translation>
    </message>
    <message>
        <source>Propagate corrections to the neighbouring slices, too</source>
        <translation>Korrekturen auch auf die Nachbarschichten übertragen</translation>
    </message>
    <message>
        <source>Propagate the contours through the cycle</source>
        <translation>Konturen durch den Zyklus übertragen</translation>
    </message>
    <message>
        <source>Propagate to 1 frame (R)</source>
        <translation>Auf 1 Bild übertragen (R)</translation>
    </message>
    <message>
        <source>Propagate to 1 phase (R)</source>
        <translation>Auf 1 Phase übertragen (R)</translation>
    </message>
    <message>
        <source>Propagate to {n} frames (R)</source>
        <translation>Auf {n} Bilder übertragen (R)</translation>
    </message>
    <message>
        <source>Propagate to {n} phases (R)</source>
        <translation>Auf {n} Phasen übertragen (R)</translation>
    </message>
    <message>
        <source>Propagating</source>
        <translation>Wird übertragen</translation>
    </message>
    <message>
        <source>Provenance</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Pseudonym {name}; {dates}. The key {key} gives the same pseudonym every time.</source>
        <translation>Pseudonym {name}; {dates}. Der Schlüssel {key} ergibt stets dasselbe Pseudonym.</translation>
    </message>
    <message>
        <source>Push</source>
        <translation>Schieben</translation>
    </message>
    <message>
        <source>Push (U)</source>
        <translation>Schieben (U)</translation>
    </message>
    <message>
        <source>Push with a round brush</source>
        <translation>Mit rundem Pinsel schieben</translation>
    </message>
    <message>
        <source>Push · radius {radius} mm</source>
        <translation>Schieben · Radius {radius} mm</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>RV BASE</source>
        <translation>RV-BASIS</translation>
    </message>
    <message>
        <source>RV base: automatic (all RV contours)</source>
        <translation>RV-Basis: automatisch (alle RV-Konturen)</translation>
    </message>
    <message>
        <source>Rates and body</source>
        <translation>Raten und Körper</translation>
    </message>
    <message>
        <source>Rates and times</source>
        <translation>Raten und Zeiten</translation>
    </message>
    <message>
        <source>Read a number</source>
        <translation>Einen Wert lesen</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>Lesen</translation>
    </message>
    <message>
        <source>Reading was cancelled.</source>
        <translation>Das Lesen wurde abgebrochen.</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Wird gelesen…</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Receive</source>
        <translation>Empfangen</translation>
    </message>
    <message>
        <source>Receive…</source>
        <translation>Empfangen…</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Redraw</source>
        <translation>Nachziehen</translation>
    </message>
    <message>
        <source>Redraw (I)</source>
        <translation>Nachziehen (I)</translation>
    </message>
    <message>
        <source>Redraw a stretch</source>
        <translation>Ein Stück nachziehen</translation>
    </message>
    <message>
        <source>Redraw: draw the wall from contour to contour</source>
        <translation>Nachziehen: die Wand von Kontur zu Kontur zeichnen</translation>
    </message>
    <message>
        <source>Reduced</source>
        <translation>Vermindert</translation>
    </message>
    <message>
        <source>Referrer</source>
        <translation>Zuweiser/in</translation>
    </message>
    <message>
        <source>Reject {value}</source>
        <translation>{value} ablehnen</translation>
    </message>
    <message>
        <source>Remark, printed with the signature</source>
        <translation>Bemerkung, mit der Unterschrift gedruckt</translation>
    </message>
    <message>
        <source>Reset all keys</source>
        <translation>Alle Tasten zurücksetzen</translation>
    </message>
    <message>
        <source>S&apos;</source>
        <translation>S&apos;</translation>
    </message>
    <message>
        <source>SV LVOT</source>
        <translation>SV LVOT</translation>
    </message>
    <message>
        <source>Save tables and PDF…</source>
        <translation>Tabellen und PDF speichern…</translation>
    </message>
    <message>
        <source>Saved studies</source>
        <translation>Gespeicherte Studien</translation>
    </message>
    <message>
        <source>Saved study</source>
        <translation>Gespeicherte Studie</translation>
    </message>
    <message>
        <source>Saved study, for Kinecor on other computers: every edit, author, signature</source>
        <translation>Gespeicherte Studie, für Kinecor auf anderen Rechnern: alle Bearbeitungen, Autoren, Unterschrift</translation>
    </message>
    <message>
        <source>Section</source>
        <translation>Abschnitt</translation>
    </message>
    <message>
        <source>Series that are being opened</source>
        <translation>Serien, die geöffnet werden</translation>
    </message>
    <message>
        <source>Short-axis slices</source>
        <translation>Kurzachsenschichten</translation>
    </message>
    <message>
        <source>Show beside:</source>
        <translation>Zeigen neben:</translation>
    </message>
    <message>
        <source>Slices next to the selected one</source>
        <translation>Schichten neben der gewählten</translation>
    </message>
    <message>
        <source>Slices, too</source>
        <translation>Auch Schichten</translation>
    </message>
    <message>
        <source>Slope</source>
        <translation>Abfall</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Spectrum: click a peak for its velocity; drag from a peak along its slope.</source>
        <translation>Spektrum: einen Gipfel anklicken misst die Geschwindigkeit; vom Gipfel entlang des Abfalls ziehen misst seine Zeit.</translation>
    </message>
    <message>
        <source>States that are listed</source>
        <translation>Stände, die aufgeführt werden</translation>
    </message>
    <message>
        <source>Stop analysing</source>
        <translation>Analyse anhalten</translation>
    </message>
    <message>
        <source>Stop and play</source>
        <translation>Anhalten und abspielen</translation>
    </message>
    <message>
        <source>Strain by segment</source>
        <translation>Strain je Segment</translation>
    </message>
    <message>
        <source>Strain curves</source>
        <translation>Strain-Kurven</translation>
    </message>
    <message>
        <source>Strain is being computed…</source>
        <translation>Strain wird berechnet…</translation>
    </message>
    <message>
        <source>Studies: {n}, unread: {unread}</source>
        <translation>Studien: {n}, ungelesen: {unread}</translation>
    </message>
    <message>
        <source>Study files read</source>
        <translation>Gelesene Studiendateien</translation>
    </message>
    <message>
        <source>TR PG</source>
        <translation>TI PG</translation>
    </message>
    <message>
        <source>TR Vmax</source>
        <translation>TI Vmax</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>Vorlage</translation>
    </message>
    <message>
        <source>Temporary files</source>
        <translation>Temporäre Dateien</translation>
    </message>
    <message>
        <source>Text of the report</source>
        <translation>Text des Berichts</translation>
    </message>
    <message>
        <source>The chosen method analyses the recording again. The result is one step that can be undone.</source>
        <translation>Das gewählte Verfahren wertet die Aufnahme erneut aus. Das Ergebnis ist ein Schritt, der rückgängig gemacht werden kann.</translation>
    </message>
    <message>
        <source>The comparison with the earlier study is not part of what was signed.</source>
        <translation>Der Vergleich mit der früheren Studie ist nicht Teil dessen, was unterschrieben wurde.</translation>
    </message>
    <message>
        <source>The curve is being computed</source>
        <translation>Die Kurve wird berechnet</translation>
    </message>
    <message>
        <source>The loop plays. Press Space to stop it, and Space again to play; the arrow keys go from frame to frame.</source>
        <translation>Der Loop läuft. Die Leertaste hält ihn an und spielt ihn wieder ab; die Pfeiltasten gehen von Bild zu Bild.</translation>
    </message>
    <message>
        <source>The report is being made …</source>
        <translation>Der Bericht wird erstellt …</translation>
    </message>
    <message>
        <source>The report is made once and kept as it is signed. Afterwards nothing can be changed without an addendum that gives the reason.</source>
        <translation>Der Bericht wird einmal erstellt und so aufbewahrt, wie er unterschrieben wird. Danach kann nichts mehr ohne einen Nachtrag geändert werden, der den Grund nennt.</translation>
    </message>
    <message>
        <source>The signed studies in {folder} are being read and verified …</source>
        <translation>Die unterschriebenen Studien in {folder} werden gelesen und geprüft …</translation>
    </message>
    <message>
        <source>The study changed while its report was being made: look at it, then sign it again.</source>
        <translation>Die Studie änderte sich, während ihr Bericht erstellt wurde: ansehen und dann erneut unterschreiben.</translation>
    </message>
    <message>
        <source>The study is signed: the pages are the report that was signed. It changes by an addendum only.</source>
        <translation>Die Studie ist unterschrieben: Die Seiten sind der Bericht, der unterschrieben wurde. Er ändert sich nur durch einen Nachtrag.</translation>
    </message>
    <message>
        <source>The study is still being analysed</source>
        <translation>Die Studie wird noch ausgewertet</translation>
    </message>
    <message>
        <source>These images are only shown: nothing is drawn or measured on them.</source>
        <translation>Diese Bilder werden nur gezeigt: Auf ihnen wird nichts gezeichnet oder gemessen.</translation>
    </message>
    <message>
        <source>Tracing…</source>
        <translation>Wird nachgezeichnet…</translation>
    </message>
    <message>
        <source>Two labels stand for the same part: choose one of them.</source>
        <translation>Zwei Labels stehen für denselben Teil: eines davon wählen.</translation>
    </message>
    <message>
        <source>Two methods side by side</source>
        <translation>Zwei Verfahren nebeneinander</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>Einheit</translation>
    </message>
    <message>
        <source>Unread</source>
        <translation>Ungelesen</translation>
    </message>
    <message>
        <source>Use corrected calibration ({spacing})</source>
        <translation>Korrigierte Kalibrierung verwenden ({spacing})</translation>
    </message>
    <message>
        <source>Use this</source>
        <translation>Dieses verwenden</translation>
    </message>
    <message>
        <source>Use this key</source>
        <translation>Diese Taste verwenden</translation>
    </message>
    <message>
        <source>VTI</source>
        <translation>VTI</translation>
    </message>
    <message>
        <source>VTI: draw along the envelope, or click along it; a double click ends it.</source>
        <translation>VTI: entlang der Hüllkurve ziehen oder klicken; ein Doppelklick beendet sie.</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>Valve plane, drag: solid ED, dashed ES, thin phase {phase}</source>
        <translation>Klappenebene, ziehen: durchgezogen ED, gestrichelt ES, dünn Phase {phase}</translation>
    </message>
    <message>
        <source>Velocity</source>
        <translation>Geschwindigkeit</translation>
    </message>
    <message>
        <source>View unknown</source>
        <translation>Schnitt unbekannt</translation>
    </message>
    <message>
        <source>View unknown: choose</source>
        <translation>Schnitt unbekannt: wählen</translation>
    </message>
    <message>
        <source>View?</source>
        <translation>Ansicht?</translation>
    </message>
    <message>
        <source>Volume curve</source>
        <translation>Volumenkurve</translation>
    </message>
    <message>
        <source>Wall motion by segment</source>
        <translation>Wandbewegung je Segment</translation>
    </message>
    <message>
        <source>Watch a folder: each folder in it is a study</source>
        <translation>Einen Ordner überwachen: Jeder Ordner darin ist eine Studie</translation>
    </message>
    <message>
        <source>Watch a folder…</source>
        <translation>Ordner überwachen…</translation>
    </message>
    <message>
        <source>Watched: {path}</source>
        <translation>Überwacht: {path}</translation>
    </message>
    <message>
        <source>Wheel on a curve</source>
        <translation>Mausrad auf einer Kurve</translation>
    </message>
    <message>
        <source>Which files the messages are about</source>
        <translation>Um welche Dateien es in den Meldungen geht</translation>
    </message>
    <message>
        <source>Withheld for the same reason</source>
        <translation>Ebenso zurückgehalten</translation>
    </message>
    <message>
        <source>Worklist</source>
        <translation>Arbeitsliste</translation>
    </message>
    <message>
        <source>Written: agreement.csv, agreement.json and agreement.pdf in {folder}</source>
        <translation>Geschrieben: agreement.csv, agreement.json und agreement.pdf in {folder}</translation>
    </message>
    <message>
        <source>YYYY-MM-DD</source>
        <translation>TT.MM.JJJJ</translation>
    </message>
    <message>
        <source>analysed: {n} of {total}</source>
        <translation>analysiert: {n} von {total}</translation>
    </message>
    <message>
        <source>apex {number}</source>
        <translation>Apex {number}</translation>
    </message>
    <message>
        <source>basal slice of the right ventricle</source>
        <translation>basale Schicht des rechten Ventrikels</translation>
    </message>
    <message>
        <source>base {number}</source>
        <translation>Basis {number}</translation>
    </message>
    <message>
        <source>being analysed</source>
        <translation>wird analysiert</translation>
    </message>
    <message>
        <source>doubtful: {frames}</source>
        <translation>zweifelhaft: {frames}</translation>
    </message>
    <message>
        <source>e&apos; lat.</source>
        <translation>e&apos; lat.</translation>
    </message>
    <message>
        <source>e&apos; sept.</source>
        <translation>e&apos; sept.</translation>
    </message>
    <message>
        <source>enlarge a span of time; a double click shows all of it</source>
        <translation>eine Zeitspanne vergrößern; ein Doppelklick zeigt wieder alles</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>measurement error not known</source>
        <translation>Messfehler unbekannt</translation>
    </message>
    <message>
        <source>measurement error {limit}</source>
        <translation>Messfehler {limit}</translation>
    </message>
    <message>
        <source>no contours</source>
        <translation>keine Konturen</translation>
    </message>
    <message>
        <source>no doubtful frame</source>
        <translation>kein zweifelhaftes Bild</translation>
    </message>
    <message>
        <source>no folder</source>
        <translation>kein Ordner</translation>
    </message>
    <message>
        <source>no recording</source>
        <translation>keine Aufnahme</translation>
    </message>
    <message>
        <source>no scale: Measure &gt; Calibrate (Shift+K) gives one</source>
        <translation>kein Maßstab: Messen &gt; Mit zwei Punkten kalibrieren (Umschalt+K)</translation>
    </message>
    <message>
        <source>within measurement error ({limit})</source>
        <translation>innerhalb des Messfehlers ({limit})</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>1 open check:</source>
        <translation>1 offene Prüfung:</translation>
    </message>
    <message>
        <source>! No sector is found, so text and tissue cannot be separated. This is what the copy would show ({n} % is blanked): without your confirmation there is none.</source>
        <translation>! Es ist kein Sektor zu finden, Text und Gewebe lassen sich also nicht trennen. Das würde die Kopie zeigen ({n} % sind geschwärzt): Ohne Ihre Bestätigung gibt es keine.</translation>
    </message>
    <message>
        <source>! beyond measurement error ({limit})</source>
        <translation>! größer als der Messfehler ({limit})</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>Zur Kenntnis genommen</translation>
    </message>
    <message>
        <source>All frames, the brightest of each pixel.</source>
        <translation>Alle Bilder, von jedem Pixel das hellste.</translation>
    </message>
    <message>
        <source>B: the selected slice is the base at this phase; Shift+B: at all phases
A: the selected slice is the apex at this phase; Shift+A: at all phases
Ctrl+Shift+X: exchange base and apex of a stack that is upside down
X: exclude the selected slice. Right-click on a slice for more.</source>
        <translation>B: Die gewählte Schicht ist in dieser Phase die Basis; Umschalt+B: in allen Phasen
A: Die gewählte Schicht ist in dieser Phase der Apex; Umschalt+A: in allen Phasen
Strg+Umschalt+X: Basis und Apex eines Stapels tauschen, der auf dem Kopf steht
X: Die gewählte Schicht ausschließen. Mehr mit Rechtsklick auf eine Schicht.</translation>
    </message>
    <message>
        <source>Click two points of the image and state their distance  (Shift+K)</source>
        <translation>Zwei Punkte im Bild anklicken und ihren Abstand angeben  (Umschalt+K)</translation>
    </message>
    <message>
        <source>Frame {n}.</source>
        <translation>Bild {n}.</translation>
    </message>
    <message>
        <source>I have looked at all frames: nothing in them names a person</source>
        <translation>Ich habe alle Bilder angesehen: Nichts darin nennt eine Person</translation>
    </message>
    <message>
        <source>Language: as template or window</source>
        <translation>Sprache: wie Vorlage oder Fenster</translation>
    </message>
    <message>
        <source>No text is found; its pixels stay as they are.</source>
        <translation>Es ist kein Text zu finden; die Pixel bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>Hinweise</translation>
    </message>
    <message>
        <source>Open sample clip</source>
        <translation>Beispielclip öffnen</translation>
    </message>
    <message>
        <source>Points of the wall are placed where motion was followed.</source>
        <translation>Wandpunkte werden dort versetzt, wo die Bewegung verfolgt wurde.</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Reader name, recorded with your edits</source>
        <translation>Name des Befunders, wird mit Ihren Änderungen gespeichert</translation>
    </message>
    <message>
        <source>Remember recent files and grey windows</source>
        <translation>Zuletzt geöffnete Dateien und Graufenster merken</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove LV contours, all phases</source>
        <translation>LV-Konturen entfernen, alle Phasen</translation>
    </message>
    <message>
        <source>Remove LV contours, this phase</source>
        <translation>LV-Konturen entfernen, diese Phase</translation>
    </message>
    <message>
        <source>Remove RV contours, all phases</source>
        <translation>RV-Konturen entfernen, alle Phasen</translation>
    </message>
    <message>
        <source>Remove RV contours, this phase</source>
        <translation>RV-Konturen entfernen, diese Phase</translation>
    </message>
    <message>
        <source>Remove all contours</source>
        <translation>Alle Konturen entfernen</translation>
    </message>
    <message>
        <source>Remove contours of this frame</source>
        <translation>Konturen dieses Bildes entfernen</translation>
    </message>
    <message>
        <source>Reopen</source>
        <translation>Wieder öffnen</translation>
    </message>
    <message>
        <source>Replace all</source>
        <translation>Alles ersetzen</translation>
    </message>
    <message>
        <source>Replace your text with the automatic sentence</source>
        <translation>Eigenen Text durch den automatischen Satz ersetzen</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Report (PDF)</source>
        <translation>Bericht (PDF)</translation>
    </message>
    <message>
        <source>Report text</source>
        <translation>Befundtext</translation>
    </message>
    <message>
        <source>Report written to {path}</source>
        <translation>Bericht gespeichert: {path}</translation>
    </message>
    <message>
        <source>Research use only - not for diagnosis</source>
        <translation>Nur für Forschungszwecke - nicht zur Diagnose</translation>
    </message>
    <message>
        <source>Reset layout</source>
        <translation>Anordnung zurücksetzen</translation>
    </message>
    <message>
        <source>Resolve</source>
        <translation>Lösen</translation>
    </message>
    <message>
        <source>Rest is {rest}, peak is {peak}: the report compares them.</source>
        <translation>Ruhe ist {rest}, Belastungsspitze ist {peak}: der Bericht vergleicht beide.</translation>
    </message>
    <message>
        <source>Rest normal</source>
        <translation>Übrige normal</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>Retrieve and open</source>
        <translation>Abrufen und öffnen</translation>
    </message>
    <message>
        <source>Retrieve by</source>
        <translation>Abruf mit</translation>
    </message>
    <message>
        <source>Retrieved to {path}</source>
        <translation>Abgerufen nach {path}</translation>
    </message>
    <message>
        <source>Retrieving from {name}</source>
        <translation>Abruf von {name}</translation>
    </message>
    <message>
        <source>Retrieving one image…</source>
        <translation>Ein Bild wird abgerufen…</translation>
    </message>
    <message>
        <source>Return goes to the next place, Shift+Return to the one before</source>
        <translation>Eingabe geht zur nächsten Stelle, Umschalt+Eingabe zur vorigen</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>Ansehen</translation>
    </message>
    <message>
        <source>Right click</source>
        <translation>Rechtsklick</translation>
    </message>
    <message>
        <source>Right ventricle</source>
        <translation>Rechter Ventrikel</translation>
    </message>
    <message>
        <source>Right-drag</source>
        <translation>Mit rechter Taste ziehen</translation>
    </message>
    <message>
        <source>SAX</source>
        <translation>SAX</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Save layout as…</source>
        <translation>Anordnung speichern als …</translation>
    </message>
    <message>
        <source>Saved layouts</source>
        <translation>Gespeicherte Anordnungen</translation>
    </message>
    <message>
        <source>Saved studies stay until their files are removed. Temporary files are removed when a recording is closed, and after a crash at the next start.</source>
        <translation>Gespeicherte Studien bleiben, bis ihre Dateien entfernt werden. Temporäre Dateien werden entfernt, wenn eine Aufnahme geschlossen wird, nach einem Absturz beim nächsten Start.</translation>
    </message>
    <message>
        <source>Saved.</source>
        <translation>Gespeichert.</translation>
    </message>
    <message>
        <source>Score the segments without a score as normal</source>
        <translation>Segmente ohne Beurteilung als normal beurteilen</translation>
    </message>
    <message>
        <source>Score wall motion in place of the segments&apos; strain</source>
        <translation>Wandbewegung beurteilen, statt den Strain der Segmente zu zeigen</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Searching {name}…</source>
        <translation>{name} wird durchsucht…</translation>
    </message>
    <message>
        <source>Segmentations (SEG)</source>
        <translation>Segmentierungen (SEG)</translation>
    </message>
    <message>
        <source>Segments and bull&apos;s-eye are exploratory: not for routine use (ASE/EACVI 2025).</source>
        <translation>Segmente und Bull&apos;s-Eye sind explorativ: nicht für die Routine (ASE/EACVI 2025).</translation>
    </message>
    <message>
        <source>Segments of the bull&apos;s-eye</source>
        <translation>Segmente des Bull&apos;s-Eye</translation>
    </message>
    <message>
        <source>Segments of wall motion</source>
        <translation>Segmente der Wandbewegung</translation>
    </message>
    <message>
        <source>Select</source>
        <translation>Auswählen</translation>
    </message>
    <message>
        <source>Select a series to see an image of it</source>
        <translation>Eine Serie wählen, um ein Bild daraus zu sehen</translation>
    </message>
    <message>
        <source>Select and drag</source>
        <translation>Auswählen und ziehen</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Send to archive</source>
        <translation>An Archiv senden</translation>
    </message>
    <message>
        <source>Send to archive…</source>
        <translation>An Archiv senden…</translation>
    </message>
    <message>
        <source>Sending to {name}…</source>
        <translation>Senden an {name}…</translation>
    </message>
    <message>
        <source>Sent {n} of {total}</source>
        <translation>{n} von {total} gesendet</translation>
    </message>
    <message>
        <source>Series {n}</source>
        <translation>Serie {n}</translation>
    </message>
    <message>
        <source>Set ED here</source>
        <translation>ED hier setzen</translation>
    </message>
    <message>
        <source>Set ES here</source>
        <translation>ES hier setzen</translation>
    </message>
    <message>
        <source>Set RV base slice</source>
        <translation>Basale Schicht des RV setzen</translation>
    </message>
    <message>
        <source>Set RV base slice, all phases</source>
        <translation>Basale Schicht des RV setzen, alle Phasen</translation>
    </message>
    <message>
        <source>Set anterior RV insertion here</source>
        <translation>Vordere RV-Insertion hier setzen</translation>
    </message>
    <message>
        <source>Set apex slice</source>
        <translation>Apikale Schicht setzen</translation>
    </message>
    <message>
        <source>Set apex slice, all phases</source>
        <translation>Apikale Schicht setzen, alle Phasen</translation>
    </message>
    <message>
        <source>Set base slice</source>
        <translation>Basale Schicht setzen</translation>
    </message>
    <message>
        <source>Set base slice, all phases</source>
        <translation>Basale Schicht setzen, alle Phasen</translation>
    </message>
    <message>
        <source>Set or clear aortic valve closure here</source>
        <translation>Aortenklappenschluss hier setzen oder löschen</translation>
    </message>
    <message>
        <source>Set or clear mitral valve opening here</source>
        <translation>Mitralklappenöffnung hier setzen oder löschen</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation>Geschlecht</translation>
    </message>
    <message>
        <source>Shift-drag</source>
        <translation>Umschalt-Ziehen</translation>
    </message>
    <message>
        <source>Shift: the epicardium</source>
        <translation>Umschalt: das Epikard</translation>
    </message>
    <message>
        <source>Short axis</source>
        <translation>Kurzachse</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Show ECG…</source>
        <translation>EKG zeigen…</translation>
    </message>
    <message>
        <source>Show contours</source>
        <translation>Konturen zeigen</translation>
    </message>
    <message>
        <source>Sign</source>
        <translation>Unterschreiben</translation>
    </message>
    <message>
        <source>Sign the study</source>
        <translation>Studie unterschreiben</translation>
    </message>
    <message>
        <source>Sign the study…</source>
        <translation>Studie unterschreiben…</translation>
    </message>
    <message>
        <source>Signed</source>
        <translation>Unterschrieben</translation>
    </message>
    <message>
        <source>Signed, addendum open</source>
        <translation>Unterschrieben, Nachtrag offen</translation>
    </message>
    <message>
        <source>Single plane</source>
        <translation>Monoplan</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Überspringen</translation>
    </message>
    <message>
        <source>Slice shift {distance} mm</source>
        <translation>Versatz {distance} mm</translation>
    </message>
    <message>
        <source>Slice {number}</source>
        <translation>Schicht {number}</translation>
    </message>
    <message>
        <source>Slice {slice}, phase {phase}: {state}</source>
        <translation>Schicht {slice}, Phase {phase}: {state}</translation>
    </message>
    <message>
        <source>Smooth contour</source>
        <translation>Kontur glätten</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>St&amp;udy</source>
        <translation>St&amp;udie</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>Start receiving</source>
        <translation>Empfang starten</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Stand</translation>
    </message>
    <message>
        <source>Stop receiving</source>
        <translation>Empfang beenden</translation>
    </message>
    <message>
        <source>Stopped; what arrived is on this computer</source>
        <translation>Beendet; was ankam, ist auf diesem Rechner</translation>
    </message>
    <message>
        <source>Strain</source>
        <translation>Strain</translation>
    </message>
    <message>
        <source>Strain (%)</source>
        <translation>Strain (%)</translation>
    </message>
    <message>
        <source>Strain rate (1/s)</source>
        <translation>Strain-Rate (1/s)</translation>
    </message>
    <message>
        <source>Stress echo</source>
        <translation>Stressecho</translation>
    </message>
    <message>
        <source>Stress stages</source>
        <translation>Stress-Stufen</translation>
    </message>
    <message>
        <source>Stress stages are of loops: open a stress echo study first.</source>
        <translation>Stress-Stufen haben nur Schleifen: zuerst ein Stressecho öffnen.</translation>
    </message>
    <message>
        <source>Stress stages…</source>
        <translation>Stress-Stufen…</translation>
    </message>
    <message>
        <source>Striped red: blanked in all frames ({n} %): all but the sector, and text in it.</source>
        <translation>Rot gestreift: in allen Bildern geschwärzt ({n} %): alles außer dem Sektor, und Text darin.</translation>
    </message>
    <message>
        <source>Structured report</source>
        <translation>Strukturierter Befund</translation>
    </message>
    <message>
        <source>Structured report (SR)</source>
        <translation>Strukturierter Befund (SR)</translation>
    </message>
    <message>
        <source>Studies: {n}</source>
        <translation>Studien: {n}</translation>
    </message>
    <message>
        <source>Study</source>
        <translation>Studie</translation>
    </message>
    <message>
        <source>Study list</source>
        <translation>Studienliste</translation>
    </message>
    <message>
        <source>Subtract the linear drift, so that the curve returns to its start at the next end-diastole</source>
        <translation>Die lineare Drift abziehen, sodass die Kurve zur nächsten Enddiastole an ihren Anfang zurückkehrt</translation>
    </message>
    <message>
        <source>TLS</source>
        <translation>TLS</translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>Zurücknehmen</translation>
    </message>
    <message>
        <source>Take back the rejection</source>
        <translation>Ablehnung zurücknehmen</translation>
    </message>
    <message>
        <source>Template: default</source>
        <translation>Vorlage: Standard</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Testen</translation>
    </message>
    <message>
        <source>The PDF cannot be written to a temporary file: {reason}</source>
        <translation>Das PDF kann nicht in eine temporäre Datei geschrieben werden: {reason}</translation>
    </message>
    <message>
        <source>The beat that follows two beats of like length, for atrial fibrillation.</source>
        <translation>Der Schlag nach zwei Schlägen ähnlicher Länge, bei Vorhofflimmern.</translation>
    </message>
    <message>
        <source>The chosen network contours the recording again. The result is one step that can be undone.</source>
        <translation>Das gewählte Netz konturiert die Aufnahme neu. Das Ergebnis ist ein Schritt, der rückgängig gemacht werden kann.</translation>
    </message>
    <message>
        <source>The file has no calibration.</source>
        <translation>Die Datei hat keine Kalibrierung.</translation>
    </message>
    <message>
        <source>The frames you corrected stay as they are. All other frames take over the correction, in the wall&apos;s own coordinates. One step; Ctrl+Z undoes it.</source>
        <translation>Die korrigierten Bilder bleiben, wie sie sind. Alle anderen übernehmen die Korrektur, bezogen auf die Wand. Ein Schritt; Strg+Z macht ihn rückgängig.</translation>
    </message>
    <message>
        <source>The models are still computing values of this study: wait until they are done, or press Cancel.</source>
        <translation>Die Modelle berechnen noch Werte dieser Studie: warten, bis sie fertig sind, oder Abbrechen drücken.</translation>
    </message>
    <message>
        <source>The models are still computing: this value may change.</source>
        <translation>Die Modelle rechnen noch: dieser Wert kann sich ändern.</translation>
    </message>
    <message>
        <source>The reading changed while the analysis ran, so its result was discarded: analyse again.</source>
        <translation>Die Aufnahme wurde während der Auswertung bearbeitet, daher wurde ihr Ergebnis verworfen: erneut auswerten.</translation>
    </message>
    <message>
        <source>The report cannot be made.</source>
        <translation>Der Bericht kann nicht erstellt werden.</translation>
    </message>
    <message>
        <source>The scale of a stack comes from its file and cannot be set here.</source>
        <translation>Der Maßstab eines Stapels stammt aus seiner Datei und kann hier nicht gesetzt werden.</translation>
    </message>
    <message>
        <source>The source has ended; the last frame is shown.</source>
        <translation>Die Quelle ist zu Ende; das letzte Bild wird gezeigt.</translation>
    </message>
    <message>
        <source>The two become one recording with end-diastole and end-systole; Ctrl+Z takes them apart.</source>
        <translation>Die beiden werden eine Aufnahme mit Enddiastole und Endsystole; Strg+Z trennt sie wieder.</translation>
    </message>
    <message>
        <source>The volume curve shows no clear onset of filling: mark mitral valve opening by eye (Alt+O).</source>
        <translation>Die Volumenkurve zeigt keinen klaren Füllungsbeginn: Mitralklappenöffnung nach Augenmaß setzen (Alt+O).</translation>
    </message>
    <message>
        <source>There is no beat to play alone: ED is not marked, or the recording is one cycle.</source>
        <translation>Kein einzelner Schlag zum Abspielen: ED ist nicht markiert, oder die Aufnahme ist ein Zyklus.</translation>
    </message>
    <message>
        <source>There is no contour of the {structure} on this frame.</source>
        <translation>Auf diesem Bild fehlt die Kontur: {structure}.</translation>
    </message>
    <message>
        <source>There is no edit left to undo: the automatic analysis stays. To start from nothing, right-click on the image and remove all contours.</source>
        <translation>Es gibt keine Änderung mehr, die rückgängig gemacht werden kann: Die automatische Analyse bleibt. Um neu zu beginnen, klicken Sie rechts auf das Bild und entfernen alle Konturen.</translation>
    </message>
    <message>
        <source>There is nothing to export yet: open a recording first.</source>
        <translation>Noch kein Export möglich: zuerst eine Aufnahme öffnen.</translation>
    </message>
    <message>
        <source>There is nothing to propagate: correct a contour on one frame first.</source>
        <translation>Nichts zu übertragen: zuerst auf einem Bild eine Kontur korrigieren.</translation>
    </message>
    <message>
        <source>There is nothing to report yet: open a recording first.</source>
        <translation>Noch kein Bericht möglich: zuerst eine Aufnahme öffnen.</translation>
    </message>
    <message>
        <source>Thickening, %</source>
        <translation>Wandverdickung, %</translation>
    </message>
    <message>
        <source>Thickest</source>
        <translation>Dickstes</translation>
    </message>
    <message>
        <source>This frame with contours, PNG</source>
        <translation>Dieses Bild mit Konturen, PNG</translation>
    </message>
    <message>
        <source>This frame with contours, SVG</source>
        <translation>Dieses Bild mit Konturen, SVG</translation>
    </message>
    <message>
        <source>This is a single slice of cine MRI, which is measured as a stack of short-axis slices. If it is a long axis, choose its view (4CH, 2CH or 3CH) next to the recording.</source>
        <translation>Dies ist eine einzelne Schicht der Cine-MRT, die als Stapel von Kurzachsenschichten gemessen wird. Falls es eine lange Achse ist, ihre Schnittebene (4CH, 2CH oder 3CH) neben der Aufnahme wählen.</translation>
    </message>
    <message>
        <source>This is no earlier study of the same patient by patient ID, name and study date, so nothing is compared.</source>
        <translation>Nach Patienten-ID, Name und Datum ist dies keine frühere Studie desselben Patienten; es wird nichts verglichen.</translation>
    </message>
    <message>
        <source>This loop: {drift}</source>
        <translation>Diese Schleife: {drift}</translation>
    </message>
    <message>
        <source>This page is not part of the installed guide.</source>
        <translation>Diese Seite gehört nicht zum installierten Handbuch.</translation>
    </message>
    <message>
        <source>This recording has your corrections. Keep them?</source>
        <translation>Diese Aufnahme enthält Ihre Korrekturen. Behalten?</translation>
    </message>
    <message>
        <source>This study has no two stills to join: open the folder with both of them.</source>
        <translation>Diese Studie hat keine zwei Standbilder: den Ordner mit beiden öffnen.</translation>
    </message>
    <message>
        <source>This study was signed by {who} on {at} UTC: to change it, write an addendum with the reason; it then needs a new signature.</source>
        <translation>Diese Studie wurde von {who} am {at} UTC unterschrieben: Um sie zu ändern, einen Nachtrag mit dem Grund schreiben; sie braucht dann eine neue Unterschrift.</translation>
    </message>
    <message>
        <source>Tiles</source>
        <translation>Kacheln</translation>
    </message>
    <message>
        <source>Tiles: as last time</source>
        <translation>Kacheln: wie zuletzt</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Time, s</source>
        <translation>Zeit, s</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Bis</translation>
    </message>
    <message>
        <source>To resolve: {how}.</source>
        <translation>Zum Lösen: {how}.</translation>
    </message>
    <message>
        <source>Tools that do not fit</source>
        <translation>Werkzeuge ohne Platz in der Leiste</translation>
    </message>
    <message>
        <source>Tour of the window</source>
        <translation>Rundgang durch das Fenster</translation>
    </message>
    <message>
        <source>Trace</source>
        <translation>Umfahren</translation>
    </message>
    <message>
        <source>Trace (E)</source>
        <translation>Umfahren (E)</translation>
    </message>
    <message>
        <source>Trace LV endocardium here</source>
        <translation>LV-Endokard hier umfahren</translation>
    </message>
    <message>
        <source>Trace LV epicardium here</source>
        <translation>LV-Epikard hier umfahren</translation>
    </message>
    <message>
        <source>Trace RV endocardium here</source>
        <translation>RV-Endokard hier umfahren</translation>
    </message>
    <message>
        <source>Trace by three clicks</source>
        <translation>Mit drei Klicks umfahren</translation>
    </message>
    <message>
        <source>Trace left atrium here</source>
        <translation>Linken Vorhof hier umfahren</translation>
    </message>
    <message>
        <source>Trace long axis from short-axis contours</source>
        <translation>Längsachse aus Kurzachsenkonturen umfahren</translation>
    </message>
    <message>
        <source>Trace: click on both ends of the annulus, then on the apex</source>
        <translation>Umfahren: beide Enden des Anulus, dann den Apex anklicken</translation>
    </message>
    <message>
        <source>Trace: click on three places round the cavity</source>
        <translation>Umfahren: drei Stellen rund um das Cavum anklicken</translation>
    </message>
    <message>
        <source>Tracking points</source>
        <translation>Tracking-Punkte</translation>
    </message>
    <message>
        <source>Two points so near each other give no scale: draw a longer distance.</source>
        <translation>So nahe Punkte ergeben keinen Maßstab: eine längere Strecke zeichnen.</translation>
    </message>
    <message>
        <source>Two stills of one study are needed.</source>
        <translation>Zwei Standbilder einer Studie werden gebraucht.</translation>
    </message>
    <message>
        <source>Type here.</source>
        <translation>Hier schreiben.</translation>
    </message>
    <message>
        <source>URL</source>
        <translation>URL</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Use automatic</source>
        <translation>Automatischen Satz nehmen</translation>
    </message>
    <message>
        <source>Use {choice}</source>
        <translation>{choice} verwenden</translation>
    </message>
    <message>
        <source>Use {choice}, at {ms} ms</source>
        <translation>{choice} verwenden, bei {ms} ms</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>User guide</source>
        <translation>Benutzerhandbuch</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Values in blue follow the measurements; text you type stays.</source>
        <translation>Werte in Blau folgen den Messungen; eigener Text bleibt.</translation>
    </message>
    <message>
        <source>Valve plane, drag: solid ED, dashed ES</source>
        <translation>Klappenebene, ziehbar: ED durchgezogen, ES gestrichelt</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versionen</translation>
    </message>
    <message>
        <source>Vie&amp;w</source>
        <translation>Ans&amp;icht</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>View unknown. Click to choose another; Ctrl+Z undoes it.</source>
        <translation>Schnittebene unbekannt. Klicken, um eine zu wählen; Strg+Z macht es rückgängig.</translation>
    </message>
    <message>
        <source>View, set by {who}. Click to choose another; Ctrl+Z undoes it.</source>
        <translation>Schnittebene, gesetzt von {who}. Klicken, um eine andere zu wählen; Strg+Z macht es rückgängig.</translation>
    </message>
    <message>
        <source>Views and beats</source>
        <translation>Ebenen und Schläge</translation>
    </message>
    <message>
        <source>Volumes are not available.</source>
        <translation>Volumina sind nicht verfügbar.</translation>
    </message>
    <message>
        <source>Waiting for the first frame</source>
        <translation>Warten auf das erste Bild</translation>
    </message>
    <message>
        <source>Wall</source>
        <translation>Wand</translation>
    </message>
    <message>
        <source>Wall at ED, mm</source>
        <translation>Wand bei ED, mm</translation>
    </message>
    <message>
        <source>Wall at ES, mm</source>
        <translation>Wand bei ES, mm</translation>
    </message>
    <message>
        <source>Wall motion</source>
        <translation>Wandbewegung</translation>
    </message>
    <message>
        <source>Wall thickness</source>
        <translation>Wanddicke</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>Weight, kg</source>
        <translation>Gewicht, kg</translation>
    </message>
    <message>
        <source>What is changed is being determined…</source>
        <translation>Änderungen werden ermittelt…</translation>
    </message>
    <message>
        <source>What the bull&apos;s-eye shows</source>
        <translation>Was das Bull&apos;s-Eye zeigt</translation>
    </message>
    <message>
        <source>What the curves show</source>
        <translation>Was die Kurven zeigen</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Mausrad</translation>
    </message>
    <message>
        <source>Wheel while dragging</source>
        <translation>Mausrad beim Ziehen</translation>
    </message>
    <message>
        <source>Wheel: radius</source>
        <translation>Rad: Radius</translation>
    </message>
    <message>
        <source>Whether papillary muscles and trabeculae are part of the cavity or of the wall; printed with each measurement</source>
        <translation>Ob Papillarmuskeln und Trabekel zum Cavum oder zur Wand zählen; wird mit jedem Messwert gedruckt</translation>
    </message>
    <message>
        <source>Whole page</source>
        <translation>Ganze Seite</translation>
    </message>
    <message>
        <source>Wi&amp;ndow</source>
        <translation>&amp;Fenster</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>With an addendum the study can be changed and needs a new signature. The report prints the reason.</source>
        <translation>Mit einem Nachtrag kann die Studie geändert werden und braucht eine neue Unterschrift. Der Bericht nennt den Grund.</translation>
    </message>
    <message>
        <source>Write copies…</source>
        <translation>Kopien schreiben…</translation>
    </message>
    <message>
        <source>Writing copies…</source>
        <translation>Kopien werden geschrieben…</translation>
    </message>
    <message>
        <source>Writing the report</source>
        <translation>Bericht wird geschrieben</translation>
    </message>
    <message>
        <source>Written to {folder}; the list of changes is in the same folder</source>
        <translation>Gespeichert in {folder}; die Liste der Änderungen liegt daneben</translation>
    </message>
    <message>
        <source>Your recordings are never changed, and nothing is sent unless you say so. Readings are saved in {folder}. F1 opens the user guide at the page for what is on screen; this tour is in the menu Help.</source>
        <translation>Ihre Aufnahmen werden nie verändert, und nichts wird gesendet, außer Sie verlangen es. Auswertungen werden in {folder} gespeichert. F1 öffnet das Handbuch auf der Seite zu dem, was zu sehen ist; dieser Rundgang steht im Menü Hilfe.</translation>
    </message>
    <message>
        <source>a round brush moves the nearest contour; wheel: its radius; Shift: the epicardium</source>
        <translation>ein runder Pinsel verschiebt die nächste Kontur; Mausrad: Radius; Umschalt: das Epikard</translation>
    </message>
    <message>
        <source>and {number} more</source>
        <translation>und {number} weitere</translation>
    </message>
    <message>
        <source>and {n} more</source>
        <translation>und {n} weitere</translation>
    </message>
    <message>
        <source>aneurysm</source>
        <translation>Aneurysma</translation>
    </message>
    <message>
        <source>another recording or stage counts</source>
        <translation>eine andere Aufnahme oder Stufe zählt</translation>
    </message>
    <message>
        <source>another study of this patient</source>
        <translation>andere Untersuchung dieses Patienten</translation>
    </message>
    <message>
        <source>arriving</source>
        <translation>kommt an</translation>
    </message>
    <message>
        <source>as in the files</source>
        <translation>wie in den Dateien</translation>
    </message>
    <message>
        <source>as the system</source>
        <translation>wie das System</translation>
    </message>
    <message>
        <source>assumed</source>
        <translation>vermutet</translation>
    </message>
    <message>
        <source>at ES</source>
        <translation>bei ES</translation>
    </message>
    <message>
        <source>at end-systole</source>
        <translation>endsystolisch</translation>
    </message>
    <message>
        <source>at end-systole {strain}, peak {peak}</source>
        <translation>endsystolisch {strain}, Maximum {peak}</translation>
    </message>
    <message>
        <source>at the apex: lengthen or shorten; between the hinge points: move both alike</source>
        <translation>am Apex: verlängern oder verkürzen; zwischen den Ansatzpunkten: beide gleich verschieben</translation>
    </message>
    <message>
        <source>at the mitral valve</source>
        <translation>auf Höhe der Mitralklappe</translation>
    </message>
    <message>
        <source>at the papillary muscles</source>
        <translation>auf Höhe der Papillarmuskeln</translation>
    </message>
    <message>
        <source>basal and apical slice</source>
        <translation>basale und apikale Schicht</translation>
    </message>
    <message>
        <source>base expected: slice {places}</source>
        <translation>Basis erwartet: Schicht {places}</translation>
    </message>
    <message>
        <source>begins with; * and ? are wildcards</source>
        <translation>beginnt mit; * und ? sind Platzhalter</translation>
    </message>
    <message>
        <source>below the papillary muscles</source>
        <translation>unterhalb der Papillarmuskeln</translation>
    </message>
    <message>
        <source>birth date</source>
        <translation>Geburtsdatum</translation>
    </message>
    <message>
        <source>born {date}</source>
        <translation>geb. {date}</translation>
    </message>
    <message>
        <source>bring it into focus; all play in phase</source>
        <translation>sie wird ausgewählt; alle laufen phasengleich</translation>
    </message>
    <message>
        <source>by {who}</source>
        <translation>von {who}</translation>
    </message>
    <message>
        <source>calliper (M): measure, move; arrow keys move the selected end, Delete removes it</source>
        <translation>messen (M), verschieben; Pfeiltasten bewegen das gewählte Ende, Entf löscht</translation>
    </message>
    <message>
        <source>cancel; nothing changes</source>
        <translation>abbrechen; nichts ändert sich</translation>
    </message>
    <message>
        <source>click a segment; 1 normal to 4 dyskinetic</source>
        <translation>ein Segment anklicken; 1 normal bis 4 dyskinetisch</translation>
    </message>
    <message>
        <source>click on both ends of the annulus, then on the apex; Shift: the epicardium</source>
        <translation>beide Enden des Anulus anklicken, dann den Apex; Umschalt: das Epikard</translation>
    </message>
    <message>
        <source>click to exclude it</source>
        <translation>zum Ausschließen klicken</translation>
    </message>
    <message>
        <source>click to include it again</source>
        <translation>zum Wiedereinschließen klicken</translation>
    </message>
    <message>
        <source>complete</source>
        <translation>vollständig</translation>
    </message>
    <message>
        <source>computed: {value}</source>
        <translation>berechnet: {value}</translation>
    </message>
    <message>
        <source>computing…</source>
        <translation>wird berechnet…</translation>
    </message>
    <message>
        <source>confidence {value}</source>
        <translation>Konfidenz {value}</translation>
    </message>
    <message>
        <source>confirmed as kept</source>
        <translation>Aufbewahrung bestätigt</translation>
    </message>
    <message>
        <source>contours of 1 slice</source>
        <translation>Konturen von 1 Schicht</translation>
    </message>
    <message>
        <source>contours of {n} slices</source>
        <translation>Konturen von {n} Schichten</translation>
    </message>
    <message>
        <source>corrected by {who}</source>
        <translation>korrigiert von {who}</translation>
    </message>
    <message>
        <source>dates are removed</source>
        <translation>Daten werden entfernt</translation>
    </message>
    <message>
        <source>dates are {n} days earlier</source>
        <translation>Daten liegen {n} Tage früher</translation>
    </message>
    <message>
        <source>depth {share}</source>
        <translation>Tiefe {share}</translation>
    </message>
    <message>
        <source>doubtful</source>
        <translation>zweifelhaft</translation>
    </message>
    <message>
        <source>draw from contour to contour: the stretch between is replaced</source>
        <translation>von Kontur zu Kontur zeichnen: das Stück dazwischen wird ersetzt</translation>
    </message>
    <message>
        <source>drawn</source>
        <translation>gezeichnet</translation>
    </message>
    <message>
        <source>drift compensation</source>
        <translation>Driftkompensation</translation>
    </message>
    <message>
        <source>drift {value} points, compensated</source>
        <translation>Drift {value} Punkte, korrigiert</translation>
    </message>
    <message>
        <source>drift {value} points, not compensated</source>
        <translation>Drift {value} Punkte, nicht korrigiert</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
    <message>
        <source>endocardial</source>
        <translation>endokardial</translation>
    </message>
    <message>
        <source>epicardial</source>
        <translation>epikardial</translation>
    </message>
    <message>
        <source>every computer of the network</source>
        <translation>jeden Rechner des Netzes</translation>
    </message>
    <message>
        <source>exclude it from strain, or include it again</source>
        <translation>vom Strain ausschließen oder wieder einschließen</translation>
    </message>
    <message>
        <source>excluded</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>exploratory</source>
        <translation>explorativ</translation>
    </message>
    <message>
        <source>export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>file of a CA; empty for those the system trusts</source>
        <translation>Datei einer CA; leer für die des Systems</translation>
    </message>
    <message>
        <source>file {n}</source>
        <translation>Datei {n}</translation>
    </message>
    <message>
        <source>five-chamber</source>
        <translation>Fünfkammerblick</translation>
    </message>
    <message>
        <source>for {days} days</source>
        <translation>für {days} Tage</translation>
    </message>
    <message>
        <source>four-chamber</source>
        <translation>Vierkammerblick</translation>
    </message>
    <message>
        <source>frame</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>frame rate assumed: times are not known</source>
        <translation>Bildrate angenommen: Zeiten sind nicht bekannt</translation>
    </message>
    <message>
        <source>frame {number}</source>
        <translation>Bild {number}</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>frames (echo), slices (MRI); Shift-wheel frames</source>
        <translation>Bilder (Echo), Schichten (MRT); Umschalt-Mausrad: Bilder</translation>
    </message>
    <message>
        <source>go to that time</source>
        <translation>zu diesem Zeitpunkt</translation>
    </message>
    <message>
        <source>heart rate</source>
        <translation>Herzfrequenz</translation>
    </message>
    <message>
        <source>height</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>how far along the contour the drag is felt</source>
        <translation>wie weit das Ziehen entlang der Kontur wirkt</translation>
    </message>
    <message>
        <source>in the cavity</source>
        <translation>im Cavum</translation>
    </message>
    <message>
        <source>in the file: {value}</source>
        <translation>in der Datei: {value}</translation>
    </message>
    <message>
        <source>in the myocardium</source>
        <translation>im Myokard</translation>
    </message>
    <message>
        <source>incomplete</source>
        <translation>unvollständig</translation>
    </message>
    <message>
        <source>index beat</source>
        <translation>Indexschlag</translation>
    </message>
    <message>
        <source>indexed: {value}</source>
        <translation>indexiert: {value}</translation>
    </message>
    <message>
        <source>inferior vena cava</source>
        <translation>Vena cava inferior</translation>
    </message>
    <message>
        <source>interval of 95 %: {value}</source>
        <translation>95-%-Intervall: {value}</translation>
    </message>
    <message>
        <source>inverted</source>
        <translation>invertiert</translation>
    </message>
    <message>
        <source>is being made …</source>
        <translation>wird erstellt…</translation>
    </message>
    <message>
        <source>it does not confirm storage</source>
        <translation>es bestätigt keine Aufbewahrung</translation>
    </message>
    <message>
        <source>left atrium</source>
        <translation>linker Vorhof</translation>
    </message>
    <message>
        <source>low confidence: {names}</source>
        <translation>unsicher: {names}</translation>
    </message>
    <message>
        <source>menu of the loop or the slice</source>
        <translation>Menü der Schleife oder der Schicht</translation>
    </message>
    <message>
        <source>mid-wall</source>
        <translation>Wandmitte</translation>
    </message>
    <message>
        <source>move it as a whole, with its wall</source>
        <translation>als Ganzes verschieben, mit ihrer Wand</translation>
    </message>
    <message>
        <source>move the event</source>
        <translation>das Ereignis verschieben</translation>
    </message>
    <message>
        <source>move the mitral hinge point of all structures</source>
        <translation>den Ansatzpunkt der Mitralklappe aller Strukturen verschieben</translation>
    </message>
    <message>
        <source>next to a doubtful one</source>
        <translation>neben einer zweifelhaften</translation>
    </message>
    <message>
        <source>no left ventricle found</source>
        <translation>kein linker Ventrikel gefunden</translation>
    </message>
    <message>
        <source>no next end-diastole: drift is not known</source>
        <translation>keine folgende Enddiastole: Drift nicht bekannt</translation>
    </message>
    <message>
        <source>no scale</source>
        <translation>ohne Maßstab</translation>
    </message>
    <message>
        <source>no segmental strain on cine MRI: the images show no speckle along the wall to track</source>
        <translation>kein segmentaler Strain in der Cine-MRT: die Bilder zeigen entlang der Wand keine Speckles zum Verfolgen</translation>
    </message>
    <message>
        <source>no stage</source>
        <translation>keine Stufe</translation>
    </message>
    <message>
        <source>none installed</source>
        <translation>keine installiert</translation>
    </message>
    <message>
        <source>normal {range}</source>
        <translation>normal {range}</translation>
    </message>
    <message>
        <source>normal {source}: {range}</source>
        <translation>normal {source}: {range}</translation>
    </message>
    <message>
        <source>not LV</source>
        <translation>kein LV</translation>
    </message>
    <message>
        <source>not at all</source>
        <translation>gar nicht</translation>
    </message>
    <message>
        <source>not available</source>
        <translation>nicht verfügbar</translation>
    </message>
    <message>
        <source>not installed</source>
        <translation>nicht installiert</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>not on MR</source>
        <translation>nicht bei MRT</translation>
    </message>
    <message>
        <source>not scored</source>
        <translation>nicht beurteilt</translation>
    </message>
    <message>
        <source>not tracked</source>
        <translation>nicht verfolgt</translation>
    </message>
    <message>
        <source>one slice (MRI), all slices</source>
        <translation>eine Schicht (MRT), alle Schichten</translation>
    </message>
    <message>
        <source>one tile alone, or all; fit where there is only one</source>
        <translation>eine Kachel allein oder alle; einpassen, wo es nur eine gibt</translation>
    </message>
    <message>
        <source>open the view, or select the slice, that shows the segment</source>
        <translation>den Schnitt oder die Schicht mit diesem Segment zeigen</translation>
    </message>
    <message>
        <source>or drop files or folders here</source>
        <translation>oder Dateien und Ordner hierher ziehen</translation>
    </message>
    <message>
        <source>other files</source>
        <translation>andere Dateien</translation>
    </message>
    <message>
        <source>papillaries in the cavity</source>
        <translation>Papillarmuskeln im Cavum</translation>
    </message>
    <message>
        <source>papillaries in the myocardium</source>
        <translation>Papillarmuskeln im Myokard</translation>
    </message>
    <message>
        <source>parasternal long axis</source>
        <translation>parasternale lange Achse</translation>
    </message>
    <message>
        <source>parasternal short axis</source>
        <translation>parasternale kurze Achse</translation>
    </message>
    <message>
        <source>peak</source>
        <translation>Maximum</translation>
    </message>
    <message>
        <source>peak after {time}</source>
        <translation>Maximum nach {time}</translation>
    </message>
    <message>
        <source>phase</source>
        <translation>Phase</translation>
    </message>
    <message>
        <source>phase {number}</source>
        <translation>Phase {number}</translation>
    </message>
    <message>
        <source>phase {number} of {count}</source>
        <translation>Phase {number} von {count}</translation>
    </message>
    <message>
        <source>phase {phase}</source>
        <translation>Phase {phase}</translation>
    </message>
    <message>
        <source>points</source>
        <translation>Prozentpunkte</translation>
    </message>
    <message>
        <source>post-systolic index {value}</source>
        <translation>postsystolischer Index {value}</translation>
    </message>
    <message>
        <source>propagated</source>
        <translation>übertragen</translation>
    </message>
    <message>
        <source>radial at ES</source>
        <translation>radial bei ES</translation>
    </message>
    <message>
        <source>radial, at end-systole</source>
        <translation>radial, endsystolisch</translation>
    </message>
    <message>
        <source>reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>removed</source>
        <translation>entfernt</translation>
    </message>
    <message>
        <source>report</source>
        <translation>Befund</translation>
    </message>
    <message>
        <source>reshape it; the frames around follow, after Propagate (R) all frames</source>
        <translation>verformen; die Bilder ringsum folgen, nach Übertragen (R) alle</translation>
    </message>
    <message>
        <source>scored by {who}</source>
        <translation>beurteilt von {who}</translation>
    </message>
    <message>
        <source>seen in {views}</source>
        <translation>zu sehen in {views}</translation>
    </message>
    <message>
        <source>segmental strain needs tracked motion: analyse again</source>
        <translation>segmentaler Strain braucht verfolgte Bewegung: erneut auswerten</translation>
    </message>
    <message>
        <source>segments: {origin}</source>
        <translation>Segmente: {origin}</translation>
    </message>
    <message>
        <source>segments: {origin}; regional thickening is exploratory</source>
        <translation>Segmente: {origin}; regionale Wandverdickung ist explorativ</translation>
    </message>
    <message>
        <source>set by {who}</source>
        <translation>gesetzt von {who}</translation>
    </message>
    <message>
        <source>set the base at ED (solid) or ES (dashed); a click on a line selects its slice</source>
        <translation>die Basis bei ED (durchgezogen) oder ES (gestrichelt) setzen; ein Klick auf eine Linie wählt ihre Schicht</translation>
    </message>
    <message>
        <source>sex</source>
        <translation>Geschlecht</translation>
    </message>
    <message>
        <source>short axis</source>
        <translation>Kurzachse</translation>
    </message>
    <message>
        <source>show a recording in that tile</source>
        <translation>eine Aufnahme in dieser Kachel zeigen</translation>
    </message>
    <message>
        <source>shown on the images</source>
        <translation>auf den Bildern gezeigt</translation>
    </message>
    <message>
        <source>slice {number}</source>
        <translation>Schicht {number}</translation>
    </message>
    <message>
        <source>slice {number}/{count}</source>
        <translation>Schicht {number}/{count}</translation>
    </message>
    <message>
        <source>still</source>
        <translation>Standbild</translation>
    </message>
    <message>
        <source>still computing</source>
        <translation>wird noch berechnet</translation>
    </message>
    <message>
        <source>stills at ED and ES</source>
        <translation>Standbilder bei ED und ES</translation>
    </message>
    <message>
        <source>stored by {name}</source>
        <translation>gespeichert von {name}</translation>
    </message>
    <message>
        <source>strain</source>
        <translation>Strain</translation>
    </message>
    <message>
        <source>strain not available: tracking quality {quality}, at least {least} is needed</source>
        <translation>Strain nicht verfügbar: Tracking-Qualität {quality}, mindestens {least} nötig</translation>
    </message>
    <message>
        <source>strain rate</source>
        <translation>Strain-Rate</translation>
    </message>
    <message>
        <source>study</source>
        <translation>Untersuchung</translation>
    </message>
    <message>
        <source>study {date}</source>
        <translation>untersucht {date}</translation>
    </message>
    <message>
        <source>subcostal four-chamber</source>
        <translation>subkostaler Vierkammerblick</translation>
    </message>
    <message>
        <source>sure</source>
        <translation>sicher</translation>
    </message>
    <message>
        <source>the whole loop, without the frames that you drew</source>
        <translation>die ganze Schleife, außer den von Ihnen gezeichneten Bildern</translation>
    </message>
    <message>
        <source>this computer only</source>
        <translation>nur diesen Rechner</translation>
    </message>
    <message>
        <source>this frame only</source>
        <translation>nur dieses Bild</translation>
    </message>
    <message>
        <source>three-chamber</source>
        <translation>Dreikammerblick</translation>
    </message>
    <message>
        <source>time to peak</source>
        <translation>Zeit bis zum Maximum</translation>
    </message>
    <message>
        <source>tracking quality {quality} (0 to 1)</source>
        <translation>Tracking-Qualität {quality} (0 bis 1)</translation>
    </message>
    <message>
        <source>two-chamber</source>
        <translation>Zweikammerblick</translation>
    </message>
    <message>
        <source>unchanged; saved in the system keyring</source>
        <translation>unverändert; im Schlüsselbund des Systems</translation>
    </message>
    <message>
        <source>until they are forgotten here</source>
        <translation>bis sie hier vergessen werden</translation>
    </message>
    <message>
        <source>value {value}</source>
        <translation>Wert {value}</translation>
    </message>
    <message>
        <source>view unknown</source>
        <translation>Schnitt unbekannt</translation>
    </message>
    <message>
        <source>view {n}</source>
        <translation>Schnitt {n}</translation>
    </message>
    <message>
        <source>waits for analysis</source>
        <translation>wartet auf Analyse</translation>
    </message>
    <message>
        <source>watched</source>
        <translation>überwacht</translation>
    </message>
    <message>
        <source>weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>window (brightness and contrast)</source>
        <translation>Fensterung (Helligkeit und Kontrast)</translation>
    </message>
    <message>
        <source>words drawn into the images (burned-in annotation)</source>
        <translation>Schrift in die Bilder gezeichnet (Burned-in Annotation)</translation>
    </message>
    <message>
        <source>zoom</source>
        <translation>vergrößern</translation>
    </message>
    <message>
        <source>{count} events differ, by up to {most} frames</source>
        <translation>{count} Zeitpunkte weichen ab, um bis zu {most} Bilder</translation>
    </message>
    <message>
        <source>{count} frames</source>
        <translation>{count} Bilder</translation>
    </message>
    <message>
        <source>{count} images</source>
        <translation>{count} Bilder</translation>
    </message>
    <message>
        <source>{count} more values: kinecor analyse lists all in result.json</source>
        <translation>{count} weitere Werte: kinecor analyse führt alle in result.json auf</translation>
    </message>
    <message>
        <source>{count} phases</source>
        <translation>{count} Phasen</translation>
    </message>
    <message>
        <source>{count} segments</source>
        <translation>{count} Segmente</translation>
    </message>
    <message>
        <source>{count} slices</source>
        <translation>{count} Schichten</translation>
    </message>
    <message>
        <source>{depth} mm, {time} ms from the last click</source>
        <translation>{depth} mm, {time} ms vom letzten Klick</translation>
    </message>
    <message>
        <source>{distance} mm apart</source>
        <translation>Abstand {distance} mm</translation>
    </message>
    <message>
        <source>{distance} mm from the last click</source>
        <translation>{distance} mm vom letzten Klick</translation>
    </message>
    <message>
        <source>{first} to {last}</source>
        <translation>{first} bis {last}</translation>
    </message>
    <message>
        <source>{key} is the key of “{command}”, which would lose it.</source>
        <translation>{key} ist die Taste von „{command}“, das sie dann verliert.</translation>
    </message>
    <message>
        <source>{key}: follows the measurement</source>
        <translation>{key}: folgt der Messung</translation>
    </message>
    <message>
        <source>{kind} ({title}) has nothing that can be shown here: {source}</source>
        <translation>{kind} ({title}) enthält nichts, was hier gezeigt werden kann: {source}</translation>
    </message>
    <message>
        <source>{kind} is not analysed: {reason}.</source>
        <translation>{kind} wird nicht analysiert: {reason}.</translation>
    </message>
    <message>
        <source>{kind}: shown, not measured; {why}.</source>
        <translation>{kind}: gezeigt, nicht gemessen; {why}.</translation>
    </message>
    <message>
        <source>{mark} of beat {beat}</source>
        <translation>{mark} von Schlag {beat}</translation>
    </message>
    <message>
        <source>{name} answers ({n} ms).</source>
        <translation>{name} antwortet ({n} ms).</translation>
    </message>
    <message>
        <source>{name}, measure again</source>
        <translation>{name}, erneut messen</translation>
    </message>
    <message>
        <source>{name}: {series} series, {files} files. They are being opened.</source>
        <translation>{name}: {series} Serien, {files} Dateien. Sie werden geöffnet.</translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation>{number} von {count}</translation>
    </message>
    <message>
        <source>{number} tiles</source>
        <translation>{number} Kacheln</translation>
    </message>
    <message>
        <source>{n} doubtful contours</source>
        <translation>{n} zweifelhafte Konturen</translation>
    </message>
    <message>
        <source>{n} doubtful frames</source>
        <translation>{n} zweifelhafte Bilder</translation>
    </message>
    <message>
        <source>{n} earlier messages.</source>
        <translation>{n} frühere Meldungen.</translation>
    </message>
    <message>
        <source>{n} files</source>
        <translation>{n} Dateien</translation>
    </message>
    <message>
        <source>{n} frames</source>
        <translation>{n} Bilder</translation>
    </message>
    <message>
        <source>{n} frames corrected</source>
        <translation>{n} Bilder korrigiert</translation>
    </message>
    <message>
        <source>{n} images</source>
        <translation>{n} Bilder</translation>
    </message>
    <message>
        <source>{n} of {total}</source>
        <translation>{n} von {total}</translation>
    </message>
    <message>
        <source>{n} of {total} files</source>
        <translation>{n} von {total} Dateien</translation>
    </message>
    <message>
        <source>{n} of {total} objects stored</source>
        <translation>{n} von {total} Objekten gespeichert</translation>
    </message>
    <message>
        <source>{n} of {total} values accepted</source>
        <translation>{n} von {total} Werten angenommen</translation>
    </message>
    <message>
        <source>{n} open checks:</source>
        <translation>{n} offene Prüfungen:</translation>
    </message>
    <message>
        <source>{n} pages</source>
        <translation>{n} Seiten</translation>
    </message>
    <message>
        <source>{n} phases</source>
        <translation>{n} Phasen</translation>
    </message>
    <message>
        <source>{n} phases corrected</source>
        <translation>{n} Phasen korrigiert</translation>
    </message>
    <message>
        <source>{n} points of the wall</source>
        <translation>{n} Wandpunkte</translation>
    </message>
    <message>
        <source>{n} recordings</source>
        <translation>{n} Aufnahmen</translation>
    </message>
    <message>
        <source>{n} slices filled in</source>
        <translation>{n} Schichten aufgefüllt</translation>
    </message>
    <message>
        <source>{n} studies of the last 7 days in {name}</source>
        <translation>{n} Studien der letzten 7 Tage in {name}</translation>
    </message>
    <message>
        <source>{n} views named by their numbers</source>
        <translation>{n} Schnitte nach ihren Nummern benannt</translation>
    </message>
    <message>
        <source>{opened} open, {done} acknowledged</source>
        <translation>{opened} offen, {done} zur Kenntnis</translation>
    </message>
    <message>
        <source>{percent} % of the mean</source>
        <translation>{percent} % des Mittels</translation>
    </message>
    <message>
        <source>{rate} frames/s</source>
        <translation>{rate} Bilder/s</translation>
    </message>
    <message>
        <source>{rate} frames/s: short events are missed</source>
        <translation>{rate} Bilder/s: kurze Ereignisse werden verpasst</translation>
    </message>
    <message>
        <source>{reader} signs everything that is concluded about this study: recordings ({n}) with their views, scales, events, contours and values, results over views, the patient&apos;s data, comments and report text.</source>
        <translation>{reader} unterschreibt alles, was über diese Studie festgestellt ist: Aufnahmen ({n}) mit Schnittebene, Maßstab, Ereignissen, Konturen und Werten, Ergebnisse über mehrere Ebenen, Patientendaten, Kommentare und Befundtext.</translation>
    </message>
    <message>
        <source>{slices} slices × {phases} images</source>
        <translation>{slices} Schichten × {phases} Bilder</translation>
    </message>
    <message>
        <source>{slices} slices × {phases} phases</source>
        <translation>{slices} Schichten × {phases} Phasen</translation>
    </message>
    <message>
        <source>{slice} on {view}</source>
        <translation>{slice} im {view}</translation>
    </message>
    <message>
        <source>{spacing}: corrected calibration, accepted by {who}</source>
        <translation>{spacing}: korrigierte Kalibrierung, angenommen von {who}</translation>
    </message>
    <message>
        <source>{structure} on 1 frame</source>
        <translation>{structure} auf 1 Bild</translation>
    </message>
    <message>
        <source>{structure} on {n} frames</source>
        <translation>{structure} auf {n} Bildern</translation>
    </message>
    <message>
        <source>{time} ms from the last click</source>
        <translation>{time} ms vom letzten Klick</translation>
    </message>
    <message>
        <source>{time} s</source>
        <translation>{time} s</translation>
    </message>
    <message>
        <source>{title} listens at {host}, port {port}, for {senders}</source>
        <translation>{title} empfängt an {host}, Port {port}, von {senders}</translation>
    </message>
    <message>
        <source>{value} entered</source>
        <translation>{value} eingegeben</translation>
    </message>
    <message>
        <source>{value} in {unit}:</source>
        <translation>{value} in {unit}:</translation>
    </message>
    <message>
        <source>{value} withheld</source>
        <translation>{value} zurückgehalten</translation>
    </message>
    <message>
        <source>{velocity} cm/s</source>
        <translation>{velocity} cm/s</translation>
    </message>
    <message>
        <source>{view} longitudinal strain</source>
        <translation>{view}: longitudinaler Strain</translation>
    </message>
    <message>
        <source>{view}: chosen by rule</source>
        <translation>{view}: nach Regel gewählt</translation>
    </message>
    <message>
        <source>{what} entered by {who}</source>
        <translation>{what} eingegeben von {who}</translation>
    </message>
    <message>
        <source>{what}; volumes and mass are indexed where height and weight are known</source>
        <translation>{what}; Volumina und Masse werden indexiert, wo Größe und Gewicht bekannt sind</translation>
    </message>
    <message>
        <source>{work} (and {n} waiting)</source>
        <translation>{work} (und {n} wartend)</translation>
    </message>
    <message>
        <source>{years} y</source>
        <translation>{years} J.</translation>
    </message>
</context>
</TS>
