"""Table 1 of paper 003: how many frames found EDs and ESs lie off, by method and source, beside the paper's rows."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kinecor_lab.tasks.phases.cine import PhaseCine
from kinecor_models.phases.events import PhaseEvents

PAPER = {
    "level set": (1.54, 1.93, 1.24, 1.64, 2.9),
    "graph cut": (2.27, 2.89, 1.65, 1.96, 3.5),
    "CNN + regression": (1.30, 1.77, 1.97, 2.42, 1.5),
    "TempReg-Net, no structured loss": (0.47, 0.49, 0.52, 0.53, 1.4),
    "TempReg-Net": (0.38, 0.39, 0.44, 0.46, 1.4),
}
"""aFD and SD of ED, aFD and SD of ES in frames, seconds per sequence of 20 frames; 420 patients, MRI of all views."""
FRAMES = 20
"""Frames a cycle (MRI) of the paper's sequences; echo is thinned to about ECHO_PER_S."""
ECHO_PER_S = 25.0
# An event of an open clip counts where this many frames lie before and after it.
MARGIN = 2

Method = Callable[[PhaseCine], PhaseEvents]


@dataclass(frozen=True, slots=True)
class PhaseScore:
    """One true event.

    Attributes:
        source, name: of the cine.
        kind: "ED" or "ES".
        off: frames from the true to the found frame, whole; None where no event of the kind was found in the clip.
        off_ms: the same from the exact true time to the found time, to a part of a frame.
        seconds: that the whole sequence took.

    """

    source: str
    name: str
    kind: str
    off: int | None
    off_ms: float
    seconds: float


def thinned(cine: PhaseCine, seed: int = 0) -> PhaseCine:
    """As in the paper: a cycle at 20 frames, begun anywhere; an echo clip at about ECHO_PER_S.

    Real recordings stay as they are.
    """
    if cine.source.startswith("real"):
        return cine
    total = len(cine.frames)
    if cine.cycle_s is None:
        rate = (total - 1) / float(cine.times_s[-1] - cine.times_s[0])
        stride = max(1, round(rate / ECHO_PER_S))
        return replace(cine, frames=cine.frames[::stride], times_s=cine.times_s[::stride])
    start = int(np.random.default_rng((seed, *cine.name.encode())).integers(total))
    steps = start + np.floor(np.arange(FRAMES) * total / FRAMES + 0.5).astype(int)
    turns, frames = np.divmod(steps, total)
    return replace(cine, frames=cine.frames[frames], times_s=cine.times_s[frames] + turns * cine.cycle_s)


def _frame_at(cine: PhaseCine, at: float) -> float:
    """The time of a place between frames, extrapolated beyond the ends."""
    number = np.arange(len(cine.times_s))
    low = int(np.clip(np.floor(at), 0, len(number) - 2))
    step = cine.times_s[low + 1] - cine.times_s[low]
    return float(cine.times_s[low] + (at - low) * step)


def _off(cine: PhaseCine, true_s: float, frames: Sequence[int], places: Sequence[float]) -> tuple[int | None, float]:
    """Frames and milliseconds to the nearest found event, round the cycle where it is closed."""
    total, cycle_s = len(cine.frames), cine.cycle_s
    gaps = cine.times_s - true_s
    if cycle_s is not None:
        gaps = (gaps + cycle_s / 2) % cycle_s - cycle_s / 2
    true = int(np.argmin(abs(gaps)))
    if not frames:
        return None, float("nan")
    off = np.array(frames) - true
    late = np.array([_frame_at(cine, at) for at in places]) - true_s
    if cycle_s is not None:
        off = (off + total // 2) % total - total // 2
        late = (late + cycle_s / 2) % cycle_s - cycle_s / 2
    best = int(np.argmin(abs(off)))
    return int(off[best]), float(late[best]) * 1000


def _counted(cine: PhaseCine, events_s: Sequence[float]) -> list[float]:
    """Events that a method could have found, each once."""
    if cine.cycle_s is not None:
        return list(events_s[:1])
    if len(cine.times_s) <= 2 * MARGIN:
        return []
    return [at for at in events_s if cine.times_s[MARGIN] <= at <= cine.times_s[-1 - MARGIN]]


def scores(method: Method, cines: Sequence[PhaseCine]) -> list[PhaseScore]:
    """Every event of every cine that lies well inside it."""
    out = []
    for cine in cines:
        started = time.perf_counter()
        found = method(cine)
        took = time.perf_counter() - started
        for kind, events_s, frames, places in (
            ("ED", cine.ed_s, found.ed, found.ed_at),
            ("ES", cine.es_s, found.es, found.es_at),
        ):
            for true_s in _counted(cine, events_s):
                off, late_ms = _off(cine, true_s, frames, places)
                out.append(PhaseScore(cine.source, cine.name, kind, off, late_ms, took))
    return out


def _numbers(some: Sequence[PhaseScore], kind: str) -> str:
    found = [one for one in some if one.kind == kind and one.off is not None]
    if not found:
        return f"{'-':>22}"
    off = np.abs([one.off for one in found if one.off is not None])
    late = np.abs([one.off_ms for one in found])
    return f"{off.mean():5.2f} {off.std():5.2f} {late.mean():7.1f} ms"


_SUB_FRAME = (
    "aFD and SD: whole frames between the true and the found frame; sub-frame: mean absolute time (ms) between the\n"
    "true moment and the found one, which a fit or a parabola places to a part of a frame"
)


def table(by_method: Mapping[str, Sequence[PhaseScore]]) -> str:
    """The table as text: aFD and SD in whole frames, mean absolute time to a part of a frame, by method and source.

    n counts true events of either kind; "lost" are those in whose clip none was found. The paper's SD is of the
    frame difference; ours is of its absolute value, as the mean is.
    """
    lines = [
        _SUB_FRAME,
        f"{'':52} {'n':>5}  {'ED: aFD   SD sub-frame':22}  {'ES: aFD   SD sub-frame':22}  lost   s/sequence",
    ]
    for name, (ed, ed_sd, es, es_sd, seconds) in PAPER.items():
        title = f"the paper's, on its data: {name}"
        lines.append(
            f"{title[:58]:58}  {ed:5.2f} {ed_sd:5.2f} {'':10}  {es:5.2f} {es_sd:5.2f} {'':10}  {'':4}   {seconds:8.1f}"
        )
    for name, every in by_method.items():
        for source in sorted({one.source for one in every}):
            some = [one for one in every if one.source == source]
            lost = sum(one.off is None for one in some)
            seconds = float(np.median([one.seconds for one in some]))
            lines.append(
                f"{f'{name}, {source}':52} {len(some):5}  {_numbers(some, 'ED'):22}  {_numbers(some, 'ES'):22}"
                f"  {lost:4}   {seconds:8.3f}"
            )
    return "\n".join(lines)


def mean_afd(some: Sequence[PhaseScore], kind: str = "") -> float:
    """Mean absolute frames off, a lost event counting as 5; NaN where there is none."""
    off = [5 if one.off is None else abs(one.off) for one in some if kind in ("", one.kind)]
    return float(np.mean(off)) if off else float("nan")
