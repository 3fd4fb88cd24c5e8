"""`kinecor train NAME` and `kinecor evaluate NAME`: one module with its own options for each NAME."""

import argparse
import ctypes
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from importlib import import_module

TRAIN = {
    "lv-apical": "kinecor_lab.tasks.apical.train",
    "lv-pairs": "kinecor_lab.tasks.apical.pair_train",
    "lv-lean": "kinecor_lab.tasks.apical.lean_train",
    "sax-cine": "kinecor_lab.tasks.sax.train",
    "sax-presence": "kinecor_lab.tasks.sax.presence",
    "lax-cine": "kinecor_lab.tasks.lax.train",
    "sax-circular": "kinecor_lab.tasks.circular.train",
    "phases": "kinecor_lab.tasks.phases.train",
    "views": "kinecor_lab.tasks.views.train",
    "flow": "kinecor_lab.tasks.motion.train",
    "listener": "kinecor_lab.tasks.listener.train",
    "lv-sequence": "kinecor_lab.tasks.sequence.train",
    "plan": "kinecor_lab.pipeline.training_plan",
    "queue": "kinecor_lab.pipeline.training_queue",
}
"""Trainings: module by NAME, each with `main(argv) -> int` (0 done, 1 failed)."""
EVALUATE = {
    "lv-apical": "kinecor_lab.tasks.apical.evaluate",
    "lv-pairs": "kinecor_lab.tasks.apical.pair_evaluate",
    "lv-hearts": "kinecor_lab.tasks.apical.hearts",
    "lv-leaning": "kinecor_lab.tasks.apical.leaning",
    "lv-folds": "kinecor_lab.tasks.apical.folds",
    "lv-sequence": "kinecor_lab.tasks.sequence.evaluate",
    "lv-robustness": "kinecor_lab.tasks.apical.robustness",
    "lv-calibration": "kinecor_lab.tasks.apical.calibration",
    "sax-cine": "kinecor_lab.tasks.sax.evaluate",
    "sax-stacks": "kinecor_lab.tasks.sax.stacks",
    "sax-sets": "kinecor_lab.tasks.sax.sets",
    "sax-ends": "kinecor_lab.tasks.sax.ends",
    "sax-alternatives": "kinecor_lab.tasks.sax.alternatives",
    "sax-circular": "kinecor_lab.tasks.circular.evaluate",
    "lax-cine": "kinecor_lab.tasks.lax.evaluate",
    "lax-hearts": "kinecor_lab.tasks.lax.hearts",
    "lax-bases": "kinecor_lab.tasks.lax.bases",
    "phases": "kinecor_lab.tasks.phases.evaluate",
    "papers": "kinecor_lab.pipeline.paper_trainings",
    "views": "kinecor_lab.tasks.views.evaluate",
    "flow": "kinecor_lab.tasks.motion.evaluate",
    "listener": "kinecor_lab.tasks.listener.evaluate",
    "precisions": "kinecor_lab.quantisation.evaluate",
    "realism": "kinecor_lab.realism.evaluate",
    "phantoms": "kinecor_lab.simulators.evaluate",
    "view-clips": "kinecor_lab.pipeline.view_clips",
    "clip-flicker": "kinecor_lab.pipeline.clip_flicker",
    "carried-frames": "kinecor_lab.pipeline.carried_frames",
    "strain": "kinecor_lab.pipeline.strain",
    "short-axis-strain": "kinecor_lab.pipeline.short_axis_strain",
    "trust": "kinecor_lab.tasks.trust.evaluate",
    "intervals": "kinecor_lab.tasks.trust.intervals",
    "classes": "kinecor_lab.tasks.trust.classes",
    "axes": "kinecor_lab.tasks.trust.axes",
    "base-doubts": "kinecor_lab.tasks.trust.patients.bases",
    "strain-intervals": "kinecor_lab.tasks.trust.strain.interval",
    "sizes": "kinecor_lab.tasks.trust.patients.sizes",
    "limits": "kinecor_lab.tasks.trust.patients.limits",
    "site-style": "kinecor_lab.tasks.site.evaluate",
}
"""Evaluations, likewise."""
PAUSED = 3
"""Exit status of a training whose call ended before it did (--call-minutes)."""
_ALIASES = {"look": "realism"}
"""Former names of evaluations."""


class PausedError(Exception):
    """A call's time is up; the state has been saved, and the same call resumes."""


def show_progress(text: str) -> None:
    """Show `text` in place of what was shown last, on a terminal; elsewhere, as in a log, nothing.

    The carriage return goes past what writes control characters out (kinecor.cli.terminal); names in `text` do not.
    """
    if sys.stderr.isatty():
        getattr(sys.stderr, "unescaped", sys.stderr).write("\r")
        print(text, end="", file=sys.stderr, flush=True)


def train(argv: Sequence[str]) -> int:
    """Run `kinecor train`; its exit status (0 done, 1 failed)."""
    return run("kinecor train", "Train a model; a stopped run resumes.", TRAIN, argv)


def evaluate(argv: Sequence[str]) -> int:
    """Run `kinecor evaluate`; its exit status (0 done, 1 failed)."""
    return run(
        "kinecor evaluate",
        "Measure a model, or simulated recordings, against real ones.",
        EVALUATE,
        [_ALIASES.get(name, name) for name in argv[:1]] + list(argv[1:]),
    )


def run(program: str, description: str, modules: Mapping[str, str], argv: Sequence[str]) -> int:
    """Hand `argv[1:]` to the module under `argv[0]`; its exit status.

    Args:
        program: what was typed so far, for usage lines, e.g. "kinecor train".
        description: one sentence for --help.
        modules: module path by NAME. Only the chosen module is imported.
        argv: what was typed after `program`.

    Raises:
        SystemExit: from argparse, for an unknown NAME (status 2) or --help (status 0).

    """
    parser = argparse.ArgumentParser(prog=program, description=description, epilog=f"More: {program} NAME --help")
    parser.add_argument("name", metavar="NAME", choices=list(modules), help=" | ".join(modules))
    name = parser.parse_args(argv[:1]).name
    quiet_allocator()
    return int(import_module(modules[name]).main(argv[1:]))


def quiet_allocator() -> None:
    """Leaves freed memory with the process: page faults otherwise cost up to 2.8 times a training step on Linux.

    M_MMAP_MAX = -4 to 0 and M_TRIM_THRESHOLD = -1 to its largest value; must come before torch is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if sys.platform == "linux":
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(-4, 0)
        libc.mallopt(-1, 2**31 - 1)


def reported(program: str) -> Callable[[Callable[[Sequence[str]], int]], Callable[[Sequence[str]], int]]:
    """A command whose foreseeable errors (data, weights, device, options) become a line on stderr and status 1.

    A training that --call-minutes paused has status PAUSED.
    """

    def with_report(main: Callable[[Sequence[str]], int]) -> Callable[[Sequence[str]], int]:
        @wraps(main)
        def reporting(argv: Sequence[str]) -> int:
            from kinecor.core.values.errors import KinecorError
            from kinecor_lab.datasets.samples import DataSetError
            from kinecor_models.contract import WeightsError
            from kinecor_models.engines.engine import DeviceError

            try:
                return main(argv)
            except PausedError as paused:
                print(f"{program}: {paused}", file=sys.stderr)
                return PAUSED
            except (DataSetError, DeviceError, WeightsError, KinecorError, FileNotFoundError, ValueError) as error:
                print(f"{program}: {error}", file=sys.stderr)
                return 1

        return reporting

    return with_report


def add_device(parser: argparse.ArgumentParser, what: str = "where the network runs (default: auto)") -> None:
    """The option --device."""
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto", help=what)


def add_network(parser: argparse.ArgumentParser) -> None:
    """The option --network of evaluations: other weights than those that ship; see publish.weights_to_measure."""
    from pathlib import Path

    parser.add_argument("--network", type=Path, help="measure a network of a training run, not the shipped one")


def add_split(parser: argparse.ArgumentParser, usual: str) -> None:
    """The option --split of evaluations: which patients are measured."""
    parser.add_argument(
        "--split", default=usual, choices=("train", "valid", "test"), help=f"patients to measure (default: {usual})"
    )


def add_run_options(parser: argparse.ArgumentParser, folder: str, what: str = "checkpoints and the log") -> None:
    """The options that all trainings share: --run, --device, --workers, --seed, and how long it may take."""
    from pathlib import Path

    parser.add_argument("--run", type=Path, default=Path(folder), help=f"folder for {what} (default: {folder})")
    add_device(parser, "where the network trains (default: auto)")
    parser.add_argument(
        "--workers", type=int, help="processes that prepare data (default: a thread on the CPU, up to 8 with a GPU)"
    )
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--minutes", type=float, help="end the run, and its schedule with it, after this time")
    parser.add_argument("--core-hours", type=float, help="the same in hours of processor time, of all cores together")
    parser.add_argument(
        "--patience", type=int, help="end the run after this many validations in a row without a higher score"
    )
    parser.add_argument(
        "--call-minutes", type=float, help="save and stop this call after this time; the same command resumes"
    )
