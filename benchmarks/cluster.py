"""Throughput of a plain loop, `--jobs` and a Dask cluster: `python benchmarks/cluster.py [--workers 1 2 4]`.

Simulated clips (12 frames of 96 x 96 pixels unless --frames and --side say otherwise) are analysed by a plain loop in
one process, which opens, contours, measures and writes nothing; by `kinecor analyse --jobs 1` and `--jobs 2`, whose
files are compared byte by byte; by `--scheduler` with so many workers of one thread each; then with as many workers as
the most, of which every --every seconds each is killed (SIGKILL) with the chance --kill. Efficiency is the share of the
processor time of `--jobs 1` (start included) in that of all workers and the command; on an idle machine also the wall
time of one worker over that of N times N. With --archive ADDRESS, as AETITLE@HOST:PORT, the clips are sent there first
and the input of the clusters' runs is a query of that archive. The results of all runs are compared.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pydicom
from distributed import Client, LocalCluster
from pydicom.uid import generate_uid

KINECOR = [sys.executable, "-m", "kinecor"]
LOOP = """
import sys
from pathlib import Path
from kinecor.analysis.analyse import propose
from kinecor.analysis.images.measure import with_images
from kinecor.core.values.errors import no_tick
from kinecor.core.values.reading import first_reading_of
from kinecor.io.export.result import cine_entry
from kinecor.io.open.recordings import open_path
for path in sorted(Path(sys.argv[1]).iterdir()):
    for one in open_path(path).recordings:
        reading = with_images(one, first_reading_of(one), no_tick)
        found = propose(one, reading, device="cpu")
        cine_entry(path.stem, one, found.edit.apply(reading, found.by))
"""


def clips(folder, count, frames=12, side=96):
    """So many clips of three simulated hearts, each a study of its own and unlike the others in one pixel."""
    made = []
    for seed in range(3):
        out = folder / f"simulated{seed}"
        how = ["--seed", str(seed + 1), "--frames", str(frames), "--size", f"{side}x{side}", "--frame-rate", "15"]
        subprocess.run([*KINECOR, "phantom", "a4c", *how, "--out", out], check=True, stdout=subprocess.DEVNULL)
        made.append(pydicom.dcmread(next(out.glob("*.dcm"))))
    place = folder / "clips"
    place.mkdir()
    for number in range(count):
        one = made[number % 3]
        for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
            setattr(one, name, generate_uid(entropy_srcs=[f"{name} {number}"]))
        one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
        one.PatientID, one.PatientName = f"BENCH{number:04d}", f"Simulated^{number}"
        pixels = bytearray(one.PixelData)
        pixels[number] ^= 1
        one.PixelData = bytes(pixels)
        one.save_as(place / f"{number:04d}.dcm")
    return place


def used_s(processes):
    """Processor time of processes, as long as they live."""
    total = 0.0
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def analysed(source, out, *how):
    """Run `kinecor analyse`; see `timed`."""
    return timed([*KINECOR, "analyse", source, "--out", out, "--csv", "--quiet", *how])


def timed(command):
    """Run a command; (wall time, its processor time, its exit status)."""
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, used, done.returncode


def differing(one, other):
    """Names of files that are not the same, byte by byte, in two folders of results."""
    files = [
        {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file() and ".work" not in path.parts}
        for folder in (one, other)
    ]
    return [
        str(name)
        for name in sorted({*files[0], *files[1]})
        if not all(name in some for some in files) or files[0][name].read_bytes() != files[1][name].read_bytes()
    ]


def found(out):
    """What became of each recording: its error, else what was measured."""
    entries = json.loads((out / "result.json").read_bytes())["recordings"]
    return {one["id"]: (one["error"], json.dumps(one["measurements"], sort_keys=True)) for one in entries}


class Killer(threading.Thread):
    """Kills each worker with a chance, every so many seconds."""

    def __init__(self, client, chance, every_s):
        super().__init__(daemon=True)
        self._client, self._chance, self._every_s = client, chance, every_s
        self.ended = threading.Event()
        self.killed = self.rounds = self.seen = 0

    def run(self):
        rng = random.Random(1)
        while not self.ended.wait(self._every_s):
            self.rounds += 1
            with suppress(Exception):  # a worker that is just being started again
                for pid in self._client.run(os.getpid, on_error="ignore").values():
                    self.seen += 1
                    if rng.random() < self._chance:
                        os.kill(pid, signal.SIGKILL)
                        self.killed += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=24)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--side", type=int, default=96, help="pixels")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--kill", type=float, default=0.3)
    parser.add_argument("--every", type=float, default=6.0, metavar="S")
    parser.add_argument("--archive", metavar="ADDRESS")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kinecor-bench-") as named:
        folder = Path(named)
        os.environ["KINECOR_DATA_DIR"] = str(folder / "data")
        os.environ["OMP_NUM_THREADS"] = "1"
        source = str(clips(folder, chosen.recordings, chosen.frames, chosen.side))
        wall, loop_s, status = timed([sys.executable, "-c", LOOP, source])
        print(f"plain loop: {wall:.1f} s, processor {loop_s:.1f} s, status {status}", flush=True)
        loop_wall_s, plain_s = wall, 0.0
        for jobs in ("1", "2"):
            wall, used_by_jobs_s, status = analysed(source, folder / f"jobs{jobs}", "--jobs", jobs)
            plain_s = plain_s or used_by_jobs_s
            print(
                f"--jobs {jobs}: {wall:.1f} s, processor {used_by_jobs_s:.1f} s, status {status}; throughput "
                f"{chosen.recordings / wall:.2f} recordings/s, {loop_wall_s / wall:.2f} times the plain loop's",
                flush=True,
            )
        expected = found(folder / "jobs1")
        other = differing(folder / "jobs1", folder / "jobs2")
        print(f"{len(expected)} recordings; files that differ between --jobs 1 and 2: {other or 'none'}", flush=True)
        if chosen.archive:
            subprocess.run([*KINECOR, "archive", "send", chosen.archive, source], check=True)
            source = f"archive:{chosen.archive}?modality=US"
        first = 0.0
        runs = [(one, 0.0) for one in chosen.workers]
        if chosen.kill:
            runs.append((max(chosen.workers), chosen.kill))
        for count, kill in runs:
            cluster = LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)
            with cluster, Client(cluster) as client:
                workers = [psutil.Process(pid) for pid in client.run(os.getpid).values()]
                killer = Killer(client, kill, chosen.every)
                if kill:
                    killer.start()
                before = used_s(workers)
                out = folder / f"{count}-{kill}"
                wall, own_s, status = analysed(source, out, "--scheduler", cluster.scheduler_address)
                total = own_s + used_s(workers) - before
                killer.ended.set()
                if kill:
                    killer.join()
                same = found(out) == expected
            first = first or wall
            words = f"{count} workers: {wall:.1f} s, status {status}, {'same results' if same else 'OTHER RESULTS'}"
            if kill:
                words += f"; {killer.killed} kills in {killer.rounds} rounds of {killer.seen} workers"
            else:
                words += f"; processor {total:.1f} s, efficiency {100 * plain_s / total:.0f} %"
                words += f", of the wall {100 * first * chosen.workers[0] / wall / count:.0f} %"
            print(words, flush=True)


if __name__ == "__main__":
    main()
