"""Recordings of patients for the battery, untouched and tampered with; experts' labels are the truth.

Stills are the real frames of CAMUS at ED and ES. Clips are made of these two frames of one patient, set in motion from
one to the other and back (decision 0030), so that the truth is known in every frame. Stacks are as they were recorded.
Patients are those that no network was trained on; even numbers belong to the half on which thresholds are chosen, odd
ones to the other. Every kind of tampering is used on both halves.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import cv2
import numpy as np

from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.volumes.loop_volumes import biplane_disks_volume, disks_volume
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, MYOCARDIUM_G_PER_ML
from kinecor.io.write.mr import MrSeries, MrSlice
from kinecor.io.write.ultrasound import UltrasoundLoop
from kinecor_lab.datasets.acdc_geometry import acdc_geometry, with_scale
from kinecor_lab.datasets.data_folder import camus_of_folders
from kinecor_lab.datasets.dsb_stacks import dsb_stacks
from kinecor_lab.datasets.samples import Picture, Sample
from kinecor_lab.datasets.short_axis import CAVITY, DSB, MYOCARDIUM, RV
from kinecor_lab.datasets.stacks import LabelledStack, acdc_stacks, study_stacks, york_stacks
from kinecor_lab.tasks.sequence.data import Pair, pairs_of, path_of
from kinecor_lab.tasks.trust.interval_cases import truth_of
from kinecor_lab.tasks.trust.patients.clip_kinds import kinds_of_loops, kinds_of_stills
from kinecor_lab.tasks.trust.patients.slice_kinds import kinds_of_stacks
from kinecor_lab.tasks.trust.plan import Case, EchoCase, StackCase
from kinecor_lab.tasks.trust.simulated import EchoClip, EchoSetting, StackSeries, StackSetting, StillSetting
from kinecor_lab.tasks.trust.tampering import Half, Kind, Way
from kinecor_lab.tasks.trust.values import Values
from kinecor_models.contours.outlines import outlines
from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.warped.cine import make_cine

VIEWS: Final = ("A4C", "A2C")
MOVING: Final = "CAMUS, in motion"
ACDC, YORK, STUDY = "ACDC", "York", "SCD study"
STILLS: Final = {view: f"CAMUS {view}, stills" for view in VIEWS}
"""Populations of the table, by view."""
STACK_SETS: Final = {ACDC: "ACDC", DSB: "DSB", YORK: "York", STUDY: "Sunnybrook"}
"""The same by the source of a stack."""
_SEED, _STILL_SEED = 970_000, 1_970_000
_STACK_SEEDS: Final = {STUDY: 1_940_000, ACDC: 1_944_000, YORK: 1_948_000, DSB: 1_950_000}
_STILLS_APART_S = 0.35
_FRAMES_PER_S, _BEFORE_S, _AFTER_S = 40.0, 0.03, 0.1
_RATES_PER_MIN, _HEART_RATE = (55.0, 95.0), 75.0
# Stills are analysed in a second, clips and redrawn stacks in a quarter of a minute of a processor.
_TAMPERED_STILLS, _TAMPERED_CLIPS, _REARRANGED_STACKS, _REDRAWN_STACKS = 10, 4, 8, 2
# What York's images do not say, and ACDC's without its list; sizes are then too large or too small, by the same share
# in truth and measurement. By ACDC's paper (doi 10.1109/TMI.2018.2837502) a slice was taken every 5 or every 10 mm.
# Pixels are smaller where there are more of them: a chest of 58 cm and a ventricle of 15 cm were nobody's.
_PIXEL_MM, _MAX_ACROSS_MM, _THICKNESS = 1.5, 400.0, 0.8
_STEP_MM, _CLOSE_STEP_MM, _MAX_SLICES = 10.0, 5.0, 13
# With fewer phases there is nothing to lose, and no rate.
_MIN_PHASES = 8
_OF_TIME: Final = frozenset(
    {
        "late phases lost",
        "phases at ES lost",
        "heart rate in the MR header",
        "trigger times",
        "phases in no order",
        "basal slices lack phases",
    }
)
_OF_RATE: Final = ("HR", "CO")


@dataclass(frozen=True, slots=True)
class RealEcho(EchoSetting):
    """Which frames a clip is made of; `seed` is that of its heart rate."""

    patient: str = ""


@dataclass(frozen=True, slots=True)
class RealStill(StillSetting):
    """Which patient's ED and ES."""

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
        acdc: slices of ACDC, with geometry.csv if it is to have its scale; or None.
        studies: complete studies of Sunnybrook, or None.
        paths: where the motion between two frames is stored once it is found.
        dsb: stacks of the Second National Data Science Bowl, or None.
        york: cines of York University, or None.
        sample: patients of each set and half at most; None for all.

    """

    camus: Sequence[Path]
    acdc: Path | None
    studies: Path | None
    paths: Path
    dsb: Path | None = None
    york: Path | None = None
    sample: int | None = None
    _pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    _stacks: dict[str, LabelledStack] = field(default_factory=dict)

    def made(self, setting: EchoSetting | StackSetting) -> EchoClip | StackSeries:
        """The recording of a case of `stills`, `clips` or `stacks`, as it is before it is tampered with.

        Raises:
            NoMatchError: two frames cannot be moved one into the other.

        """
        if isinstance(setting, RealStill):
            return _still(self._pairs[setting.patient, setting.view], setting)
        if isinstance(setting, RealEcho):
            return self._clip(setting)
        if isinstance(setting, RealStack):
            return _series_of(self._stacks[setting.patient])
        raise TypeError(f"a real recording was expected, got {setting}")

    def _clip(self, setting: RealEcho) -> EchoClip:
        pair = self._pairs[setting.patient, setting.view]
        path, rng = path_of(pair, self.paths), np.random.default_rng((setting.seed, 17))
        rhythm = sinus_rhythm(float(rng.uniform(*_RATES_PER_MIN)), 1)
        times_s = np.arange(-_BEFORE_S, rhythm.duration_s + _AFTER_S, 1 / setting.frames_per_s)
        made = make_cine(path, rhythm, times_s, rng)
        spacing_mm = pair[0].spacing_mm
        ml = [_cavity_ml(label, spacing_mm) for label in made.labels]
        ed = int(np.argmax(ml[: max(2, len(ml) // 4)]))
        truth = _truth(ml[ed], min(ml), rhythm.rate_per_min)
        loop = _loop(made.frames, times_s - times_s[0], spacing_mm, setting.view, rhythm.rate_per_min)
        return EchoClip(loop, (ed,), (int(np.argmin(ml)),), truth)

    def stills(self, half: Half) -> Iterator[list[Case]]:
        """ED and ES of one patient and view after the other: the untouched ones first.

        Both views of a patient are tampered with in the same ways, so that they make biplane studies.
        """
        found = {view: self._of_view(view, half) for view in VIEWS}
        patients = list(dict.fromkeys(pair[0].patient for pairs in found.values() for pair in pairs))
        for place, patient in enumerate(patients[: self.sample]):
            for view in VIEWS:
                if (patient, view) not in self._pairs:
                    continue
                stranger = self._stranger(_still_setting, found[view], patient)
                turns = range(_TAMPERED_STILLS * place, _TAMPERED_STILLS * (place + 1))
                setting = _still_setting(self._pairs[patient, view])
                yield [
                    EchoCase(half, setting),
                    *(
                        EchoCase(half, setting, name, strength, way)
                        for name, strength, way in _ways_in_turn(kinds_of_stills(stranger), turns, half)
                    ),
                ]

    def biplane_truths(self, half: Half) -> dict[str, Values]:
        """EDV, ESV, SV and EF of both planes by the experts' labels, by patient."""
        four, two = ({pair[0].patient: pair for pair in self._of_view(view, half)} for view in VIEWS)
        found = {patient: _biplane_truth(four[patient], two[patient]) for patient in four if patient in two}
        return {patient: truth for patient, truth in found.items() if truth}

    def clips(self, half: Half) -> Iterator[list[Case]]:
        """The clips of one patient and view after the other: the untouched one first."""
        place = 0
        found = {view: self._of_view(view, half) for view in VIEWS}
        for number in range(max(map(len, found.values()))):
            for pairs in found.values():
                if not number < min(len(pairs), self.sample or len(pairs)):
                    continue
                setting = _clip_setting(pairs[number])
                stranger = self._stranger(_clip_setting, pairs, setting.patient)
                turns = range(_TAMPERED_CLIPS * place, _TAMPERED_CLIPS * (place + 1))
                place += 1
                yield [
                    EchoCase(half, setting),
                    *(
                        EchoCase(half, setting, name, strength, way)
                        for name, strength, way in _ways_in_turn(kinds_of_loops(stranger), turns, half)
                    ),
                ]

    def _stranger(
        self, setting_of: Callable[[Pair], EchoSetting], pairs: Sequence[Pair], patient: str
    ) -> Callable[[], EchoClip]:
        """Makes the clip of the patient who comes next."""
        names = [pair[0].patient for pair in pairs]

        def made() -> EchoClip:
            other = self.made(setting_of(pairs[(names.index(patient) + 1) % len(pairs)]))
            if not isinstance(other, EchoClip):
                raise TypeError(f"a clip was expected, got {type(other).__name__}")
            return other

        return made

    def _of_view(self, view: str, half: Half) -> list[Pair]:
        if not self._pairs:
            samples = camus_of_folders(self.camus, "valid") if self.camus else []
            known = [sample for sample in samples if np.isfinite(sample.spacing_mm)]
            self._pairs.update({(pair[0].patient, pair[0].view): pair for pair in pairs_of(known)})
        return [pair for (patient, of), pair in self._pairs.items() if of == view and _half(number_of(patient)) == half]

    def stacks(self, half: Half) -> Iterator[list[Case]]:
        """The same of stacks; the sets by turns."""
        by_set: dict[str, list[LabelledStack]] = {}
        for stack in self._labelled():
            if _half(_stack_number(stack)) == half:
                by_set.setdefault(stack.source, []).append(stack)
        every = [stack for stacks in by_set.values() for stack in stacks]
        self._stacks.update({stack.name: stack for stack in every})
        # Which patient is tampered with how depends on the place in the set alone, not on the size of a sample.
        for place, stack in (pair for stacks in by_set.values() for pair in enumerate(stacks[: self.sample])):
            setting = _stack_setting(stack)
            kinds = kinds_of_stacks(_other_stack(every, stack))
            if stack.recording.phases < _MIN_PHASES:
                kinds = [kind for kind in kinds if kind.name not in _OF_TIME]
            cheap, dear = ([kind for kind in kinds if kind.redrawn == each] for each in (False, True))
            some = [
                *_ways_in_turn(cheap, range(_REARRANGED_STACKS * place, _REARRANGED_STACKS * (place + 1)), half),
                *_ways_in_turn(dear, range(_REDRAWN_STACKS * place, _REDRAWN_STACKS * (place + 1)), half),
            ]
            yield [
                StackCase(half, setting),
                *(StackCase(half, setting, name, strength, way) for name, strength, way in some),
            ]

    def _labelled(self) -> list[LabelledStack]:
        stacks = study_stacks(self.studies) if self.studies else []
        if self.acdc:
            acdc = acdc_stacks(self.acdc, ["valid", "test"])
            listed = (self.acdc / "geometry.csv").is_file()
            stacks += with_scale(acdc, acdc_geometry(self.acdc)) if listed else acdc
        stacks += york_stacks(self.york, ["test"]) if self.york else []
        return stacks + (dsb_stacks(self.dsb, ["test"]) if self.dsb else [])


def _half(number: int) -> Half:
    return "report" if number % 2 else "choose"


def _other_stack(stacks: Sequence[LabelledStack], here: LabelledStack) -> Callable[[], StackSeries]:
    """Makes the stack of the patient of the same set who comes next; of another set where there is none."""
    others = [stack for stack in stacks if stack is not here]
    alike = [stack for stack in others if stack.source == here.source]
    after = [stack for stack in alike if _stack_number(stack) > _stack_number(here)]
    other = (after or alike or others or [here])[0]
    return lambda: _series_of(other)


def number_of(patient: str) -> int:
    """Of a patient, as in patient0015 and SCD0000101."""
    return int(re.sub(r"\D", "", patient))


def _stack_number(stack: LabelledStack) -> int:
    """The number by which a patient goes to one half: whole studies of York have even numbers only."""
    number = number_of(stack.patient)
    return {STUDY: number // 100, YORK: number // 2}.get(stack.source, number)


def _still_setting(pair: Pair) -> RealStill:
    patient, view = pair[0].patient, pair[0].view
    seed = _STILL_SEED + 4 * number_of(patient) + 2 * (view == "A2C") + number_of(patient) % 2
    return RealStill(STILLS[view], seed, view, view, patient=patient)


def _clip_setting(pair: Pair) -> RealEcho:
    patient, view = pair[0].patient, pair[0].view
    seed = _SEED + 4 * number_of(patient) + 2 * (view == "A2C") + number_of(patient) % 2
    return RealEcho(MOVING, seed, view, view, frames_per_s=_FRAMES_PER_S, patient=patient)


def _stack_setting(stack: LabelledStack) -> RealStack:
    number = _stack_number(stack)
    seed = _STACK_SEEDS[stack.source] + 2 * number + number % 2
    return RealStack(STACK_SETS[stack.source], seed, patient=stack.name)


S = TypeVar("S")
M = TypeVar("M")


def _ways_in_turn(kinds: Sequence[Kind[S, M]], turns: range, half: Half) -> Iterator[tuple[str, str, Way[S, M]]]:
    """Kinds by turns, and at each round the next strength; the other half begins with another one."""
    for turn in islice(turns, len(kinds)):
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


def without_rate(values: Values) -> Values:
    """The values of a recording that has no rate of a patient."""
    return {code: value for code, value in values.items() if code not in _OF_RATE}


def _expert(label: Picture, structure: str) -> Contour | None:
    found = outlines(np.stack([label == value for value in range(4)]).astype(np.float32)).contours[structure]
    return None if found is None else Contour(found.astype(np.float64))


def _cavity_ml(label: Picture, spacing_mm: float) -> float:
    """Of a frame's label, by disks along the long axis, as the program computes it from a contour."""
    contour = _expert(label, "lv_endo")
    if contour is None:
        raise ValueError("a frame's label has no cavity")
    return disks_volume(contour, spacing_mm, spacing_mm) / MM3_PER_ML


def _loop(
    frames: Picture, times_s: FloatArray, spacing_mm: float, view: str, rate_per_min: float | None
) -> UltrasoundLoop:  # fmt: skip
    rows, columns = frames.shape[1:]
    return UltrasoundLoop(frames, times_s, (spacing_mm, spacing_mm), (0, 0, columns, rows), view, rate_per_min)


def _still(pair: Pair, setting: RealStill) -> EchoClip:
    ed, es = pair
    spacing_mm = ed.spacing_mm
    frames = np.stack([ed.image, es.image])
    edv, esv = (_cavity_ml(sample.label, spacing_mm) for sample in pair)
    truth = without_rate(_truth(edv, esv, _HEART_RATE))
    atrium = _expert(es.label, "la") if _shows_atrium(es) else None
    if atrium is not None and (volume := disks_volume(atrium, spacing_mm, spacing_mm)) > 0:
        truth["LAV"] = volume / MM3_PER_ML
    loop = _loop(frames, np.array([0.0, _STILLS_APART_S]), spacing_mm, setting.view, None)
    return EchoClip(loop, (0,), (1,), truth)


_ATRIUM_LABEL: Final = 3
_NEAR_THE_EDGE_PX: Final = 3


def _shows_atrium(sample: Sample) -> bool:
    """Whether the whole atrium is in the image: of one that is cut experts draw what is seen."""
    inside = np.pad(sample.sector, _NEAR_THE_EDGE_PX)
    kernel = np.ones((2 * _NEAR_THE_EDGE_PX + 1,) * 2, np.uint8)
    deep = np.asarray(cv2.erode(inside, kernel))[
        _NEAR_THE_EDGE_PX:-_NEAR_THE_EDGE_PX, _NEAR_THE_EDGE_PX:-_NEAR_THE_EDGE_PX
    ]
    return not bool(((sample.label == _ATRIUM_LABEL) & (deep == 0)).any())


def _biplane_truth(four: Pair, two: Pair) -> Values:
    """EDV, ESV, SV and EF of both planes by the experts' labels; empty where one has no cavity."""
    ml = []
    for a, b in zip(four, two, strict=True):
        first, second = _expert(a.label, "lv_endo"), _expert(b.label, "lv_endo")
        if first is None or second is None:
            return {}
        spacing = (np.full(2, sample.spacing_mm) for sample in (a, b))
        ml.append(biplane_disks_volume(first, second, *spacing) / MM3_PER_ML)
    return without_rate(_truth(ml[0], ml[1], _HEART_RATE))


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
    steps_mm = np.abs(np.diff(places))
    step_mm = float(np.median(steps_mm))
    at_mm = np.concatenate(([0.0], np.cumsum(steps_mm)))
    trigger_ms = 1000 * (cines[0].times_s - cines[0].times_s[0])
    rate = stack.recording.slices[0].heart_rate_per_min or _HEART_RATE
    slices = tuple(
        MrSlice(
            np.stack([np.asarray(cines[number].frames[phase]) for phase in range(phases)]).astype(np.uint8),
            trigger_ms,
            (row_mm, col_mm),
            _THICKNESS * step_mm,
            np.array([0.0, 0.0, at_mm[place]]),
            np.array([1.0, 0.0, 0.0]),
            np.array([0.0, 1.0, 0.0]),
        )
        for place, number in enumerate(order)
    )
    ends: dict[str, int] = {}
    for mark, size in sizes.items():
        here = np.flatnonzero(size[order, 0])
        ends |= {f"apex {mark}": int(here[0]), f"base {mark}": int(here[-1])}
    truth = _truth_of(stack, sizes, row_mm * col_mm * step_mm / MM3_PER_ML, rate)
    return StackSeries(MrSeries("cine SAX", slices, rate), stack.marks["ED"], stack.marks["ES"], truth, ends)


def _truth_of(stack: LabelledStack, sizes: dict[str, FloatArray], disk_ml: float, rate_per_min: float) -> Values:
    """By the volumes that a set states, else by its labels; no rate where none was recorded."""
    if stack.experts_ml:
        return {code: float(value) for code, value in truth_of(stack).items()}
    (edv, wall, right_full), (esv, _, right_empty) = (sizes[mark].sum(axis=0) * disk_ml for mark in ("ED", "ES"))
    truth = _truth(float(edv), float(esv), rate_per_min)
    if right_full and right_empty:
        truth |= {"RVEDV": right_full, "RVESV": right_empty, "RVEF": 100 * (1 - right_empty / right_full)}
    if wall and stack.source == ACDC:
        truth["LVM"] = float(wall) * MYOCARDIUM_G_PER_ML
    floats = {code: float(value) for code, value in truth.items()}
    return floats if stack.source == STUDY else without_rate(floats)


def _assumed_mm(shape: tuple[int, ...], slices: int) -> tuple[float, float]:
    """Size of a pixel and distance of slices of a stack that states neither."""
    pixel_mm = min(_PIXEL_MM, _MAX_ACROSS_MM / max(shape[:2]))
    return pixel_mm, _STEP_MM if slices <= _MAX_SLICES else _CLOSE_STEP_MM


def _sizes(stack: LabelledStack, phase: int) -> FloatArray:
    """(slices, 3) pixels of cavity, myocardium and right ventricle."""
    out = np.zeros((len(stack.recording.slices), 3))
    for (number, at), allowed in stack.labels.items():
        if at == phase:
            out[number] = [(allowed == bit).sum() for bit in (CAVITY, MYOCARDIUM, RV)]
    return out
