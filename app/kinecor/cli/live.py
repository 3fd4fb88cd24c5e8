"""`kinecor live`: contours of a live source, in a window or as a line of JSON a frame."""

import argparse
import json
import sys
import threading
import time
from pathlib import Path

import numpy as np

import kinecor
from kinecor.analysis.live import LiveFrame, LiveSession
from kinecor.cli.outcomes import DONE, FAILED
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.files.atomic import make_private
from kinecor.io.open.live import open_live


def live(chosen: argparse.Namespace) -> int:
    """Run the command until the source ends, the window is closed, or the time is over."""
    source = open_live(chosen.source, loop=chosen.loop)
    save: Path | None = chosen.save
    if save is not None:
        if save.exists() and any(save.iterdir()):
            raise KinecorError(
                message("--save {folder}: it is not empty; name a new or empty folder", folder=verbatim(str(save)))
            )
        make_private(save)
    latencies: list[float] = []
    enough = threading.Event()

    def each(frame: LiveFrame) -> None:
        latencies.append(frame.latency_s)
        if chosen.json and not enough.is_set():
            print(json.dumps(_line(frame)), flush=True)
        if save is not None:
            _save(save, frame)
        if chosen.frames is not None and len(latencies) >= chosen.frames:
            enough.set()

    def begin() -> LiveSession:
        return LiveSession(source, chosen.device, each)

    last: LiveFrame | None
    error: str | None
    if chosen.json:
        print(f"kinecor: {kinecor.RESEARCH_USE}; nothing is measured", file=sys.stderr)
        session, until_s = begin(), time.monotonic() + (chosen.seconds or np.inf)
        try:
            while not (session.ended or enough.wait(0.05) or time.monotonic() > until_s):
                pass
        finally:
            session.close()
        error, last = session.error, session.newest
    else:
        from kinecor.ui.app.application import run_live

        live_sessions: list[LiveSession] = []

        def once() -> LiveSession:
            live_sessions.append(begin())
            return live_sessions[0]

        error = run_live(once, chosen.source, str(save or ""), chosen.seconds)
        last = live_sessions[0].newest
    if latencies and last is not None:
        middle_ms, most_ms = 1000 * np.percentile(latencies, (50, 95))
        print(
            f"kinecor: {len(latencies)} frames contoured, {last.passed_over} passed over; latency {middle_ms:.0f} ms "
            f"(95 %: {most_ms:.0f} ms), network of {last.side} pixels",
            file=sys.stderr,
        )
    if error:
        print(f"kinecor: {error}", file=sys.stderr)
    return FAILED if error else DONE


def _line(frame: LiveFrame) -> dict[str, object]:
    return {
        "frame": frame.number,
        "latency_ms": round(1000 * frame.latency_s, 1),
        "contours": {name: np.round(points, 1).tolist() for name, points in frame.contours.items()},
        "doubtful": sorted(frame.doubtful),
    }


def _save(folder: Path, frame: LiveFrame) -> None:
    """Add a frame as PNG, without contours, and its contours as a line."""
    from kinecor.io.export.pictures import write_png

    write_png(folder / f"{frame.number:06d}.png", frame.image)
    with (folder / "contours.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(_line(frame)) + "\n")
