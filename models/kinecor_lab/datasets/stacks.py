"""Whole short-axis stacks with experts' contours, so that base and apex can be judged.

Sets differ in which slices they hold. ACDC has every slice at ED and at ES, York every slice and phase of eight
patients, Sunnybrook's complete studies every image: both kinds are there, contoured and left out by the expert. The
single images of Sunnybrook were stored where they were contoured only: nothing is known of what was left out.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread

from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.recording import ArrayFrames, CineSequence, Source, Stack
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from kinecor_lab.common.metrics import filled
from kinecor_lab.datasets.samples import DataSetError, grey_picture
from kinecor_lab.datasets.short_axis import (
    BACKGROUND,
    CAVITY,
    MYOCARDIUM,
    RV,
    SCD_HALF_PX,
    YORK_BITS,
    Picture,
    SaxSample,
    acdc_png,
    by_volume,
    index_rows,
    scd_png,
    splits,
)

STEP_MM = 8.0
"""Assumed distance of slices where a set does not give it; volumes are compared as shares."""
_CYCLE_S = 0.8


@dataclass(frozen=True, eq=False)
class LabelledStack:
    """A patient's stack and what experts contoured.

    Attributes:
        source: "ACDC", "SCD", "York", "SCD study" or "DSB".
        patient: by whom sets are split.
        recording: the images.
        labels: by slice and phase (from 0): (rows, columns) uint8, the classes that a pixel may be (bits, see
            short_axis.py); only images that are labelled, or known to have been left out.
        left, right: (slices, phases) 1 where experts contoured the left (right) ventricle, 0 where they left the slice
            out, NaN where that is not known.
        marks: phases of ED and ES by name; the set may hold only one of them.
        experts_ml: volumes of the LV cavity that experts measured, by mark, where the set states them.

    """

    source: str
    patient: str
    recording: Stack
    labels: Mapping[tuple[int, int], Picture]
    left: FloatArray
    right: FloatArray
    marks: Mapping[str, int]
    experts_ml: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Set and patient."""
        return f"{self.source} {self.patient}"


def recording_of(name: str, slices: Sequence[NDArray[np.uint8]]) -> Stack:
    """A recording of (phases, rows, columns) images without a scale, STEP_MM apart.

    Args:
        name: of study, series and recording.
        slices: from base to apex, each (phases, rows, columns) grey levels.

    """
    cines = tuple(
        CineSequence(
            frames=ArrayFrames(frames),
            times_s=np.arange(len(frames)) * _CYCLE_S / len(frames),
            times_origin="assumed",
            calibration=None,
            source=Source(name, f"{name}/{number}", name, "MR"),
        )
        for number, frames in enumerate(slices)
    )
    return Stack(cines, STEP_MM * np.arange(len(cines), dtype=np.float64), None, name, recording_id=name)


def thinned(stack: LabelledStack, phases: int) -> LabelledStack:
    """The stack with ED, ES and as many further phases, evenly over the cycle, as make up `phases`."""
    total = stack.recording.phases
    if total <= phases:
        return stack
    even = np.linspace(0, total, phases - len(stack.marks), endpoint=False).round().astype(int)
    some = sorted({*even.tolist(), *stack.marks.values()})
    cines = tuple(
        replace(
            cine,
            frames=ArrayFrames(np.stack([cine.frames[phase] for phase in some])),
            times_s=cine.times_s[some] - cine.times_s[some[0]],
            instances=(),
            depth=None,
        )
        for cine in stack.recording.slices
    )
    return replace(
        stack,
        recording=replace(stack.recording, slices=cines),
        labels={(i, some.index(t)): label for (i, t), label in stack.labels.items() if t in some},
        left=stack.left[:, some],
        right=stack.right[:, some],
        marks={mark: some.index(phase) for mark, phase in stack.marks.items()},
    )


def acdc_stacks(folder: Path, wanted: Sequence[str]) -> list[LabelledStack]:
    """Patients of ACDC with ED and ES as their two phases; see short_axis.acdc_png for the arguments."""
    patients: dict[str, dict[str, list[SaxSample]]] = defaultdict(dict)
    for volume in by_volume(acdc_png(folder, wanted)):
        patients[volume[0].patient][volume[0].phase] = volume
    out = []
    for patient, phases in patients.items():
        both = [phases[mark] for mark in ("ED", "ES")]
        images = [np.stack([one.image for one in pair]) for pair in zip(*both, strict=True)]
        labels = {(i, t): sample.allowed for t, volume in enumerate(both) for i, sample in enumerate(volume)}
        left = [[float(value.certain(CAVITY).any()) for value in pair] for pair in zip(*both, strict=True)]
        right = [[float(value.certain(RV).any()) for value in pair] for pair in zip(*both, strict=True)]
        name = f"ACDC {patient}"
        out.append(
            LabelledStack(
                "ACDC",
                patient,
                recording_of(name, images),
                labels,
                np.array(left),
                np.array(right),
                {"ED": 0, "ES": 1},
            )
        )
    return out


def scd_stacks(folder: Path, wanted: Sequence[str]) -> list[LabelledStack]:
    """Patients of Sunnybrook, a stack of one phase for ED and one for ES, contoured throughout."""
    out = []
    for volume in by_volume(scd_png(folder, wanted)):
        first = volume[0]
        shape = len(volume), 1
        out.append(
            LabelledStack(
                "SCD",
                first.patient,
                recording_of(f"SCD {first.volume}", [sample.image[None] for sample in volume]),
                {(number, 0): sample.allowed for number, sample in enumerate(volume)},
                np.ones(shape),
                np.full(shape, np.nan),
                {first.phase: 0},
            )
        )
    return out


def york_stacks(folder: Path, wanted: Sequence[str]) -> list[LabelledStack]:
    """The complete patients of York, all phases; ED and ES are those of the largest and the smallest cavity.

    Args:
        folder: with images/, labels/ and frames.csv (columns name, patient, slice, frame, labelled, ...).
        wanted: splits of the committed list.

    Raises:
        DataSetError: the list of frames or an image is missing.

    """
    split_of = splits("york", complete=True)
    patients: dict[str, dict[tuple[int, int], dict[str, str]]] = defaultdict(dict)
    for row in index_rows(folder, "frames.csv"):
        if split_of.get(row["patient"]) in wanted:
            patients[row["patient"]][int(row["slice"]), int(row["frame"])] = row
    if not patients:
        raise DataSetError(f"{folder}: no patient of split {' or '.join(wanted)}; is this the folder of York's cines?")
    return [_york(folder, patient, rows) for patient, rows in patients.items()]


def _york(folder: Path, patient: str, rows: Mapping[tuple[int, int], Mapping[str, str]]) -> LabelledStack:
    places = sorted({number for number, _ in rows})
    times = sorted({frame for _, frame in rows})
    images, labels = [], {}
    left, cavity = np.zeros((len(places), len(times))), np.zeros(len(times))
    for number, place in enumerate(places):
        frames = []
        for phase, frame in enumerate(times):
            row = rows[place, frame]
            frames.append(grey_picture(folder / "images" / f"{row['name']}.png"))
            label = np.zeros_like(frames[-1])
            if row["labelled"] == "1":
                label = grey_picture(folder / "labels" / f"{row['name']}.png")
                left[number, phase] = float((label == 1).any())
                cavity[phase] += (label == 1).sum()
            labels[number, phase] = YORK_BITS[label]
        images.append(np.stack(frames))
    return LabelledStack(
        "York",
        patient,
        recording_of(f"York {patient}", images),
        labels,
        left,
        np.full(left.shape, np.nan),
        {"ED": int(cavity.argmax()), "ES": int(cavity.argmin())},
    )


STUDIES = ("SCD0000101", "SCD0000201", "SCD0000301")
"""Complete studies of Sunnybrook: patients SC-HF-I-1, SC-HF-I-2 and SC-HF-I-4."""


def study_stacks(folder: Path) -> list[LabelledStack]:
    """The complete studies of Sunnybrook that are in a folder: STUDY/dicom and STUDY/contours.

    Raises:
        DataSetError: there is none, or it holds no stack.

    """
    stacks = [_study(folder / name) for name in STUDIES if (folder / name / "dicom").is_dir()]
    if not stacks:
        raise DataSetError(f"{folder}: expected studies such as {STUDIES[0]}, found none")
    return stacks


def _study(folder: Path) -> LabelledStack:
    opened = open_path(folder / "dicom", cache=FrameCache()).recordings
    stacks = [recording for recording in opened if isinstance(recording, Stack)]
    if not stacks:
        raise DataSetError(f"{folder}: expected a short-axis stack, found none")
    stack = max(stacks, key=lambda stack: len(stack.slices))
    at = _instances(folder / "dicom")
    inner, outer = ({at[i]: points for i, points in _contours(folder, kind)} for kind in ("i", "o"))
    area = np.zeros(stack.phases)
    labels = {}
    for (number, phase), points in inner.items():
        shape = stack.slices[number].rows, stack.slices[number].columns
        endo, epi = filled(points, shape), outer.get((number, phase))
        allowed = np.full(shape, BACKGROUND | MYOCARDIUM | RV, np.uint8)
        if epi is not None:
            allowed = np.where(filled(epi, shape), MYOCARDIUM, BACKGROUND | RV).astype(np.uint8)
        labels[number, phase] = np.where(endo, CAVITY, allowed).astype(np.uint8)
        area[phase] += endo.sum()
    ed, es = int(area.argmax()), int(np.where(area > 0, area, np.inf).argmin())
    left = np.full((len(stack.slices), stack.phases), np.nan)
    for phase in (ed, es):
        for number, cine in enumerate(stack.slices):
            left[number, phase] = float((number, phase) in inner)
            labels.setdefault((number, phase), np.full((cine.rows, cine.columns), BACKGROUND | RV, np.uint8))
    right = np.full(left.shape, np.nan)
    return LabelledStack("SCD study", folder.name, stack, labels, left, right, {"ED": ed, "ES": es})


def _instances(folder: Path) -> dict[int, tuple[int, int]]:
    """(slice, phase) by instance number; numbers run phase by phase, slice by slice."""
    places: dict[int, float] = {}
    for path in folder.glob("*.dcm"):
        header = dcmread(path, stop_before_pixels=True)
        row, column = np.split(np.array(header.ImageOrientationPatient, float), 2)
        at_mm = np.dot(np.cross(row, column), np.array(header.ImagePositionPatient, float))
        places[int(header.InstanceNumber)] = round(float(at_mm))
    levels = sorted(set(places.values()))
    slices: dict[int, list[int]] = defaultdict(list)
    for instance, place in sorted(places.items()):
        slices[levels.index(place)].append(instance)
    return {instance: (number, phase) for number, row in slices.items() for phase, instance in enumerate(row)}


def _contours(folder: Path, kind: str) -> Iterator[tuple[int, FloatArray]]:
    """Instance number and (n, 2) points of every contour, "i" for endocardium, "o" for epicardium.

    Centres of their pixels are at halves, ours at integers.
    """
    for path in sorted((folder / "contours" / f"{kind}-contours").iterdir()):
        number = re.search(r"IM-0001-(\d+)-", path.name)
        if number is not None:
            yield int(number[1]), np.loadtxt(path, ndmin=2) - SCD_HALF_PX
