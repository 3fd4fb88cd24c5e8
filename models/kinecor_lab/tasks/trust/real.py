"""Real recordings for the battery, sound and tampered with as simulated ones are; experts' contours are the truth.

Clips are made of real end-diastolic and end-systolic frames of one patient, set in motion from one to the other and
back (decision 0030), so that the truth is known in every frame. Stacks are as they were recorded. Patients are those
that no network was trained on; even numbers belong to the half on which thresholds are chosen, odd ones to the other.
Every kind of tampering that changes a recording, and not how it is simulated, is used on both halves.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice, zip_longest
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, MYOCARDIUM_G_PER_ML
from kinecor.io.write.mr import MrSeries, MrSlice
from kinecor.io.write.ultrasound import UltrasoundLoop
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.datasets.samples import Picture, Sample
from kinecor_lab.datasets.short_axis import CAVITY, MYOCARDIUM, RV
from kinecor_lab.datasets.stacks import LabelledStack, acdc_stacks, study_stacks
from kinecor_lab.tasks.sequence.data import Pair, pairs_of, path_of
from kinecor_lab.tasks.trust.echo_kinds import ECHO_KINDS
from kinecor_lab.tasks.trust.plan import Case, EchoCase, StackCase
from kinecor_lab.tasks.trust.simulated import EchoClip, EchoSetting, StackSeries, StackSetting
from kinecor_lab.tasks.trust.stack_kinds import STACK_KINDS
from kinecor_lab.tasks.trust.tampering import Half, Kind, Way, unchanged
from kinecor_lab.tasks.trust.values import Values
from kinecor_models.contours.outlines import outlines
from kinecor_phantoms.heart.rhythm import sinus
from kinecor_phantoms.warped.cine import make_cine

CLIP, STACK = "real frames in motion", "real stack"
"""Populations of the table."""
_SEED, _FRAMES_PER_S, _BEFORE_S, _AFTER_S = 970_000, 40.0, 0.03, 0.1
_RATES_PER_MIN, _HEART_RATE = (55.0, 95.0), 75.0
_TAMPERED = 3
# What ACDC's images do not say; sizes are then too large or too small, by the same share in truth and measurement.
# By its paper (doi 10.1109/TMI.2018.2837502) a slice was taken every 5 or every 10 mm. Pixels are smaller where there
# are more of them, and slices nearer to each other: a chest of 58 cm and a ventricle of 15 cm were nobody's.
_PIXEL_MM, _MOST_ACROSS_MM, _THICKNESS = 1.5, 400.0, 0.8
_STEP_MM, _CLOSE_STEP_MM, _MOST_SLICES = 10.0, 5.0, 13
# With fewer phases there is nothing to lose, and no rate.
_LEAST_PHASES = 8
_OF_TIME: Final = frozenset(
    {
        "late phases lost",
        "phases at ES lost",
        "heart rate in the MR header",
        "trigger times",
        "slice mistriggered",
        "phases in no order",
        "basal slices lack phases",
    }
)
# A simulated heart is no other patient's.
_SIMULATED: Final = frozenset({"slices of another heart"})


@dataclass(frozen=True, slots=True)
class RealEcho(EchoSetting):
    """Which frames a clip is made of; `seed` is that of its heart rate."""

    patient: str = ""


@dataclass(frozen=True, slots=True)
class RealStack(StackSetting):
    """Which stack."""

    patient: str = ""


@dataclass(frozen=True)
class RealData:
    """The data sets.

    Attributes:
        camus: folders with frames of CAMUS, one a view.
        acdc: slices of ACDC, or None.
        studies: complete studies of Sunnybrook, or None.
        paths: where the motion between two frames is stored once it is found.

    """

    camus: Sequence[Path]
    acdc: Path | None
    studies: Path | None
    paths: Path
    _pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    _stacks: dict[str, LabelledStack] = field(default_factory=dict)

    def made(self, setting: EchoSetting | StackSetting) -> EchoClip | StackSeries:
        """The recording of a case of `clips` or `stacks`, as it is before it is tampered with.

        Raises:
            NoMatchError: two frames cannot be moved one into the other.

        """
        if isinstance(setting, RealEcho):
            return self._clip(setting)
        if isinstance(setting, RealStack):
            return _series_of(self._stacks[setting.patient])
        raise TypeError(f"a real recording was expected, got {setting}")

    def _clip(self, setting: RealEcho) -> EchoClip:
        pair = self._pairs[setting.patient, setting.view]
        path, rng = path_of(pair, self.paths), np.random.default_rng((setting.seed, 17))
        rhythm = sinus(float(rng.uniform(*_RATES_PER_MIN)), 1)
        times_s = np.arange(-_BEFORE_S, rhythm.duration_s + _AFTER_S, 1 / setting.frames_per_s)
        made = make_cine(path, rhythm, times_s, rng)
        spacing_mm = pair[0].spacing_mm
        ml = [_cavity_ml(one, spacing_mm) for one in made.labels]
        ed = int(np.argmax(ml[: max(2, len(ml) // 4)]))
        truth = _truth(ml[ed], min(ml), rhythm.rate_per_min)
        rows, columns = made.frames.shape[1:]
        loop = UltrasoundLoop(
            made.frames,
            times_s - times_s[0],
            (spacing_mm, spacing_mm),
            (0, 0, columns, rows),
            setting.view,
            rhythm.rate_per_min,
        )
        return EchoClip(loop, (ed,), (int(np.argmin(ml)),), truth)

    def clips(self, half: Half) -> Iterator[list[Case]]:
        """The clips of one patient and view after the other: the sound one first."""
        samples = camus_of_folders(self.camus, "valid") if self.camus else []
        kinds = [one for one in ECHO_KINDS if all(way.setting is unchanged for way in one.ways.values())]
        turns = _turns(kinds, half)
        for view in zip_longest(*(self._of_view(samples, view, half) for view in ("A4C", "A2C"))):
            for setting in filter(None, view):
                yield [
                    EchoCase(half, setting),
                    *(EchoCase(half, setting, name, strength, way) for name, strength, way in islice(turns, _TAMPERED)),
                ]

    def _of_view(self, samples: Sequence[Sample], view: str, half: Half) -> list[RealEcho]:
        found = []
        for pair in pairs_of([one for one in samples if one.view == view and np.isfinite(one.spacing_mm)]):
            number = _number(pair[0].patient)
            if _half(number) == half:
                self._pairs[pair[0].patient, view] = pair
                seed = _SEED + 4 * number + 2 * (view == "A2C") + number % 2
                found.append(RealEcho(CLIP, seed, view, view, frames_per_s=_FRAMES_PER_S, patient=pair[0].patient))
        return found

    def stacks(self, half: Half) -> Iterator[list[Case]]:
        """The same of stacks."""
        found = study_stacks(self.studies) if self.studies else []
        found += acdc_stacks(self.acdc, ["valid", "test"]) if self.acdc else []
        kinds = [
            one
            for one in STACK_KINDS
            if one.name not in _SIMULATED and all(way.setting is unchanged for way in one.ways.values())
        ]
        turns = _turns(kinds, half)
        for stack in found:
            number = _number(stack.patient) // (100 if stack.source == "SCD study" else 1)
            if _half(number) != half:
                continue
            self._stacks[stack.name] = stack
            setting = RealStack(STACK, 2 * _SEED + 4 * number + 2 * (stack.source == "ACDC") + number % 2,
                                patient=stack.name)  # fmt: skip
            timed = stack.recording.phases >= _LEAST_PHASES
            some = islice((one for one in turns if timed or one[0] not in _OF_TIME), _TAMPERED)
            yield [
                StackCase(half, setting),
                *(StackCase(half, setting, name, strength, way) for name, strength, way in some),
            ]


def _half(number: int) -> Half:
    return "report" if number % 2 else "choose"


def _number(patient: str) -> int:
    """Of a patient, as in patient0015 and SCD0000101."""
    return int(re.sub(r"\D", "", patient))


S = TypeVar("S")
M = TypeVar("M")


def _turns(kinds: Sequence[Kind[S, M]], half: Half) -> Iterator[tuple[str, str, Way[S, M]]]:
    """Kinds by turns, and at each round the next strength; the other half begins with another one."""
    for turn in count():
        kind = kinds[turn % len(kinds)]
        place = (turn // len(kinds) + (half == "report")) % len(kind.ways)
        strength, way = list(kind.ways.items())[place]
        yield kind.name, strength, way


def _truth(edv: float, esv: float, rate_per_min: float) -> Values:
    stroke = edv - esv
    return {
        "EDV": edv,
        "ESV": esv,
        "SV": stroke,
        "EF": 100 * stroke / edv,
        "CO": stroke * rate_per_min / 1000,
        "HR": rate_per_min,
    }


def _cavity_ml(label: Picture, spacing_mm: float) -> float:
    """Of a frame's label, by disks along the long axis, as the program computes it from a contour."""
    found = outlines(np.stack([label == value for value in range(4)]).astype(np.float32)).contours["lv_endo"]
    if found is None:
        raise ValueError("a frame's label has no cavity")
    return disks_volume(Contour(found.astype(np.float64)), spacing_mm, spacing_mm) / MM3_PER_ML


def _series_of(stack: LabelledStack) -> StackSeries:
    cines, phases = stack.recording.slices, stack.recording.phases
    sizes = {mark: _sizes(stack, phase) for mark, phase in stack.marks.items()}
    widest = np.flatnonzero(sizes["ED"][:, 0])
    # Towards the apex cavities shrink.
    base_first = np.polyfit(widest, sizes["ED"][widest, 0], 1)[0] < 0
    order = list(range(len(cines)))[:: -1 if base_first else 1]
    scale = cines[0].calibration
    pixel_mm, assumed_step_mm = _assumed_mm(cines[0].frames[0].shape, len(cines))
    row_mm, col_mm = (scale.row_mm, scale.col_mm) if scale else (pixel_mm, pixel_mm)
    places = stack.recording.positions_mm[order] if scale else assumed_step_mm * np.arange(len(order))
    step_mm = float(np.median(np.abs(np.diff(places))))
    trigger_ms = 1000 * (cines[0].times_s - cines[0].times_s[0])
    rate = stack.recording.slices[0].heart_rate_per_min or _HEART_RATE
    slices = tuple(
        MrSlice(
            np.stack([np.asarray(cines[number].frames[phase]) for phase in range(phases)]).astype(np.uint8),
            trigger_ms,
            (row_mm, col_mm),
            _THICKNESS * step_mm,
            np.array([0.0, 0.0, place * step_mm]),
            np.array([1.0, 0.0, 0.0]),
            np.array([0.0, 1.0, 0.0]),
        )
        for place, number in enumerate(order)
    )
    disk_ml = row_mm * col_mm * step_mm / MM3_PER_ML
    (edv, wall, right_full), (esv, _, right_empty) = (sizes[mark].sum(axis=0) * disk_ml for mark in ("ED", "ES"))
    truth = _truth(float(edv), float(esv), rate)
    if right_full and right_empty:
        truth |= {"RVEDV": right_full, "RVESV": right_empty, "RVEF": 100 * (1 - right_empty / right_full)}
    if wall and stack.source == "ACDC":
        truth["LVM"] = float(wall) * MYOCARDIUM_G_PER_ML
    ends: dict[str, int] = {}
    for mark, size in sizes.items():
        here = np.flatnonzero(size[order, 0])
        ends |= {f"apex {mark}": int(here[0]), f"base {mark}": int(here[-1])}
    return StackSeries(MrSeries("cine SAX", slices, rate), stack.marks["ED"], stack.marks["ES"], _floats(truth), ends)


def _assumed_mm(shape: tuple[int, ...], slices: int) -> tuple[float, float]:
    """Size of a pixel and distance of slices of a stack that states neither."""
    pixel_mm = min(_PIXEL_MM, _MOST_ACROSS_MM / max(shape[:2]))
    return pixel_mm, _STEP_MM if slices <= _MOST_SLICES else _CLOSE_STEP_MM


def _floats(values: Values) -> Values:
    return {code: float(value) for code, value in values.items()}


def _sizes(stack: LabelledStack, phase: int) -> FloatArray:
    """(slices, 3) pixels of cavity, myocardium and right ventricle."""
    out = np.zeros((len(stack.recording.slices), 3))
    for (number, at), allowed in stack.labels.items():
        if at == phase:
            out[number] = [(allowed == bit).sum() for bit in (CAVITY, MYOCARDIUM, RV)]
    return out
