"""What a large run costs, from what smaller ones measured: python benchmarks/cost.py RUN [RUN ...] [--recordings 3]

Reads processor time and bytes of each recording from the --out folders of runs of `kinecor analyse`.
"""

import argparse
import json
from pathlib import Path

import numpy as np

STUDIES = 100_000
WORKERS = (2, 16, 64, 256, 1024)
DISK_MB_PER_S = 500
"""Of a shared disk, reading and writing together; the limit that many workers meet first."""


def measured(run):
    """(processor seconds, bytes read, bytes written) a recording."""
    found = [json.loads(path.read_bytes()) for path in (run / "results" / ".work").glob("*.json")]
    written = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
    cpu_s = np.array([one["cpu_s"] for one in found if one["error"] is None])
    read = np.array([one["bytes_read"] for one in found if one["error"] is None])
    return cpu_s, read, written / max(len(found), 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--recordings", type=float, default=3.0, help="a study")
    parser.add_argument("--mb", type=float, help="read a recording, in place of what was measured")
    parser.add_argument("--cpu", type=float, help="seconds a recording, in place of what was measured")
    chosen = parser.parse_args()
    print("| run | recordings | processor s: most | median | 95 % | MB read | MB written |")
    print("|---|---|---|---|---|---|---|")
    for run in chosen.runs:
        cpu_s, read, written = measured(run)
        print(
            f"| {run.name} | {len(cpu_s)} | {cpu_s.max():.1f} | {np.median(cpu_s):.2f} "
            f"| {np.percentile(cpu_s, 95):.2f} | {read.mean() / 1e6:.2f} | {written / 1e6:.2f} |"
        )
    seconds = chosen.cpu or float(np.mean(cpu_s))
    read_mb = chosen.mb or float(read.mean()) / 1e6
    count = STUDIES * chosen.recordings
    print(f"\n{STUDIES:,} studies of {chosen.recordings:g} recordings, {seconds:.2f} s and {read_mb:.1f} MB each:")
    print(f"{count * seconds / 3600:,.0f} core hours, {count * read_mb / 1e6:,.2f} TB read, "
          f"{count * written / 1e12:,.2f} TB written")  # fmt: skip
    print("\n| workers (cores) | hours by processor | hours by disk | saturates first |")
    print("|---|---|---|---|")
    for workers in WORKERS:
        processor_h = count * seconds / workers / 3600
        disk_h = count * (read_mb + written / 1e6) / DISK_MB_PER_S / 3600
        print(f"| {workers} | {processor_h:,.1f} | {disk_h:,.1f} | {'disk' if disk_h > processor_h else 'processor'} |")


if __name__ == "__main__":
    main()
