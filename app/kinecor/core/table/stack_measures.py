"""The table of numbers of a short-axis stack; every number says what it rests on."""

from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.cycle.cycle import HARMONICS, LEAST_PHASES, fitted, rates
from kinecor.core.strain.codes import NOT_ROUTINE
from kinecor.core.strain.short_axis import LEAST_SLICES, StackStrain, stack_strain
from kinecor.core.table.measurement import Measurement, Quantity, Status, index_code
from kinecor.core.values.reading import Reading
from kinecor.core.values.short_axis import Papillaries
from kinecor.core.values.stack_reading import choices, contoured
from kinecor.core.values.strain_choices import layer_words
from kinecor.core.values.time_axis import cycle_length_s
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import NAMES, bulls_eye
from kinecor.core.volumes.stack_basis import StackBasis, basis_of, slice_words, why_not
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, MYOCARDIUM_G_PER_ML

NO_SCALE = "no scale: without millimetres per pixel there are no millilitres"
NO_BODY = "needs height and weight: enter them"
_PAPILLARIES = {
    Papillaries.CAVITY: "papillaries in cavity",
    Papillaries.MYOCARDIUM: "papillaries in myocardium",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A number on its way to the table: `why` instead of a value where it cannot be had."""

    code: str
    unit: str
    value: float
    why: str | None
    method: str
    frames: tuple[int, ...]
    basis: StackBasis | None = None
    note: str | None = None
    also_by: tuple[str, ...] = ()


def convention(reading: Reading) -> str:
    """Where papillary muscles are, in words: printed beside each number."""
    chosen = choices(reading)
    taken = chosen.papillaries is Papillaries.MYOCARDIUM and chosen.muscle is not None
    return _PAPILLARIES[chosen.papillaries] + (" (dark pixels within the outline)" if taken else "")


def stack_rows(reading: Reading) -> list[Measurement]:
    """Volumes, function, mass, rates and wall of the left ventricle, then the right; as computed, before decisions.

    Empty where nothing was contoured and nothing withholds it.
    """
    if reading.withheld is None and not (contoured(reading, Structure.LV_ENDO) or contoured(reading, Structure.RV)):
        return []
    rate = _heart_rate(reading)
    size = _body_surface(reading)
    left = _left(reading, rate, size)
    right = _right(reading, size) if contoured(reading, Structure.RV) else []
    return [*map(_measured, left), rate, size, *map(_measured, right)]


def _left(reading: Reading, rate: Measurement, size: Measurement) -> list[_Row]:
    basis = basis_of(reading, Structure.LV_ENDO)
    volume = basis.curves.endo
    why = why_not(basis, volume, "left ventricle")
    ed, es = _marks(reading)
    both = (ed, es) if why is None else ()
    edv, esv = (float(volume[ed]) / MM3_PER_ML, float(volume[es]) / MM3_PER_ML) if why is None else (0.0, 0.0)
    scaled = reading.calibration is not None
    no_ml = why or (None if scaled else NO_SCALE)
    how = f"disks, {convention(reading)}"
    where = slice_words(reading, {"ED": ed, "ES": es}) if why is None else None
    beats = rate.quantity.value if rate.quantity else 0.0
    no_output = no_ml or (None if rate.quantity else "needs a heart rate")
    stroke, output = edv - esv, (edv - esv) * beats / 1000
    square = None if scaled else "a ratio: needs no scale, only equal pixels in all slices"
    rows = [
        *_indexed(_Row("EDV", "ml", edv, no_ml, how, both[:1], basis, where), size),
        *_indexed(_Row("ESV", "ml", esv, no_ml, how, both[1:], basis, where), size),
        *_indexed(_Row("SV", "ml", stroke, no_ml, how, both, basis), size),
        _Row("EF", "%", 100 * stroke / edv if why is None else 0.0, why, how, both, basis, square),
        *_indexed(_Row("CO", "l/min", output, no_output, how, both, basis, rate.note), size),
    ]
    wall = [*_rates(reading, no_ml), _thickest(reading, why), *_strain(reading, ed, es, why)]
    return [*rows, *_mass(reading, ed, es, why, size), *wall]


def _strain(reading: Reading, ed: int, es: int, why: str | None) -> list[_Row]:
    """Strain at ES; needs no scale. Nothing where the epicardium was not contoured at all."""
    if not contoured(reading, Structure.LV_EPI):
        return []
    found = stack_strain(reading) if why is None else None
    lacking = why or (None if found else f"needs {LEAST_SLICES} slices with both outlines at ED and ES")
    basis = basis_of(reading, Structure.LV_ENDO, Structure.LV_EPI)
    both = (ed, es) if found else ()
    around, across = (found.circumferential_percent, found.radial_percent) if found else (np.zeros(1), np.zeros(1))
    slices = (f"{len(found.slices)} slices, " if found else "") + convention(reading)
    where = (es,) if found else (0,)
    layer = layer_words(reading.strain.depth)
    how = f"{layer}, contours and motion" if found and found.followed else "mid-wall of contours"
    return [
        _Row("GCS", "%", float(around[where]), lacking, f"{how}, {slices}", both, basis, None, _motion_by(found)),
        _Row("GRS", "%", float(across[where]), lacking, f"thickness of contours, {slices}", both, basis, NOT_ROUTINE),
    ]


def _motion_by(found: StackStrain | None) -> tuple[str, ...]:
    """What saw the motion that strain rests on, each once."""
    if found is None or found.regions is None or not found.followed:
        return ()
    return tuple(dict.fromkeys(one.motion_by for one in found.regions.slices if one.motion_by))


def _marks(reading: Reading) -> tuple[int, int]:
    beats = reading.events.beats if reading.events else ()
    return (beats[0].ed, beats[0].es) if beats else (0, 0)


def _indexed(row: _Row, size: Measurement) -> list[_Row]:
    """The row, and where body surface area is known the same by it."""
    if size.quantity is None:
        return [row]
    method = f"{_kind(row)}, by body surface area ({size.method.partition(',')[0]})"
    index = replace(
        row,
        code=index_code(row.code),
        unit=f"{row.unit}/m2",
        value=row.value / size.quantity.value,
        method=method,
        note=None,
    )
    return [row, index]


def _kind(row: _Row) -> str:
    """The part of a method that names the convention."""
    return next((one for one in row.method.split(", ") if one.startswith(("papillaries", "trabeculae"))), row.method)


def _mass(reading: Reading, ed: int, es: int, why: str | None, size: Measurement) -> list[_Row]:
    """Myocardial mass at ED, indexed, and at ES: the two should agree, so the second tells how good both are."""
    basis = basis_of(reading, Structure.LV_ENDO, Structure.LV_EPI)
    how = f"{convention(reading)}, {MYOCARDIUM_G_PER_ML} g/ml x (epicardial - endocardial volume)"
    rows = []
    for code, mark, frame in (("LVM", "ED", ed), ("LVMES", "ES", es)):
        wall = float(basis.curves.wall[frame])
        lacking = why
        if lacking is None and not contoured(reading, Structure.LV_EPI):
            lacking = "the epicardium is not contoured"
        elif lacking is None and not np.isfinite(wall):
            lacking = f"not every slice with a cavity has an epicardium at {mark} (phase {frame})"
        elif lacking is None and reading.calibration is None:
            lacking = NO_SCALE
        grams = MYOCARDIUM_G_PER_ML * wall / MM3_PER_ML if lacking is None else 0.0
        row = _Row(code, "g", grams, lacking, how, (frame,) if lacking is None else (), basis)
        rows += _indexed(row, size) if code == "LVM" else [row]
    return rows


def _rates(reading: Reading, why: str | None) -> list[_Row]:
    """Peak ejection and filling rate from the fitted volume curve."""
    basis = basis_of(reading, Structure.LV_ENDO)
    how = f"{convention(reading)}, slope of the volume curve, {HARMONICS} harmonics"
    times, volume = reading.facts.times_s, basis.curves.endo / MM3_PER_ML
    curve = None
    if why is None and reading.facts.times_origin == "assumed":
        why = "frame times are assumed: the file tells none"
    elif why is None:
        curve = fitted(volume, times, cycle_length_s(times, reading.facts.heart_rate_per_min))
        if curve is None:
            why = f"needs contours at {LEAST_PHASES} phases or more"
    if curve is None:
        return [_Row(code, "ml/s", 0.0, why, how, ()) for code in ("PER", "PFR")]
    found, frames = rates(curve), tuple(int(one) for one in np.flatnonzero(np.isfinite(volume)))
    ejection, filling = (f"at {1000 * one:.0f} ms" for one in (found.ejection_s, found.filling_s))
    return [
        _Row("PER", "ml/s", found.ejection, None, how, frames, basis, ejection),
        _Row("PFR", "ml/s", found.filling, None, how, frames, basis, filling),
    ]


def _thickest(reading: Reading, why: str | None) -> _Row:
    """The thickest of the 16 segments that slices show at ED."""
    how = f"centreline chords, mean of the segment, {convention(reading)}"
    eye = bulls_eye(reading) if why is None else None
    if why is None and reading.calibration is None:
        why = NO_SCALE.replace("millilitres", "millimetres of wall")
    if eye is None or not np.isfinite(eye.ed_mm[:16]).any():
        return _Row("MWT", "mm", 0.0, why or "no wall: the epicardium is not contoured at ED", how, ())
    thickest = int(np.nanargmax(eye.ed_mm[:16]))
    note = f"{NAMES[thickest]}; segments from: {eye.origin}"
    basis = basis_of(reading, Structure.LV_ENDO, Structure.LV_EPI)
    return _Row("MWT", "mm", float(eye.ed_mm[thickest]), why, how, (_marks(reading)[0],), basis, note)


def _right(reading: Reading, size: Measurement) -> list[_Row]:
    basis = basis_of(reading, Structure.RV)
    volume = basis.curves.rv
    why = why_not(basis, volume, "right ventricle")
    ed, es = _marks(reading)
    both = (ed, es) if why is None else ()
    edv, esv = (float(volume[ed]) / MM3_PER_ML, float(volume[es]) / MM3_PER_ML) if why is None else (0.0, 0.0)
    no_ml = why or (None if reading.calibration else NO_SCALE)
    # What is measured within the left ventricle's outlines is not measured within the right's.
    wall = choices(reading).papillaries is Papillaries.MYOCARDIUM and choices(reading).muscle is None
    how = f"disks, trabeculae in {'wall' if wall else 'cavity'}, {_right_slices(reading, ed, es)}"
    left = "ED and ES of the left ventricle"
    return [
        *_indexed(_Row("RVEDV", "ml", edv, no_ml, how, both[:1], basis, left), size),
        *_indexed(_Row("RVESV", "ml", esv, no_ml, how, both[1:], basis, left), size),
        *_indexed(_Row("RVSV", "ml", edv - esv, no_ml, how, both, basis, left), size),
        _Row("RVEF", "%", 100 * (edv - esv) / edv if why is None else 0.0, why, how, both, basis, left),
    ]


def _right_slices(reading: Reading, ed: int, es: int) -> str:
    """Which slices count for the right ventricle, in words; slices are counted from 1 as on screen."""
    base = choices(reading).rv_base
    return "every slice with a contour" if base is None else f"base slice {base[ed] + 1} at ED, {base[es] + 1} at ES"


def _measured(row: _Row) -> Measurement:
    by = (row.basis.by(row.frames) if row.basis else ()) + row.also_by
    if row.why is not None:
        method = row.method if row.frames else ""
        return Measurement(row.code, None, row.unit, method, row.frames, (), by, None, Status.WITHHELD, row.why)
    basis = row.basis
    structures = basis.structures if basis else ()
    status = Status.EDITED if basis is not None and basis.edited(row.frames) else Status.AUTO
    sure = basis.confidence(row.frames) if basis else None
    quantity = Quantity(row.value, row.unit)
    return Measurement(row.code, quantity, row.unit, row.method, row.frames, structures, by, sure, status, row.note)


def _heart_rate(reading: Reading) -> Measurement:
    told = reading.facts.heart_rate_per_min
    row = Measurement("HR", None, "1/min", "", (), (), (), None, Status.WITHHELD, "the files tell no heart rate")
    if not told:
        return row
    quantity = Quantity(told, "1/min")
    return replace(row, quantity=quantity, method="file header", status=Status.AUTO, note=None)


def _body_surface(reading: Reading) -> Measurement:
    body, author = choices(reading).body, reading.authors.get("short_axis/body")
    by = (author,) if author else ()
    bsa = body.bsa_m2
    own = reading.decisions.get("BSA")
    if own is not None and own.accepted and own.value is not None and own.value > 0:
        return Measurement("BSA", Quantity(own.value, "m2"), "m2", "entered", (), (), (own.by,), None, Status.EDITED)
    if bsa is None:
        return Measurement("BSA", None, "m2", "", (), (), by, None, Status.WITHHELD, NO_BODY)
    method = f"{body.formula.value}, {body.height_cm:g} cm, {body.weight_kg:g} kg"
    status = Status.EDITED if author else Status.AUTO
    return Measurement("BSA", Quantity(bsa, "m2"), "m2", method, (), (), by, None, status)
