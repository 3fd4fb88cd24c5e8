"""`kinecor evaluate clip-flicker`: how much contours flicker on real clips, whose truth is unknown."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.analyse import COLOUR_DOPPLER
from kinecor.analysis.models import Models
from kinecor.analysis.strategy import clip_of, recognise_view
from kinecor.core.values.errors import KinecorError, no_tick
from kinecor.core.values.message import verbatim
from kinecor.core.values.reading import first_reading
from kinecor.core.values.recording import CineSequence
from kinecor.io.open.recordings import open_path
from kinecor_lab.common.commands import add_device, reported, show_progress
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.tasks.sequence.metrics import flicker, network_maps
from kinecor_models.contours.apical import ApicalModel, OverTime
from kinecor_models.contract import ClipInput, ClipModel, ClipOutput, Frames, WeightsError, load_card, load_weights
from kinecor_models.engines.engine import Device, DeviceError, one_by_one
from kinecor_models.engines.opening import open_engine
from kinecor_models.localisation.framing import is_colour_doppler
from kinecor_models.registry import DEFAULT_APICAL

ROWS: tuple[OverTime, ...] = ("none", "average", "live", "fusion")
"""What holds contours still: each frame alone, the weighted moving average, fusion that looks back only, fusion."""
ONE_FRAME = "flicker needs two frames or more; this is one"
NO_CAVITY = "no cavity was found in any frame"


@dataclass(frozen=True)
class ClipFlicker:
    """A clip and how much its contours flicker.

    Attributes:
        name: of its file.
        view: from the file, else from the model; "-" where the clip was not classified.
        frames: that were looked at.
        rate_per_s: frames a second.
        cavity, every: mFIP of the LV cavity, and of cavity, myocardium and left atrium together, by ROWS (a share of
            the network's image, 0..1, for each pair of frames); empty where nothing was contoured.
        lost: frames without a contour of the cavity, in the row that has most of them.
        why: why nothing was contoured, in words, or None.

    """

    name: str
    view: str
    frames: int
    rate_per_s: float
    cavity: Mapping[OverTime, float] = field(default_factory=dict)
    every: Mapping[OverTime, float] = field(default_factory=dict)
    lost: int = 0
    why: str | None = None


class _First:
    """The first `count` frames of some."""

    def __init__(self, frames: Frames, count: int) -> None:
        self._frames, self._count = frames, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, frame: int) -> NDArray[np.uint8]:
        return self._frames[frame]


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate clip-flicker",
        description="Measure how much contours of the default apical model flicker on every clip of a folder, by what "
        "holds them still. No truth is needed.",
    )
    out.add_argument("folder", type=Path, help="clips; those of other than apical views are reported and skipped")
    out.add_argument("--frames", type=int, default=0, help="use only the first frames of each clip (default: all)")
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    if options.frames < 0 or options.frames == 1:
        raise ValueError(f"--frames: expected 2 or more, got {options.frames}")
    flickers = looked_at(options.folder, options.device, options.frames)
    card = load_card(DEFAULT_APICAL)
    report(
        "clip-flicker",
        argv,
        "Flicker of contours on clips without truth",
        [table(flickers)],
        out=options.out,
        models={card.name: card.version},
        notes=[f"{card.name} {card.version}"],
        values=flickers,
    )
    return 0


def looked_at(folder: Path, device: str = "auto", most: int = 0) -> list[ClipFlicker]:
    """Every loop in a folder, in order of names.

    Args:
        folder: see `open_path`.
        device: "auto", "cpu" or "cuda".
        most: this many first frames of each are looked at; 0 for all.

    Raises:
        KinecorError: the model or the device cannot be used, or no loop opens.

    """
    opened = open_path(str(folder))
    for refused in opened.refused:
        print(f"{Path(refused.path).name}: {refused.reason}", file=sys.stderr)
    loops = [recording for recording in opened.recordings if isinstance(recording, CineSequence)]
    if not loops:
        raise KinecorError(verbatim(f"expected clips in {folder}, found none that open: check the folder"))
    models = opened_rows(device)
    flickers = []
    for number, cine in enumerate(sorted(loops, key=lambda cine: cine.source.path), start=1):
        flickers.append(measured(cine, models, device, most))
        show_progress(f"{number}/{len(loops)} {flickers[-1].name}   ")
    print(file=sys.stderr)
    return flickers


def opened_rows(device: str) -> dict[OverTime, ClipModel]:
    """The default apical model by ROWS, which share one pass of the network.

    Raises:
        KinecorError: the weights are missing or damaged, or the device is not there.

    """
    from kinecor_lab.tasks.sequence.evaluate import Remembering  # it brings torch along

    chosen: Device = next(one for one in get_args(Device) if one == device)
    try:
        card = load_card(DEFAULT_APICAL)
        engine = one_by_one(Remembering(open_engine(card, load_weights(card), chosen)))
    except (WeightsError, DeviceError, FileNotFoundError) as wrong:
        raise KinecorError(verbatim(str(wrong))) from wrong
    return {name: ApicalModel(card, engine, over_time=name) for name in ROWS}


def measured(cine: CineSequence, models: Mapping[OverTime, ClipModel], device: str, most: int = 0) -> ClipFlicker:
    """One clip; nothing is contoured where the view is not apical or the images cannot be decoded.

    Raises:
        KinecorError: the model that names views or the device cannot be used.

    """
    reading = first_reading(cine)
    clip = clip_of(cine, reading.aspect)
    count = min(most or len(cine), len(cine))
    found = ClipFlicker(Path(cine.source.path).name, cine.view or "-", count, 1 / clip.interval_s)
    try:
        why = _why_not(cine, clip) or (ONE_FRAME if count < 2 else None)
        if why is not None:
            return replace(found, why=why)
        look = recognise_view(clip, reading, Models(device), no_tick)
        after = reading
        for edit in look.edits:
            after = edit.apply(after, DEFAULT_APICAL)
        found = replace(found, view=after.view.label if after.view else "-")
        if look.why_not is not None:
            return replace(found, why=look.why_not)
        first = replace(clip, frames=_First(clip.frames, count))
        return _flickers(found, {name: model(first, no_tick) for name, model in models.items()})
    except KinecorError as wrong:
        return replace(found, why=str(wrong))


def apical_clip(cine: CineSequence, device: str) -> ClipInput | None:
    """The clip of a loop of two frames or more that the model of views takes for an apical one; None for others.

    Raises:
        KinecorError: the model that names views or the device cannot be used.

    """
    reading = first_reading(cine)
    clip = clip_of(cine, reading.aspect)
    if len(cine) < 2 or _why_not(cine, clip) is not None:
        return None
    return clip if recognise_view(clip, reading, Models(device), no_tick).why_not is None else None


def _why_not(cine: CineSequence, clip: ClipInput) -> str | None:
    if cine.source.modality not in ("US", ""):
        return f"contours need an ultrasound clip; this file is of modality {cine.source.modality}"
    return COLOUR_DOPPLER if is_colour_doppler(clip) else None


def _flickers(found: ClipFlicker, outputs: Mapping[OverTime, ClipOutput]) -> ClipFlicker:
    lost = max(sum(line is None for line in output.contours["lv_endo"]) for output in outputs.values())
    if lost == found.frames:
        return replace(found, why=NO_CAVITY, lost=lost)
    maps = {name: network_maps(output) for name, output in outputs.items()}
    cavity = {name: flicker((level_map == 1).astype(np.uint8)) for name, level_map in maps.items()}
    return replace(
        found, cavity=cavity, every={name: flicker(level_map) for name, level_map in maps.items()}, lost=lost
    )


_NOTES = (
    "mFIP of the LV cavity: share of the network's image that changes from a frame to the next, mean over pairs.",
    "The heart's own motion counts too: compare the columns of a clip. lost: frames without a cavity.",
)


def table(clips: Sequence[ClipFlicker]) -> Table:
    """A row per clip, and mean and SD over those that were contoured."""
    columns = (
        Column("clip"),
        Column("view"),
        Column("frames", form="d"),
        Column("rate", "/s", ".1f"),
        Column("lost", form="d"),
        *(Column(name, form=".4f") for name in ROWS),
        Column("not contoured because"),
    )
    rows: list[tuple[Cell, ...]] = []
    for clip in clips:
        lost = clip.lost if clip.why is None else None
        cells = [clip.cavity.get(name) for name in ROWS]
        rows.append((clip.name, clip.view, clip.frames, clip.rate_per_s, lost, *cells, clip.why or ""))
    kept_flickers = [clip for clip in clips if clip.why is None]
    total = sum(clip.frames for clip in kept_flickers)
    for title, by_clip in (
        ("LV cavity", [clip.cavity for clip in kept_flickers]),
        ("cavity, wall, atrium", [clip.every for clip in kept_flickers]),
    ):
        if kept_flickers:
            spreads = [spread([one[name] for one in by_clip]) for name in ROWS]
            rows.append((f"{title}, {len(kept_flickers)} clips", "", total, None, None, *spreads, ""))
    none = () if kept_flickers else (f"none of {len(clips)} clips was contoured",)
    return Table("", columns, tuple(rows), (*_NOTES, *none))
