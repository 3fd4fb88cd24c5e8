"""Simulated recordings with what is true of them: opened as a scanner's files would be."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.phantom_make import PhantomRequest, make_echo, make_mri
from kinecor.analysis.phantoms import Output, write_echo, write_mri
from kinecor.api.opened import Opening, Recording, Study
from kinecor.cli.outcomes import PHANTOMS
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.geometry import FloatArray, frozen_array
from kinecor.core.values.message import joined_by, message, verbatim
from kinecor.core.values.recording import ArrayFrames, CineSequence, Stack
from kinecor.core.values.recording import Recording as CoreRecording
from kinecor.io.files.atomic import TemporaryFolder
from kinecor.io.open.recordings import Opened
from kinecor_phantoms.recording import EchoRecording, HeartTruth, MriSlice, MriStudy, PlaneTruth

Kind = Literal["a4c", "a2c", "a3c", "mri", "plax", "psax-base", "psax-mid", "psax-apex", "subcostal", "ivc", "other"]


@dataclass(frozen=True, eq=False, repr=False)
class Phantom:
    """A simulated heart as a scanner saw it, and what is true of it.

    Attributes:
        study: its recordings, as any other study; of an echo clip one.
        truth: all that is true, as in truth.json (see the page on its format): plain dicts, lists and numbers.
        volume_ml: (t,) true volume of the left ventricle at the times of the frames, NaN where the view shows no heart.

    """

    study: Study
    truth: Mapping[str, Any]
    volume_ml: FloatArray
    _contours: Mapping[str, tuple[tuple[FloatArray | None, ...], ...]]
    _labels: tuple[NDArray[np.uint8], ...]

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.study, dict(self.truth), self.volume_ml, dict(self._contours), self._labels)
        return Phantom, parts

    def __repr__(self) -> str:
        return f"<Phantom {self.recording!r}, true EF {self.ejection_fraction_percent:.1f} %>"

    @property
    def recording(self) -> Recording:
        """The clip; of MRI, the short-axis stack."""
        return next(
            (recording for recording in self.study.recordings if recording.positions_mm is not None),
            self.study.recordings[0],
        )

    @property
    def frames(self) -> NDArray[np.uint8]:
        """Its pixels, see `Recording.pixels`."""
        return self.recording.pixels

    @property
    def ejection_fraction_percent(self) -> float:
        """True ejection fraction, from the largest and the smallest volume; NaN where the view shows no heart."""
        if not np.isfinite(self.volume_ml).any():
            return float("nan")
        largest, smallest = float(np.nanmax(self.volume_ml)), float(np.nanmin(self.volume_ml))
        return 100 * (largest - smallest) / largest

    @property
    def structures(self) -> tuple[str, ...]:
        """Structures whose true contours are known."""
        return tuple(self._contours)

    def contour(self, name: str, frame: int, slice: int = 0) -> FloatArray | None:  # noqa: A002
        """The true contour, as `RecordingResult.contour` gives one; slices are those of the stack.

        Args:
            name: one of `structures`.
            frame: from 0.
            slice: from 0; of a loop 0.

        """
        if name not in self._contours:
            names = joined_by(", ", self.structures) if self.structures else verbatim("none")
            raise KinecorError(
                message("structure: expected one of {names}, got {given}", names=names, given=verbatim(name))
            )
        return self._contours[name][slice][frame]

    def mask(self, frame: int, slice: int = 0) -> NDArray[np.uint8]:  # noqa: A002
        """True labels, as `RecordingResult.mask` gives them; zeros where the view shows no heart.

        Args:
            frame: from 0.
            slice: from 0; of a loop 0.

        """
        labels: NDArray[np.uint8] = self._labels[slice][frame]
        return labels


def phantom(
    view: Kind = "a4c",
    *,
    seed: int = 0,
    ef: float | None = None,
    population: str = "normal",
    heart_rate: float | None = None,
    rhythm: str = "sinus",
    frames: int | None = None,
    size: tuple[int, int] | None = None,
    look: str | None = None,
    out: str | Path | None = None,
) -> Phantom:
    """Simulate a recording: `kinecor phantom` in memory.

    Args:
        view: what is shown; "mri" is a short-axis stack with long axes.
        seed: 0 or more; the same gives the same recording.
        ef: ejection fraction in percent, 5 to 85; drawn from the population where None.
        population: kind of heart, such as "normal" or "dilated".
        heart_rate: per minute, 30 to 220; drawn where None.
        rhythm: "sinus", "ectopic" or "fibrillation".
        frames: of a clip, 1 to 2000, or phases of MRI, 1 to 60; by default one beat.
        size: (rows, columns) of a frame.
        look: "random", or the name of a look.
        out: a new or empty folder that DICOM and truth.json are written to; in memory only where None.

    Raises:
        Error: a value cannot be simulated, with its range or the names there are; `out` cannot be written to.

    """
    if view not in PHANTOMS:
        raise KinecorError(
            message(
                "view: expected one of {views}, got {given}", views=joined_by(", ", [*PHANTOMS]), given=verbatim(view)
            )
        )
    request = PhantomRequest(
        population=population,
        seed=seed,
        ef_percent=ef,
        rate_per_min=heart_rate,
        rhythm=rhythm,
        frames=frames,
        size=size,
        look=look,
    )
    plane = PHANTOMS[view]
    try:
        made = make_echo(plane, request) if plane else make_mri(request)
    except ValueError as error:
        raise KinecorError(error_message(error)) from error
    identity, heart = request.identity(plane or "MRI"), request.identity("echo") if plane else ""
    if out is not None:
        folder = Path(out)
        _write(made, Output(folder, population.title(), identity, heart=heart))
        opening = Opening(str(folder))
        study, truth = Study(opening, opening.opened()), _truth(folder)
    else:
        with TemporaryFolder() as temporary:
            folder = temporary / "phantom"
            _write(made, Output(folder, population.title(), identity, heart=heart))
            opened = Opening(str(folder)).opened()
            held = tuple(map(_in_memory, opened.recordings))
            study, truth = Study(None, Opened(held, ())), _truth(folder)
    return _phantom(study, truth, made)


def _write(made: EchoRecording | MriStudy, output: Output) -> None:
    if isinstance(made, MriStudy):
        write_mri(made, output)
    else:
        write_echo(made, output)


def _truth(folder: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return MappingProxyType(found)


def _in_memory(recording: CoreRecording) -> CoreRecording:
    """A recording whose files may be removed; what refers to them goes."""

    def held(cine: CineSequence) -> CineSequence:
        pixels = np.stack([cine.frames[frame] for frame in range(len(cine))])
        return replace(cine, frames=ArrayFrames(pixels), depth=None, instances=(), source=replace(cine.source, path=""))

    if isinstance(recording, Stack):
        return replace(recording, slices=tuple(map(held, recording.slices)))
    return held(recording)


def _phantom(study: Study, truth: Mapping[str, Any], made: EchoRecording | MriStudy) -> Phantom:
    planes: list[PlaneTruth]
    heart: HeartTruth | None
    if isinstance(made, MriStudy):
        stack = next(recording._core for recording in study.recordings if isinstance(recording._core, Stack))
        planes, heart = [_nearest(made.stack, cine).plane for cine in stack.slices], made.truth
        frames = len(made.stack[0].frames)
    else:
        planes, heart = [made.plane] if made.plane is not None else [], made.truth
        frames = len(made.frames)
    names = planes[0].contours if planes else {}
    contours = {
        name: tuple(
            tuple(None if line is None else frozen_array(line) for line in plane.contours[name]) for plane in planes
        )
        for name in names
    }
    labels = tuple(frozen_array(plane.labels, np.uint8) for plane in planes)
    if not labels:
        first = study.recordings[0]
        labels = (frozen_array(np.zeros((frames, first.rows, first.columns)), np.uint8),)
    volume_ml = frozen_array(np.full(frames, np.nan) if heart is None else heart.volume_ml)
    return Phantom(study, truth, volume_ml, MappingProxyType(contours), labels)


def _nearest(slices: Sequence[MriSlice], cine: CineSequence) -> MriSlice:
    """The simulated slice that was opened as a cine."""
    plane = cine.plane
    assert plane is not None
    return min(slices, key=lambda mri_slice: float(np.linalg.norm(mri_slice.position_mm - plane.origin_mm)))
