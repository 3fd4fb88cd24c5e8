"""Orthanc there and back: tiny instances sent, listed and retrieved, a server killed in mid-transfer, and a report.

    python benchmarks/archive.py [--instances 1000] [--out archive.json]

Orthanc is started on this computer with a folder and ports of its own. Times are wall clock on whatever else the
computer does; processor seconds are those of this process, without Orthanc's.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive.archive import archive_of, find_studies, retrieve, send
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.association import Patience
from kinecor.io.archive.nodes import Receiver, node_from_address
from kinecor.io.archive.query import Search
from kinecor.io.archive.transfer import Outcome, files_to_send
from kinecor.io.dicom.documents import read_report
from kinecor.io.files.incomplete import incomplete
from tests.io.archive.instances import study, uid, written
from tests.io.archive.servers import free_port, orthanc


class Rows:
    """A table that is printed as it is measured."""

    def __init__(self):
        self.rows = []
        print("| step | instances | s | instances/s | processor s |\n|---|---|---|---|---|")

    def measure(self, words, count, work):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.add(words, count, time.perf_counter() - wall, time.process_time() - cpu)
        return result

    def add(self, words, count, seconds, cpu):
        self.rows.append({"step": words, "instances": count, "seconds": seconds, "processor_seconds": cpu})
        rate = f"{count / seconds:.0f}" if count else ""
        print(f"| {words} | {count or ''} | {seconds:.2f} | {rate} | {cpu:.2f} |", flush=True)


def there_and_back(rows, server, folder, count):
    receiver = Receiver(port=server.receiver_port)
    ways = {
        "C-GET": archive_of(node_from_address(server.address), "", receiver),
        "C-MOVE": archive_of(replace(node_from_address(server.address), retrieve="move"), "", receiver),
    }
    if server.http:
        ways["WADO-RS"] = archive_of(node_from_address(server.url))
    each = count // 4
    files, _ = files_to_send(written(folder / "tiny", study(series=4, each=each)))
    sent = rows.measure("send, C-STORE", len(files), lambda: send(ways["C-GET"], files))
    assert {one.outcome for one in sent} == {Outcome.STORED}
    for name, archive in ways.items():
        if name == "C-MOVE":
            continue
        kind = "QIDO-RS" if name == "WADO-RS" else "C-FIND"
        rows.measure(f"query studies, {kind}", 1, lambda a=archive: find_studies(a, Search("Doe")))
        series = [one.uid for one in archive.series(uid("study"))]
        rows.measure(f"query instances, {kind}", len(files), lambda a=archive, s=series: a.instances(uid("study"), s))
    for name, archive in ways.items():
        into = folder / name
        result = rows.measure(
            f"retrieve, {name}", len(files), lambda a=archive, to=into: retrieve(a, uid("study"), Arrivals(to))
        )
        assert result.complete, result
    rows.measure(
        "retrieve again, nothing missing",
        len(files),
        lambda: retrieve(ways["C-GET"], uid("study"), Arrivals(folder / "C-GET")),
    )
    if server.http:
        few = files[: min(len(files), 200)]
        rows.measure("send again, STOW-RS", len(few), lambda: send(ways["WADO-RS"], few))
    return len(files)


def killed(rows, server, folder, count):
    """Kill the server when a third has arrived, start it again, resume."""
    archive = archive_of(node_from_address(server.address), "", None, Patience(5, 10))

    def tick(done, _):
        if done >= count // 3 and server.process.poll() is None:
            server.kill()

    wall, cpu = time.perf_counter(), time.process_time()
    try:
        retrieve(archive, uid("study"), Arrivals(folder), tick=tick)
        raise SystemExit("the server was not killed in time")
    except KinecorError as error:
        print(f"<!-- {str(error).replace(server.address, 'ORTHANC')} -->")
    arrived = len(Arrivals(folder).held(uid("study")))
    rows.add("C-GET until the server was killed", arrived, time.perf_counter() - wall, time.process_time() - cpu)
    assert incomplete(folder / uid("study")) is not None
    server.start()
    result = rows.measure(
        "the rest, resumed", count - arrived, lambda: retrieve(archive, uid("study"), Arrivals(folder))
    )
    assert (result.already, result.stored, result.complete) == (arrived, count - arrived, True), result
    assert incomplete(folder / uid("study")) is None


def report(rows, server, folder):
    """A simulated clip sent, retrieved, analysed; its report sent back, retrieved from there and read."""
    archive = archive_of(node_from_address(server.address))

    def kinecor(*line):
        subprocess.run([sys.executable, "-m", "kinecor", *map(str, line)], check=True, stdout=subprocess.DEVNULL)

    kinecor("phantom", "a4c", "--out", folder / "made", "--seed", 7, "--beats", 2)
    files, _ = files_to_send([folder / "made"])
    rows.measure("send a simulated clip", len(files), lambda: send(archive, files))
    found = next(one for one in find_studies(archive, Search(modality="US")))
    retrieve(archive, found.uid, Arrivals(folder / "in"))
    rows.measure(
        "analyse it, write the report (SR)",
        0,
        lambda: kinecor("analyse", folder / "in" / found.uid, "--out", folder / "result", "--sr", "--quiet"),
    )
    reports, _ = files_to_send([folder / "result" / "sr"])
    sent = send(archive, reports, commit=True)
    assert {one.outcome for one in sent} == {Outcome.STORED}
    retrieve(archive, found.uid, Arrivals(folder / "back"))
    back = folder / "back" / found.uid / f"{reports[0].uid}.dcm"
    here, there = (read_report(path, "report").values for path in (reports[0].path, back))
    assert here == there
    assert here
    print(f"\n{len(here)} values of the report read back from Orthanc, all as written.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    rows = Rows()
    with TemporaryDirectory(prefix="kinecor-") as name:
        folder, port = Path(name), free_port()
        with orthanc(folder / "orthanc", port) as server:
            server.receiver_port = port
            count = there_and_back(rows, server, folder, chosen.instances)
            killed(rows, server, folder / "killed", count)
            report(rows, server, folder)
    if chosen.out:
        chosen.out.write_text(json.dumps(rows.rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
