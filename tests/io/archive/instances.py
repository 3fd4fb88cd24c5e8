"""Tiny instances, an archive in this process that misbehaves on request, and a connection that breaks."""

import socket
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from tests.io.archive.servers import free_port

MR = "1.2.840.10008.5.1.4.1.1.4"
OBJECTS = tuple(f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("66", "66.4", "88.33", "88.72", "7.4", "104.1"))
US, US_LOOP = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1"
FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))


def uid(*parts):
    """The same for the same parts."""
    return generate_uid(entropy_srcs=[str(one) for one in parts])


def instance(study="study", series=0, number=0, *, modality="MR", value=0, side=8):
    """An image of side x side pixels; its UIDs follow from study, series and number."""
    made = Dataset()
    made.SOPClassUID = MR if modality == "MR" else US
    made.SOPInstanceUID, made.SeriesInstanceUID = uid(study, series, number), uid(study, series)
    made.StudyInstanceUID, made.Modality = uid(study), modality
    made.PatientName, made.PatientID = "Doe^Jane", "4711"
    made.StudyDate, made.StudyTime, made.StudyDescription = "20260105", "101500", "Heart"
    made.SeriesNumber, made.InstanceNumber, made.SeriesDescription = series, number, f"series {series}"
    made.Rows = made.Columns = side
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation = 15, 0
    noise = np.random.default_rng(number).integers(0, 1000, (side, side))  # what cannot be compressed on the way
    made.PixelData = (noise + value).astype(np.uint16).tobytes()
    meta = made.file_meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = made.SOPClassUID, made.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def written(folder, instances):
    """Write instances as files; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, one in enumerate(instances):
        path = Path(folder) / f"{number:05d}.dcm"
        one.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def study(name="study", series=2, each=5, **more):
    return [instance(name, at, number, **more) for at in range(series) for number in range(each)]


class Peer:
    """An archive in this process.

    It answers C-FIND, C-GET and C-MOVE from `instances` and adds what it is sent. `abort_after`: it aborts after so
    many instances of each C-GET. `refuse`: it sends none. `silent`: it never answers C-FIND.
    """

    def __init__(self, instances=(), **how):
        self.instances = {one.SOPInstanceUID: one for one in instances}
        self.how = how
        self.sent = []
        self.port = free_port()
        self._over = threading.Event()

    @property
    def address(self):
        return f"PEER@127.0.0.1:{self.port}"

    def _matching(self, asked):
        def fits(one):
            names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
            pairs = [(one[name].value, asked.get(name)) for name in names]
            return all(not wanted or value == wanted or value in list(wanted) for value, wanted in pairs)

        return [one for one in self.instances.values() if fits(one)]

    def on_find(self, event):
        asked = event.identifier
        if self.how.get("silent"):
            self._over.wait(60)
        key = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}
        seen = {}
        for one in self._matching(asked):
            seen.setdefault(one[key[asked.QueryRetrieveLevel]].value, one)
        if asked.QueryRetrieveLevel == "IMAGE" and self.how.get("unlisted"):
            seen = {}
        for one in seen.values():
            answer = Dataset()
            for element in asked:
                if element.keyword in one:
                    setattr(answer, element.keyword, one[element.keyword].value)
            yield 0xFF00, answer

    def on_get(self, event):
        found = [] if self.how.get("refuse") else self._matching(event.identifier)
        yield len(found)
        for number, one in enumerate(found):
            if number == self.how.get("abort_after"):
                event.assoc.abort()
                return
            self.sent.append(one.SOPInstanceUID)
            yield 0xFF00, one

    def on_move(self, event):
        yield "127.0.0.1", self.how["receiver_port"], {"contexts": self._contexts()}
        yield from self.on_get(event)

    def on_store(self, event):
        made = event.dataset
        made.file_meta = event.file_meta
        if self.how.get("status"):
            return self.how["status"]
        self.instances[made.SOPInstanceUID] = made
        return 0

    def _contexts(self):
        from pynetdicom import build_context

        return [build_context(one) for one in (MR, US, US_LOOP, *OBJECTS)]

    @contextmanager
    def running(self):
        from pynetdicom import AE, evt

        entity = AE("PEER")
        entity.require_called_aet = True
        entity.require_calling_aet = self.how.get("allow", [])
        for one in ("1.2.840.10008.1.1", FIND, GET, MOVE):
            entity.add_supported_context(one)
        for one in (MR, US, US_LOOP, *OBJECTS):
            entity.add_supported_context(one, scu_role=True, scp_role=True)
        handlers = [
            (evt.EVT_C_FIND, self.on_find),
            (evt.EVT_C_GET, self.on_get),
            (evt.EVT_C_MOVE, self.on_move),
            (evt.EVT_C_STORE, self.on_store),
        ]
        server = entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)
        try:
            yield self
        finally:
            self._over.set()
            connections = server.active_associations
            entity.shutdown()
            for one in connections:
                one.dul.join(3)


class Line:
    """Connections to `port` that break, or fall silent, after `most_bytes` from the server altogether."""

    def __init__(self, port, most_bytes, *, silent=False):
        self.target, self.left, self.silent = port, most_bytes, silent
        self.port = free_port()
        self._end = threading.Event()
        self._sockets = []

    def _pump(self, source, sink, limited):
        try:
            while data := source.recv(4096):
                if limited:
                    data, self.left = data[: max(self.left, 0)], self.left - len(data)
                sink.sendall(data)
                if limited and self.left <= 0:
                    if self.silent:
                        self._end.wait(20)
                    break
        except OSError:
            pass
        for one in (source, sink):
            one.close()

    def _accept(self, listening):
        while not self._end.is_set():
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            self._sockets += [near, far]
            for way in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pump, args=way, daemon=True).start()

    def __enter__(self):
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._accept, args=(self._listening,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for one in (self._listening, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._thread.join(2)
