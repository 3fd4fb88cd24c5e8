"""Where a Dask cluster stops scaling, and what 100,000 studies cost: `python benchmarks/scale.py [--out FOLDER]`.

Real: RECORDINGS simulated clips (30 frames of 96 x 96 pixels) are analysed by `kinecor analyse --jobs 1`, then with
`--scheduler` on 1, 2 and 4 workers of one thread; results are compared.

Replayed: the pool that `--scheduler` uses hands out tasks that wait as long as such a recording took of the processor,
on up to 16 workers, so that what is measured is the scheduler and not the cores of this machine; then the same with a
slow disk that all share: a task first waits until the disk is free, and for its bytes at --disk MB/s.

Cost: processor time and bytes of these recordings, times 300,000, at --price a core hour and --storage a GB and month.
In less than five minutes on two cores; FOLDER gets the tables as docs/generate.py reads them.
"""

import argparse
import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from cluster import analysed, clips, found, used_s
from compiled import as_installed
from cost import STUDIES, measured
from distributed import Client, LocalCluster

from kinecor.cli.batch.pool import Cluster
from kinecor.core.values.errors import Tick
from kinecor_lab.common.table import Cell, Column, Table, report
from kinecor_models.contract import load_card

RECORDINGS, OF_A_STUDY = 12, 3
REAL, REPLAYED = (1, 2, 4), (1, 2, 4, 8, 16)
TASKS = 8
"""For each worker, replayed."""
SCALES = 0.9
"""Share of the first worker's throughput that each of more still has to have."""


class Waiting(NamedTuple):
    """A recording that is replayed.

    Attributes:
        computing_s: how long a worker is busy with it.
        reading_s: how long the shared disk is busy with it.
        disk: a file that stands for the disk.

    """

    computing_s: float
    reading_s: float
    disk: str


def replay(task: Waiting, _tick: Tick) -> float:
    """Wait for the disk, then as long as computing took."""
    if task.reading_s:
        with Path(task.disk).open("a") as disk:
            fcntl.flock(disk, fcntl.LOCK_EX)
            time.sleep(task.reading_s)
    time.sleep(task.computing_s)
    return task.computing_s


def throughput(workers: int, task: Waiting, out: Path) -> float:
    """Recordings a second, replayed, once every worker has had one."""
    processes = min(workers, max(REAL))
    with LocalCluster(n_workers=processes, threads_per_worker=workers // processes, dashboard_address=None) as cluster:
        pool: Cluster[Waiting, float] = Cluster(cluster.scheduler_address, replay, out)
        for count in (workers, TASKS * workers):
            left, began_s = count, time.perf_counter()
            waiting = count
            while left:
                while waiting and pool.free:
                    pool.submit(task)
                    waiting -= 1
                left -= len(pool.finished())
            took_s = time.perf_counter() - began_s
        pool.close()
    return TASKS * workers / took_s


def real_rows(source: str, folder: Path) -> list[tuple[Cell, ...]]:
    """A row for `--jobs 1` and for each number of workers."""
    wall_s, plain_s, status = analysed(source, folder / "jobs1", "--jobs", "1")
    expected = found(folder / "jobs1")
    rows: list[tuple[Cell, ...]] = [("--jobs 1", wall_s, RECORDINGS / wall_s, plain_s, "", status)]
    for count in REAL:
        cluster = LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)
        with cluster, Client(cluster) as client:
            workers = [psutil.Process(number) for number in client.run(os.getpid).values()]
            before_s = used_s(workers)
            wall_s, own_s, status = analysed(source, folder / f"{count}", "--scheduler", cluster.scheduler_address)
            total_s = own_s + used_s(workers) - before_s
            same = "same" if found(folder / f"{count}") == expected else "OTHER"
        rows.append((f"{count} workers", wall_s, RECORDINGS / wall_s, total_s, same, status))
        print(rows[-1], file=sys.stderr, flush=True)
    return rows


def replayed_rows(task: Waiting, disk_mb_s: float, mb: float, out: Path) -> list[tuple[Cell, ...]]:
    """A row for each number of workers: without a limit, and with the slow disk."""
    rows: list[tuple[Cell, ...]] = []
    first = {}
    for count in REPLAYED:
        row: list[Cell] = [count]
        for name, reading_s in (("none", 0.0), ("slow", mb / disk_mb_s)):
            rate = throughput(count, task._replace(reading_s=reading_s), out)
            first.setdefault(name, rate)
            row += [rate, 100 * rate / first[name] / count]
        ceiling = disk_mb_s / mb
        row.append(min(ceiling, count / (task.computing_s + mb / disk_mb_s)))
        rows.append(tuple(row))
        print(rows[-1], file=sys.stderr, flush=True)
    return rows


def stops(rows: Sequence[tuple[Cell, ...]], column: int) -> str:
    """Up to how many workers each still has SCALES of the first one's throughput."""
    fit = [int(row[0]) for row in rows if float(row[column]) >= 100 * SCALES]  # type: ignore[arg-type]
    return f"{max(fit)}" if max(fit) < REPLAYED[-1] else f"{REPLAYED[-1]}, the most tried"


def cost_rows(seconds: float, read_mb: float, written_mb: float, chosen: argparse.Namespace) -> list[tuple[Cell, ...]]:
    """What 100,000 studies take and cost."""
    count = STUDIES * OF_A_STUDY
    hours, written_gb = count * seconds / 3600, count * written_mb / 1e3
    return [
        ("core hours", hours),
        ("read, GB", count * read_mb / 1e3),
        ("written, GB", written_gb),
        (f"computing at {chosen.price:g} a core hour", hours * chosen.price),
        (f"results kept for a month at {chosen.storage:g} a GB", written_gb * chosen.storage),
        (
            f"workers that keep a disk of {chosen.shared:g} MB/s busy",
            chosen.shared / ((read_mb + written_mb) / seconds),
        ),
    ]


def main(argv: Sequence[str]) -> None:
    """Simulate, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--disk", type=float, default=2.0, help="MB/s of the slow disk")
    parser.add_argument("--shared", type=float, default=500.0, help="MB/s of the disk of a real cluster")
    parser.add_argument("--price", type=float, default=0.05, help="of a core hour, in any currency")
    parser.add_argument("--storage", type=float, default=0.02, help="of a GB and month, in the same")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(argv)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ |= as_installed() | {"KINECOR_DATA_DIR": str(folder / "data"), "OMP_NUM_THREADS": "1"}
        # Workers import this module for what they replay.
        os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        real = real_rows(str(clips(folder, RECORDINGS, frames=30)), folder)
        cpu_s, read, written = measured(folder / "jobs1")
        seconds, read_mb, written_mb = float(np.median(cpu_s)), float(read.mean()) / 1e6, written / 1e6
        task = Waiting(seconds, 0.0, str(folder / "disk"))
        replayed = replayed_rows(task, chosen.disk, read_mb, folder)
    times = partial(Column, form=".2f")
    tables = [
        Table(
            f"{RECORDINGS} clips of 30 frames, analysed",
            (
                Column("way"),
                times("wall, s"),
                times("recordings/s"),
                times("processor, s"),
                Column("results as --jobs 1"),
                Column("status"),
            ),
            tuple(real),
        ),
        Table(
            f"Replayed: {seconds:.2f} s of a processor and {read_mb:.2f} MB each",
            (
                Column("workers"),
                times("recordings/s"),
                Column("of each worker, %", form=".0f"),
                times(f"with a disk of {chosen.disk:g} MB/s"),
                Column("of each worker with it, %", form=".0f"),
                times("expected with it"),
            ),
            tuple(replayed),
            (
                f"Each worker has at least {100 * SCALES:.0f} % of the first one's throughput up to "
                f"{stops(replayed, 2)} workers; with the slow disk up to {stops(replayed, 4)}.",
            ),
        ),
        Table(
            f"{STUDIES:,} studies of {OF_A_STUDY} such clips",
            (Column("what"), Column("figure", form=",.1f")),
            tuple(cost_rows(seconds, read_mb, written_mb, chosen)),
        ),
    ]
    report(
        "scale",
        argv,
        "Many studies on a cluster",
        tables,
        out=chosen.out,
        models={"lv-apical": load_card("lv-apical").version},
        notes=[
            f"{os.cpu_count()} cores; load {load:.1f} before, {os.getloadavg()[0]:.1f} after. Replayed workers wait in "
            "place of computing; expected is the disk's limit or that of the workers, whichever is lower."
        ],
        stem="3-scale",
        command="python benchmarks/scale.py",
    )


if __name__ == "__main__":
    # As a module of its own name: workers look for `replay` there.
    import scale

    scale.main(sys.argv[1:])
