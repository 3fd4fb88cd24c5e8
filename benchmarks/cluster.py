"""What a Dask cluster of this machine costs and survives: `python benchmarks/cluster.py [--workers 1 2 4]`.

Simulated clips of 12 frames, 96 x 96 pixels, are analysed by `kinecor analyse --scheduler` with so many workers of one
thread each; then with as many workers as the most, of which every --every seconds each is killed (SIGKILL) with the
chance --kill. Efficiency is the share of a plain run's processor time (`--jobs 1`, start included) in that of all
workers and the command; on an idle machine also the wall time of one worker over that of N times N. With --archive
ADDRESS, as AETITLE@HOST:PORT, the clips are sent there first and every run's input is a query of that archive. The
results of all runs are compared with the plain run's.
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
FRAMES, SIDE = 12, 96


def clips(folder, count):
    """So many clips of three simulated hearts, each a study of its own and unlike the others in one pixel."""
    made = []
    for seed in range(3):
        out = folder / f"simulated{seed}"
        how = ["--seed", str(seed + 1), "--frames", str(FRAMES), "--size", f"{SIDE}x{SIDE}", "--frame-rate", "15"]
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
    """Run the command; (wall time, its processor time, its exit status)."""
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [*KINECOR, "analyse", source, "--out", out, "--csv", "--quiet", *how], check=False, stdout=subprocess.DEVNULL
    )
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, used, done.returncode


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
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--kill", type=float, default=0.3)
    parser.add_argument("--every", type=float, default=6.0, metavar="S")
    parser.add_argument("--archive", metavar="ADDRESS")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kinecor-bench-") as named:
        folder = Path(named)
        os.environ["KINECOR_DATA_DIR"] = str(folder / "data")
        os.environ["OMP_NUM_THREADS"] = "1"
        source = str(clips(folder, chosen.recordings))
        wall, plain_s, status = analysed(source, folder / "plain", "--jobs", "1")
        expected = found(folder / "plain")
        print(
            f"plain: {wall:.1f} s, processor {plain_s:.1f} s, status {status}, {len(expected)} recordings", flush=True
        )
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
