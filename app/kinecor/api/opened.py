"""Studies and recordings as they were opened: what the files say, and pixels on demand.

Frames stay on disk. A study or recording that is sent to another process goes as its path, and is opened again there
when its pixels are first asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import ArrayFrames, CineSequence, FrameSource, Stack
from kinecor.core.values.recording import Recording as CoreRecording
from kinecor.io.open.recordings import Opened, is_url, open_path, open_url


@dataclass(frozen=True, slots=True)
class Opening:
    """How something was opened, so that another process can open it again; fields as in `open_study`."""

    path: str
    modality: str = "auto"
    third_axis: str = "auto"
    spacing_mm: tuple[float, float] | None = None

    def opened(self) -> Opened:
        """What is there."""
        open_any = open_url if is_url(self.path) else open_path
        return open_any(self.path, modality=self.modality, third_axis=self.third_axis, spacing_mm=self.spacing_mm)


@lru_cache(maxsize=4)
def _cines_again(opening: Opening) -> dict[tuple[str, str], CineSequence]:
    return {
        (cine.source.recording_id, cine.source.digest): cine
        for recording in opening.opened().recordings
        for cine in recording.cines
    }


@dataclass(frozen=True, slots=True)
class _FramesAgain:
    """The frames of a loop that came from another process, opened again when the first is asked for.

    Attributes:
        opening: how they were opened there.
        recording_id, digest: of the loop: another one in its place is refused.
        shape: see FrameSource.

    """

    opening: Opening
    recording_id: str
    digest: str
    shape: tuple[int, ...]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, frame: int) -> NDArray[np.uint8]:
        cine = _cines_again(self.opening).get((self.recording_id, self.digest))
        if cine is None:
            raise KinecorError(
                message(
                    "{path} was expected to hold the recording {recording}, as where it was opened first, and does "
                    "not: copy its files to the same place",
                    path=verbatim(self.opening.path),
                    recording=verbatim(self.recording_id),
                )
            )
        return cine.frames[frame]


def _sendable(recording: CoreRecording, opening: Opening | None) -> CoreRecording:
    """A recording whose frames other processes can open."""

    def without_decoder(cine: CineSequence) -> CineSequence:
        if opening is None or isinstance(cine.frames, ArrayFrames | _FramesAgain):
            return replace(cine, depth=None)
        source = cine.source
        frames: FrameSource = _FramesAgain(opening, source.recording_id, source.digest, cine.frames.shape)
        return replace(cine, frames=frames, depth=None)

    if isinstance(recording, Stack):
        return replace(recording, slices=tuple(map(without_decoder, recording.slices)))
    return without_decoder(recording)


class Refused(NamedTuple):
    """A file that could not be opened, and why, in one sentence."""

    path: str
    reason: str


class SetAside(NamedTuple):
    """Something that is shown or listed and never measured, such as a Doppler trace: what it is, and why."""

    path: str
    kind: str
    reason: str


class Recording:
    """One loop, or one stack of short-axis slices, as its files have it.

    Immutable, and safe to use from several threads. `len` is its number of frames.
    """

    __slots__ = ("_core", "_first", "_opening")
    _core: CoreRecording
    _opening: Opening | None
    _first: Reading

    def __init__(self, core: CoreRecording, opening: Opening | None) -> None:
        self._core, self._opening, self._first = core, opening, first_reading_of(core)

    def __reduce__(self) -> tuple[Any, ...]:
        return Recording, (_sendable(self._core, self._opening), self._opening)

    def __len__(self) -> int:
        return self.frames

    def __repr__(self) -> str:
        return f"<Recording {self.id}: {self.kind}, view {self.view or 'not named'}, {self.frames} frames>"

    @property
    def id(self) -> str:
        """What tells recordings apart: the SOP or series UID, else a digest of the content."""
        return self._first.facts.recording_id

    @property
    def study_id(self) -> str:
        """The Study Instance UID; of files without a header, the recording's own identifier."""
        return self._core.source.study_id

    @property
    def path(self) -> str:
        """The file, or the first file, that it was opened from."""
        return self._core.source.path

    @property
    def modality(self) -> str:
        """By the file: "US", "MR" or another; "" where it does not say."""
        return self._core.source.modality

    @property
    def kind(self) -> str:
        """What kind of recording it is, e.g. "apical loop", "short-axis stack", "long axis of cine MRI"."""
        return str(self._first.kind.name)

    @property
    def measured(self) -> bool:
        """Whether recordings of its series are measured; others (Doppler, maps, documents) are only shown."""
        return self._core.source.series.measured

    @property
    def view(self) -> str:
        """The view that the header or the file's name states ("A4C", "A2C", "A3C", "SAX", ...); "" where none does."""
        return self._first.view.label if self._first.view else ""

    @property
    def frames(self) -> int:
        """Number of frames; of a stack, of phases."""
        return self._first.facts.frames

    @property
    def slices(self) -> int:
        """Number of slices: 1 of a loop."""
        return len(self._core.cines)

    @property
    def rows(self) -> int:
        """Height of a frame in pixels; of a stack, of its first slice."""
        return self._core.cines[0].rows

    @property
    def columns(self) -> int:
        """Width of a frame in pixels; of a stack, of its first slice."""
        return self._core.cines[0].columns

    @property
    def spacing_mm(self) -> tuple[float, float] | None:
        """Millimetres between rows, and between columns; None where the file has no scale: then nothing is in ml."""
        scale = self._core.cines[0].calibration
        return (scale.row_mm, scale.col_mm) if scale else None

    @property
    def times_s(self) -> FloatArray:
        """(frames,) seconds from the first frame, increasing; read-only."""
        return self._first.facts.times_s

    @property
    def times_origin(self) -> str:
        """What the times were read from, e.g. "FrameTime"; "assumed" where the file has none."""
        return str(self._first.facts.times_origin)

    @property
    def positions_mm(self) -> FloatArray | None:
        """(slices,) place of each slice of a stack along the common normal, increasing; None of a loop."""
        return self._first.facts.stack.positions_mm if self._first.facts.stack else None

    @property
    def heart_rate_per_min(self) -> float | None:
        """By the header; None where it does not say."""
        return self._first.facts.heart_rate_per_min

    @property
    def patient_id(self) -> str:
        """The header's identifier, else the name; "" where it has neither."""
        return self._core.source.patient.identity

    @property
    def site(self) -> str:
        """The institution by the header; "" where it does not say."""
        return self._core.source.patient.institution

    @property
    def equipment(self) -> str:
        """Maker, model and software of the scanner by the header; "" where it does not say."""
        return self._core.source.equipment

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed on opening, one sentence each."""
        return tuple(map(str, self._first.facts.warnings))

    def frame(self, number: int, slice: int = 0) -> NDArray[np.uint8]:  # noqa: A002 - the field's word
        """One frame, decoded now.

        Args:
            number: from 0.
            slice: of a stack, from 0.

        Returns:
            uint8 (rows, columns), or (rows, columns, 3) in RGB; read-only.

        Raises:
            Error: it cannot be decoded.
            IndexError: there is no such frame or slice.

        """
        if not 0 <= slice < self.slices or not 0 <= number < self.frames:
            raise IndexError(
                f"frame {number} of slice {slice}: there are {self.frames} frames and {self.slices} slices, from 0"
            )
        return self._core.cines[slice].frames[number]

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """All frames, decoded now; keep the array, since the next access decodes again.

        uint8 (frames, rows, columns), in RGB (frames, rows, columns, 3); of a stack (slices, frames, rows, columns).
        MR images have the file's grey window.

        Raises:
            Error: a frame cannot be decoded, or the slices of a stack differ in size: take them by `frame`.

        """
        cines = self._core.cines
        if len({cine.frames.shape for cine in cines}) > 1:
            raise KinecorError(
                message("expected slices of one size, these differ: take each by `frame(number, slice)`")
            )
        loops = [np.stack([cine.frames[number] for number in range(len(cine))]) for cine in cines]
        return np.stack(loops) if isinstance(self._core, Stack) else loops[0]


class Study:
    """What a path led to: the recordings of one study, or of several, with what could not be opened.

    Immutable, and safe to use from several threads. Iterating gives its recordings, `len` their number.
    """

    __slots__ = ("_found", "_ids", "_lock", "_opening")

    def __init__(
        self, opening: Opening | None, opened: Opened | None = None, ids: frozenset[str] | None = None
    ) -> None:
        self._opening, self._found, self._ids, self._lock = opening, opened, ids, Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        if self._opening is not None:
            return Study, (self._opening, None, self._ids)
        opened = self._opened
        return Study, (
            None,
            Opened(tuple(_sendable(recording, None) for recording in opened.recordings), ()),
            self._ids,
        )

    def __iter__(self) -> Iterator[Recording]:
        return iter(self.recordings)

    def __len__(self) -> int:
        return len(self.recordings)

    def __repr__(self) -> str:
        return f"<Study {self.path}: {len(self)} recordings of {len(self.study_ids)} studies>"

    @property
    def _opened(self) -> Opened:
        """What is there; opened again where this came from another process."""
        with self._lock:
            if self._found is None:
                assert self._opening is not None
                opened = self._opening.opened()
                wanted = self._ids
                self._found = opened if wanted is None else of_studies(opened, wanted)
            return self._found

    @property
    def path(self) -> str:
        """The path as given; "" of what was never a file."""
        return self._opening.path if self._opening else ""

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """All recordings in the order of their files' names, numbers counted as numbers."""
        return tuple(Recording(recording, self._opening) for recording in self._opened.recordings)

    @property
    def refused(self) -> tuple[Refused, ...]:
        """Files that could not be opened."""
        return tuple(Refused(refusal.path, str(refusal.reason)) for refusal in self._opened.refused)

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """What is there and never measured."""
        set_aside_studies = self._opened.set_aside
        return tuple(
            SetAside(set_aside.path, str(kind.name), str(kind.reason))
            for set_aside in set_aside_studies
            if (kind := set_aside.series.known) is not None
        )

    @property
    def study_ids(self) -> tuple[str, ...]:
        """The studies that the recordings belong to, in order; one of most paths."""
        return tuple(dict.fromkeys(recording.source.study_id for recording in self._opened.recordings))

    @property
    def studies(self) -> "tuple[Study, ...]":
        """Each study by itself, to be analysed or sent to a process one by one."""
        opened = self._opened
        return tuple(
            Study(self._opening, of_studies(opened, frozenset([study_id])), frozenset([study_id]))
            for study_id in self.study_ids
        )


def of_studies(opened: Opened, ids: frozenset[str]) -> Opened:
    """What belongs to some studies; refused files belong to none.

    Args:
        opened: everything that was opened.
        ids: Study Instance UIDs of the studies that are kept.

    """
    return replace(
        opened,
        recordings=tuple(recording for recording in opened.recordings if recording.source.study_id in ids),
        refused=(),
        reports=tuple(report for report in opened.reports if report.study_id in ids),
        documents=tuple(document for document in opened.documents if document.study_id in ids),
    )


def open_study(
    path: str | Path,
    *,
    modality: Literal["auto", "US", "MR"] = "auto",
    third_axis: Literal["auto", "time", "slice"] = "auto",
    spacing_mm: tuple[float, float] | None = None,
) -> Study:
    """Open a file, a folder, a DICOMDIR, a zip or a URL. Frames stay on disk until they are asked for.

    Args:
        path: what to open; "demo" is the demo study.
        modality: takes precedence over the file.
        third_axis: what the third axis of a 3-D NIfTI or MetaImage is.
        spacing_mm: millimetres between rows, and between columns; takes precedence over the file.

    Returns:
        At least one recording; files that could not be opened are in `Study.refused`.

    Raises:
        Error: there is no recording, with the reason; or an option is none of the choices.

    """
    place = str(path)
    if place == "demo" and not Path(place).exists():
        from kinecor.io.open.find import demo_path

        place = str(demo_path())
    opening = Opening(place, modality, third_axis, None if spacing_mm is None else (spacing_mm[0], spacing_mm[1]))
    opened = opening.opened()
    if not opened.recordings:
        if opened.refused:
            first = opened.refused[0]
            raise KinecorError(message("{path}: {reason}", path=verbatim(first.path), reason=first.reason))
        raise KinecorError(
            message("{path}: no recording was found there: name a file or folder that holds one", path=verbatim(place))
        )
    return Study(opening, opened)
