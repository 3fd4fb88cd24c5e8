"""What a short-axis stack gives to the table: volumes, mass, rates, wall, strain, and the reasons for gaps."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kinecor.core.cycle.cycle import HARMONICS, MIN_PHASES, fit_periodic_curve, rates
from kinecor.core.strain.short_axis import MIN_SLICES, StackStrain, stack_strain
from kinecor.core.strain.wall_strain import BY_MOTION, FROM_CONTOURS
from kinecor.core.table.evaluation import Basis, Given, Inputs, Scaling, withheld
from kinecor.core.table.loop_inputs import (
    NO_BEAT,
    NO_SCALE,
    body_surface,
    entered_basis,
    low_confidence,
    placed_words,
    stated_rate,
)
from kinecor.core.table.measures import NOT_ROUTINE, Source
from kinecor.core.table.technique import Kind, Technique
from kinecor.core.values.choices import MID_WALL, Papillaries, layer_words
from kinecor.core.values.confidence import STACK_CONTOURS
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message, verbatim
from kinecor.core.values.reading import Reading, body_authors, choices, has_contour, model_author, pixel_mm2
from kinecor.core.values.recording import cycle_length_s
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.segments import NAMES, bulls_eye
from kinecor.core.volumes.stack_volumes import (
    MM3_PER_ML,
    MYOCARDIUM_G_PER_ML,
    slice_words,
    stack_curves,
    used_contours,
    usual_step_mm,
)

NO_BODY = message("needs height and weight: enter them")
EQUAL_PIXELS = message("a ratio: needs no scale, only equal pixels in all slices")
_PAPILLARIES = {
    Papillaries.CAVITY: message("papillaries in cavity"),
    Papillaries.MYOCARDIUM: message("papillaries in myocardium"),
}
_DARK_IN_MYOCARDIUM = message("papillaries in myocardium (dark pixels within the outline)")
_LEFT, _RIGHT = message("left ventricle"), message("right ventricle")
_NOT_CONTOURED = {
    Structure.LV_ENDO: message("the left ventricle is not contoured"),
    Structure.RV: message("the right ventricle is not contoured"),
}
_DISKS = message("disks")
_EVERY_SLICE = message("every slice with a contour")
# Which slices count for the right ventricle, as a convention.
_FROM_BASE = "base slice"
_TRABECULAE_IN_WALL, _IN_CAVITY = message("trabeculae in wall"), message("trabeculae in cavity")
_ED_ES_OF_LEFT = message("ED and ES of the left ventricle")


def convention(reading: Reading) -> Message:
    """Where papillary muscles are counted, in words: printed with each value.

    Args:
        reading: of the stack.

    """
    chosen = choices(reading)
    taken = chosen.papillaries is Papillaries.MYOCARDIUM and chosen.muscle is not None
    return _DARK_IN_MYOCARDIUM if taken else _PAPILLARIES[chosen.papillaries]


def stack_inputs(reading: Reading) -> Inputs:
    """Inputs of both ventricles; empty where nothing was contoured and nothing withholds it.

    Args:
        reading: of the stack.

    """
    if reading.withheld is None and not (has_contour(reading, Structure.LV_ENDO) or has_contour(reading, Structure.RV)):
        return {}
    volume = stack_curves(reading).endo
    reason = no_volume(reading, Structure.LV_ENDO, volume, _LEFT)
    given_inputs = _left(reading, volume, reason)
    given_inputs |= _mass(reading, reason)
    given_inputs |= _rates(reading, volume, reason)
    given_inputs[Source.THICKEST] = _thickest(reading, reason)
    given_inputs |= _strain(reading, reason)
    if has_contour(reading, Structure.RV):
        given_inputs |= _right(reading)
    return given_inputs | {Source.HEART_RATE: _heart_rate(reading), Source.BODY_SURFACE: _body_surface(reading)}


def basis_of(reading: Reading, frames: tuple[int, ...], *structures: Structure) -> Basis:
    """What a value at these frames rests on: contours of slices that count, ED and ES, the choice of slices.

    Its confidence is the least over frames of the confidence of the contours that no person drew, its mean over slices
    weighted by area.

    Args:
        reading: of the stack.
        frames: phases from 0.
        structures: whose contours it rests on; with the right ventricle, the choice of its base counts.

    """
    used = used_contours(reading, structures, frames)
    drawn_by: list[str] = []
    edited = False
    for number, frame, track in used:
        authors, origin, part = reading.slices[number].authors, track.origins[frame], f"tracks/{track.structure}"
        keys = [part] if origin is not Origin.EDITED else []
        keys += [f"{part}/edited"] if origin is not Origin.MODEL else []
        keys += [f"{part}/propagated"] if origin is Origin.TRACKED else []
        drawn_by += [authors[key] for key in keys if key in authors]
        edited |= origin is Origin.EDITED or (origin is Origin.TRACKED and _by_person(authors, part))
    edited |= _removed(reading, structures, frames)
    left = Structure.RV not in structures
    chosen = ("events", "short_axis/extent") if left else ("events", "short_axis/rv_base")
    events, extent = reading.events, reading.authors.get(chosen[1], "model:")
    by_hand = (events is not None and events.origin is Origin.EDITED) or not extent.startswith("model:")
    confidence = _confidence(reading, structures, frames)
    return Basis(
        frames=frames,
        structures=structures,
        drawn_by=tuple(dict.fromkeys(drawn_by)),
        marked_by=tuple(reading.authors[key] for key in chosen if key in reading.authors),
        confidence=confidence,
        edited=edited or by_hand,
        trust=STACK_CONTOURS.trust(confidence),
    )


def _by_person(authors: Mapping[str, str], part: str) -> bool:
    """Whether contours that were not drawn on their frames follow a person's, or were filled in by one."""
    return f"{part}/edited" in authors or (part in authors and model_author(authors[part]) is None)


def _removed(reading: Reading, structures: tuple[Structure, ...], frames: tuple[int, ...]) -> bool:
    """Whether a person removed a model's contour at one of these frames from a slice."""
    return any(
        track.contours[frame] is None and track.origins[frame] is Origin.EDITED
        for slice_reading in reading.slices
        for structure in structures
        if (track := slice_reading.tracks.get(structure)) is not None and f"tracks/{structure}" in slice_reading.authors
        for frame in frames
    )


def _confidence(reading: Reading, structures: tuple[Structure, ...], frames: tuple[int, ...]) -> float | None:
    areas, least = stack_curves(reading).areas, []
    for frame in frames:
        used = [
            (number, track)
            for number, _, track in used_contours(reading, structures, (frame,))
            if track.origins[frame] is not Origin.EDITED
        ]
        weight = np.array([areas[track.structure][number, frame] for number, track in used])
        sure = np.array([track.confidence[frame] for _, track in used])
        if weight.sum() > 0:
            least.append(float((weight * sure).sum() / weight.sum()))
    return min(least, default=None)


def no_volume(reading: Reading, structure: Structure, volume: FloatArray, name: Message) -> Message | None:
    """Reason no volume of a structure is given at ED and ES, or None.

    Args:
        reading: of the stack.
        structure: whose volume.
        volume: (phases,) of it, NaN without contours.
        name: of the structure, for the sentence.

    """
    if reading.withheld is not None:
        return reading.withheld
    if not has_contour(reading, structure):
        return _NOT_CONTOURED[structure]
    if reading.events is None or not reading.events.beats:
        return NO_BEAT
    if pixel_mm2(reading) is None:
        return message("some slices have a scale and some have none: their areas cannot be added up")
    if reading.facts.stack is not None and usual_step_mm(reading.facts.stack) is None:
        return message("a single slice of unknown thickness has no volume")
    beat = reading.events.beats[0]
    for mark, frame in (("ED", beat.ed), ("ES", beat.es)):
        if not np.isfinite(volume[frame]) or volume[frame] <= 0:
            return message(
                "no slice that counts has a contour of the {ventricle} at {mark} (phase {phase})",
                ventricle=name,
                mark=verbatim(mark),
                phase=frame + 1,
            )
    if volume[beat.es] >= volume[beat.ed]:
        return message(
            "the {ventricle} at ES is not smaller than at ED: move the marks or correct the contours", ventricle=name
        )
    sure = _confidence(reading, (structure,), (beat.ed, beat.es))
    return low_confidence(sure) if sure is not None and sure < STACK_CONTOURS.withheld else None


def _marks(reading: Reading) -> tuple[int, int]:
    beats = reading.events.beats if reading.events else ()
    return (beats[0].ed, beats[0].es) if beats else (0, 0)


def _scaling(reading: Reading) -> Scaling:
    return Scaling() if reading.calibration is not None else Scaling(missing=NO_SCALE, ratio=EQUAL_PIXELS)


def _left(reading: Reading, volume: FloatArray, reason: Message | None) -> Inputs:
    sources = {Source.LV_ED: _marks(reading)[0], Source.LV_ES: _marks(reading)[1]}
    if reason is not None:
        none = withheld(reason, basis=_reasoned(reading, Structure.LV_ENDO))
        return dict.fromkeys(sources, none)
    where = slice_words(reading, dict(zip(("ED", "ES"), _marks(reading), strict=True)))
    method = join_texts(_DISKS, ", ", convention(reading))
    return {
        source: Given(
            value=float(volume[frame]),
            basis=basis_of(reading, (frame,), Structure.LV_ENDO),
            method=method,
            note=where,
            scaling=_scaling(reading),
            short=convention(reading),
            technique=_technique(reading, Kind.SLICES, method),
        )
        for source, frame in sources.items()
    }


def _technique(reading: Reading, kind: Kind, words: Message) -> Technique:
    """The technique of a value that depends on where papillary muscles are counted."""
    return Technique(kind, conventions=(convention(reading),), words=words)


def _reasoned(reading: Reading, *structures: Structure) -> Basis:
    """The basis of a value that is withheld: who marked ED and ES and chose the slices."""
    return basis_of(reading, (), *structures)


def _strain(reading: Reading, reason: Message | None) -> Inputs:
    """Strain at ES; needs no scale. Nothing where the epicardium was not contoured at all."""
    if not has_contour(reading, Structure.LV_EPI):
        return {}
    strain = stack_strain(reading) if reason is None else None
    if strain is None:
        none = withheld(
            reason or message("needs {slices} slices with both contours at ED and ES", slices=MIN_SLICES),
            basis=_reasoned(reading, Structure.LV_ENDO, Structure.LV_EPI),
        )
        return {Source.GCS: none, Source.GRS: none}
    ed, es = _marks(reading)
    basis = basis_of(reading, (ed, es), Structure.LV_ENDO, Structure.LV_EPI)
    slices = join_texts(message("{slices} slices", slices=len(strain.slices)), ", ", convention(reading))
    layer = layer_words(reading.strain.depth)
    how = join_texts(layer, ", ", BY_MOTION) if strain.followed else message("mid-wall of contours")
    placed = (
        [slice_reading for slice_reading in reading.slices if slice_reading.placed_points] if strain.followed else []
    )
    by = next((reading.authors["placed_points"] for reading in placed if "placed_points" in reading.authors), None)
    radial = join_texts(message("thickness of contours"), ", ", slices)
    also = placed_words(sum(len(reading.placed_points) for reading in placed), by) if placed else NOTHING
    return {
        Source.GCS: Given(
            value=float(strain.circumferential_percent[es]),
            basis=replace(basis, marked_by=(*basis.marked_by, *_motion_by(strain))),
            method=joined_by("; ", (join_texts(how, ", ", slices), also)),
            technique=Technique(
                Kind.STRAIN,
                depth=reading.strain.depth if strain.followed else MID_WALL,  # contours alone: the middle between them
                conventions=(convention(reading), BY_MOTION if strain.followed else FROM_CONTOURS),
                words=join_texts(how, ", ", slices),
            ),
        ),
        Source.GRS: Given(
            value=float(strain.radial_percent[es]),
            basis=basis,
            method=radial,
            note=NOT_ROUTINE,
            technique=_technique(reading, Kind.THICKNESS, radial),
        ),
    }


def _motion_by(strain: StackStrain) -> tuple[str, ...]:
    """Models of the motion that strain rests on."""
    if strain.regions is None or not strain.followed:
        return ()
    return tuple(dict.fromkeys(slice_wall.motion_by for slice_wall in strain.regions.slices if slice_wall.motion_by))


def _mass(reading: Reading, reason: Message | None) -> Inputs:
    """Volume of the wall at ED and at ES: the two masses should agree, so the second shows how good both are."""
    both = (Structure.LV_ENDO, Structure.LV_EPI)
    density = message("{density} g/ml x (epicardial - endocardial volume)", density=MYOCARDIUM_G_PER_ML)
    how = join_texts(convention(reading), ", ", density)
    given_inputs: Inputs = {}
    for source, mark, frame in zip((Source.WALL_ED, Source.WALL_ES), ("ED", "ES"), _marks(reading), strict=True):
        wall = float(stack_curves(reading).wall[frame])
        lacking = reason
        if lacking is None and not has_contour(reading, Structure.LV_EPI):
            lacking = message("the epicardium is not contoured")
        elif lacking is None and not np.isfinite(wall):
            lacking = message(
                "not every slice with a cavity has an epicardium at {mark} (phase {phase})",
                mark=verbatim(mark),
                phase=frame + 1,
            )
        if lacking is not None:
            given_inputs[source] = withheld(lacking, basis=_reasoned(reading, *both))
        else:
            given_inputs[source] = Given(
                wall,
                basis_of(reading, (frame,), *both),
                how,
                scaling=_scaling(reading),
                short=convention(reading),
                technique=_technique(reading, Kind.WALL, how),
            )
    return given_inputs


def _rates(reading: Reading, volume: FloatArray, reason: Message | None) -> Inputs:
    """Peak ejection and filling rate from the fitted volume curve."""
    times, volume_ml = reading.facts.times_s, volume / MM3_PER_ML
    curve = None
    if reason is None and reading.facts.times_origin == "assumed":
        reason = message("frame times are assumed: the file has none")
    elif reason is None:
        curve = fit_periodic_curve(volume_ml, times, cycle_length_s(times, reading.facts.heart_rate_per_min))
        if curve is None:
            reason = message("needs contours at {phases} phases or more", phases=MIN_PHASES)
    if curve is None:
        none = withheld(reason or message("no volume curve"))
        return {Source.EJECTION: none, Source.FILLING: none}
    found = rates(curve)
    frames = tuple(int(index) for index in np.flatnonzero(np.isfinite(volume_ml)))
    basis = basis_of(reading, frames, Structure.LV_ENDO)
    slope = message("slope of the volume curve, {harmonics} harmonics", harmonics=HARMONICS)
    how = join_texts(convention(reading), ", ", slope)
    return {
        source: Given(
            value,
            basis,
            how,
            note=message("at {time_ms:.0f} ms", time_ms=1000 * at_s),
            scaling=_scaling(reading),
            technique=_technique(reading, Kind.SLOPE, how),
        )
        for source, value, at_s in (
            (Source.EJECTION, found.ejection, found.ejection_s),
            (Source.FILLING, found.filling, found.filling_s),
        )
    }


def _thickest(reading: Reading, reason: Message | None) -> Given:
    """The thickest of the 16 segments that slices show at ED."""
    eye = bulls_eye(reading) if reason is None else None
    if eye is None or not np.isfinite(eye.ed_mm[:16]).any():
        return withheld(reason or message("no wall: the epicardium is not contoured at ED"))
    thickest = int(np.nanargmax(eye.ed_mm[:16]))
    method = join_texts(message("centreline chords, mean of the segment"), ", ", convention(reading))
    return Given(
        value=float(eye.ed_mm[thickest]),
        basis=basis_of(reading, _marks(reading)[:1], Structure.LV_ENDO, Structure.LV_EPI),
        method=method,
        note=message("{segment}; segments from: {origin}", segment=NAMES[thickest], origin=eye.origin),
        scaling=_scaling(reading),
        technique=_technique(reading, Kind.THICKNESS, method),
    )


def _right(reading: Reading) -> Inputs:
    volume = stack_curves(reading).rv
    reason = no_volume(reading, Structure.RV, volume, _RIGHT)
    sources = dict(zip((Source.RV_ED, Source.RV_ES), _marks(reading), strict=True))
    if reason is not None:
        return dict.fromkeys(sources, withheld(reason, basis=_reasoned(reading, Structure.RV)))
    # What is measured within the left ventricle's outlines is not measured within the right's.
    wall = choices(reading).papillaries is Papillaries.MYOCARDIUM and choices(reading).muscle is None
    trabeculae = _TRABECULAE_IN_WALL if wall else _IN_CAVITY
    method = join_texts(_DISKS, ", ", trabeculae, ", ", _right_slices(reading))
    slices = _EVERY_SLICE if choices(reading).rv_base is None else _FROM_BASE
    technique = Technique(Kind.SLICES, conventions=(trabeculae, slices), words=method)
    return {
        source: Given(
            value=float(volume[frame]),
            basis=basis_of(reading, (frame,), Structure.RV),
            method=method,
            remark=_ED_ES_OF_LEFT,
            scaling=_scaling(reading),
            short=trabeculae,
            technique=technique,
        )
        for source, frame in sources.items()
    }


def _right_slices(reading: Reading) -> Message:
    """Which slices count for the right ventricle, in words; slices are counted from 1 as on screen."""
    ed, es = _marks(reading)
    base = choices(reading).rv_base
    if base is None:
        return _EVERY_SLICE
    return message("base slice {at_ed} at ED, {at_es} at ES", at_ed=base[ed] + 1, at_es=base[es] + 1)


def _heart_rate(reading: Reading) -> Given:
    return stated_rate(reading) or withheld(message("the files have no heart rate"))


def _body_surface(reading: Reading) -> Given:
    return body_surface(reading) or withheld(NO_BODY, basis=entered_basis(*body_authors(reading)))
