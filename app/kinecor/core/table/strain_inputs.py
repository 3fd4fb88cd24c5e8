"""What longitudinal and short-axis strain of a loop give to the table, and the words for how they were measured."""

from dataclasses import replace

import numpy as np

from kinecor.core.cycle.valve_closure import closure_by_beat
from kinecor.core.strain.short_axis import short_axis_regions, why_no_short_axis_strain
from kinecor.core.strain.short_axis_regions import ShortAxisRegions, level_of
from kinecor.core.strain.strain import cut_short, mechanical_dispersion_ms
from kinecor.core.strain.wall_strain import WallStrain, wall_strain, why_no_strain
from kinecor.core.table.evaluation import Basis, Given, Inputs, withheld
from kinecor.core.table.measures import NOT_ROUTINE, Source
from kinecor.core.values.choices import APICAL, BASAL, MID, layer_words
from kinecor.core.values.confidence import LOOP_CONTOURS, TRACKING_QUALITY, Trust
from kinecor.core.values.reading import Reading, short_author
from kinecor.core.values.track import Origin, Structure

ASSUMED_TIMES = "frame times are assumed: the file has no frame rate"
BEGUN_LATE = "the loop begins in systole: the beat's ED was not recorded before it"
ENDED_EARLY = "the loop ends too soon after ES"
LEVEL_WORDS = {BASAL: "basal", MID: "mid-ventricular", APICAL: "apical"}
_LAYERS = {0.0: "endocardium", 0.5: "mid-wall", 1.0: "epicardium"}
_STRUCTURES = (Structure.LV_ENDO, Structure.LV_EPI)


def strain_inputs(reading: Reading) -> Inputs:
    """GLS and what goes with it; GLS alone, with the reason, where it is withheld."""
    if reading.withheld is not None or Structure.LV_EPI not in reading.tracks:
        return {}  # nothing is measured, or the wall was not requested
    found = wall_strain(reading)
    if found is None:
        return {Source.GLS: withheld(why_no_strain(reading) or "no strain")}
    if found.why is not None:
        return {Source.GLS: withheld(found.why, method_of(reading, found))}
    whole, basis, method = found.whole, _basis(reading, found), method_of(reading, found)
    post = withheld(ENDED_EARLY)
    if np.isfinite(whole.post_systolic_index):
        post = Given(whole.post_systolic_index, basis, "whole wall")
    rows: Inputs = {
        Source.GLS: Given(whole.end_systolic, basis, method),
        Source.GLS_PEAK: Given(whole.peak_systolic, basis, method),
        Source.POST_SYSTOLIC: post,
        **_timed(reading, found, basis),
    }
    if found.regional:
        rows |= {Source[f"SEGMENT_{one + 1}"]: _segment(found, basis, one) for one in range(len(found.names))}
    return rows


def method_of(reading: Reading, found: WallStrain) -> str:
    """How strain was measured: layer, what it was tracked by, ES, drift, beats."""
    depth = reading.strain.depth
    parts = [_LAYERS.get(depth, f"{depth:.0%} into the wall"), found.method, end_systole_of(reading), _drift(found)]
    if len(found.beats) > 1:
        parts.append(f"mean of {len(found.beats)} beats")
    if found.excluded:
        parts.append("without " + ", ".join(found.names[one].lower() for one in found.excluded))
    return "; ".join(parts)


def end_systole_of(reading: Reading) -> str:
    """How end-systole was found; strain at end-systole means little without it."""
    beats, closed = reading.events.beats if reading.events else (), closure_by_beat(reading)
    if closed:
        by = reading.authors.get("valve_closures")
        marked = "ES at aortic valve closure, marked" + (f" by {short_author(by)}" if by else "")
        few = "" if len(closed) == len(beats) else f" in {len(closed)} of {len(beats)} beats, else {_unmarked(reading)}"
        return marked + few
    return _unmarked(reading)


def _unmarked(reading: Reading) -> str:
    if reading.events is not None and reading.events.origin is Origin.EDITED:
        return "ES as marked"
    return "ES suggested by AI" if "phase" in reading.authors.get("events", "") else "ES at the smallest volume"


def _drift(found: WallStrain) -> str:
    drift = found.global_drift_percent
    if drift is None:
        return "drift unknown (no next ED)"
    return f"drift {drift:+.1f} % " + ("compensated" if found.compensated else "not compensated")


def _timed(reading: Reading, found: WallStrain, basis: Basis) -> Inputs:
    """Times and rates; they need frame times from the file."""
    names = (Source.TIME_TO_PEAK, Source.DISPERSION, Source.SYSTOLIC_RATE, Source.EARLY_RATE)
    if reading.facts.times_origin == "assumed":
        return dict.fromkeys(names, withheld(ASSUMED_TIMES))
    rates, systolic, early = found.global_rate_per_s, [], []
    for beat, last in zip(found.beats, found.last_frames, strict=True):
        if beat.ed < beat.es:
            systolic.append(float(rates[beat.ed : beat.es + 1].min()))
        if cut_short(beat, last, found.time_s):
            continue
        # The early filling wave is in the first half of diastole, atrial contraction in the second.
        end = last if beat.ed < beat.es else beat.ed
        early.append(float(rates[beat.es : beat.es + max(2, (end - beat.es) // 2) + 1].max()))
    early_rate = Given(float(np.mean(early)), basis, "whole wall") if early else withheld(ENDED_EARLY)
    if not systolic:
        return {**dict.fromkeys(names[:3], withheld(BEGUN_LATE)), Source.EARLY_RATE: early_rate}
    rows: Inputs = {
        Source.SYSTOLIC_RATE: Given(float(np.mean(systolic)), basis, "whole wall"),
        Source.EARLY_RATE: early_rate,
    }
    if not early:
        return {**dict.fromkeys(names[:2], withheld(ENDED_EARLY)), **rows}
    rows[Source.TIME_TO_PEAK] = Given(1000 * found.whole.time_to_peak_s, basis, "whole wall")
    peaks = [
        one.time_to_peak_s
        for number, one in enumerate(found.segments)
        if one is not None and number not in found.excluded
    ]
    if len(peaks) > 1:
        spread = mechanical_dispersion_ms(np.array(peaks))
        rows[Source.DISPERSION] = Given(spread, basis, f"SD of {len(peaks)} segments' times to peak")
    return rows


def _segment(found: WallStrain, basis: Basis, number: int) -> Given:
    name, summary, quality = found.names[number], found.segments[number], float(found.quality[number])
    if number in found.excluded:
        return withheld("excluded by the reader", name)
    if summary is None:
        return withheld(f"tracking quality too low ({quality:.2f})", name)
    trust = basis.trust if basis.trust is not Trust.OK else TRACKING_QUALITY.trust(quality)
    return Given(summary.end_systolic, replace(basis, confidence=quality, trust=trust), name)


def _basis(reading: Reading, found: WallStrain) -> Basis:
    frames = tuple(frame for beat in found.beats for frame in (beat.ed, beat.es))
    sure = [float(reading.tracks[one].confidence[list(frames)].min()) for one in _STRUCTURES]
    counted = [q for number, q in enumerate(found.quality) if number not in found.excluded]
    marked = reading.events is not None and reading.events.origin is Origin.EDITED
    hands = ("strain", *(f"tracks/{one}/edited" for one in _STRUCTURES))
    closed = bool(closure_by_beat(reading))
    return Basis(
        frames=frames,
        structures=_STRUCTURES,
        drawn_by=_authors(reading, ("valve_closures",) if closed else ()),
        confidence=float(min([*sure, np.mean(counted)] if found.regional else sure)),
        edited=marked or closed or any(part in reading.authors for part in hands),
        trust=LOOP_CONTOURS.trust(min(sure)),
    )


def _authors(reading: Reading, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Who made what strain rests on: contours, marks, choices, motion."""
    keys = [f"tracks/{one}{part}" for one in _STRUCTURES for part in ("", "/edited")] + ["events", "strain", *also]
    makers = [reading.authors[key] for key in keys if key in reading.authors]
    return (*makers, reading.motion.by) if reading.motion is not None and reading.motion.by else tuple(makers)


def short_axis_inputs(reading: Reading) -> Inputs:
    """GCS and GRS of a short-axis loop; GCS alone, with the reason, where they are withheld."""
    reason, found = why_no_short_axis_strain(reading), short_axis_regions(reading)
    if reason is not None or found is None:
        return {Source.GCS: withheld(reason or "no strain")}
    at = [one - 1 for one in found.slices[0].parts.numbers if one - 1 not in found.excluded]
    if not at:
        return {Source.GCS: withheld("every segment is excluded")}
    good = [one for one in at if found.why[one] is None]
    if len(good) <= len(at) / 2:
        return {Source.GCS: withheld(f"only {len(good)} of {len(at)} segments were tracked well")}
    frames = [beat.es for beat in found.beats]
    radial = float(found.radial_percent[frames][:, good].mean())
    where = f"one {LEVEL_WORDS[level_of(reading)]} slice; {end_systole_of(reading)}"
    where += f"; mean of {len(found.beats)} beats" if len(found.beats) > 1 else ""
    how = f"{layer_words(reading.strain.depth)}, contours and motion; {where}"
    basis = _short_axis_basis(reading, found)
    return {
        Source.GCS: Given(float(found.global_percent[frames].mean()), basis, how),
        Source.GRS: Given(radial, basis, f"thickness, mean of segments; {where}", note=NOT_ROUTINE),
    }


def _short_axis_basis(reading: Reading, found: ShortAxisRegions) -> Basis:
    frames = tuple(frame for beat in found.beats for frame in (beat.ed, beat.es))
    sure = min(float(reading.tracks[one].confidence[list(frames)].min()) for one in _STRUCTURES)
    drawn = any(reading.tracks[one].origins[frame] is not Origin.MODEL for one in _STRUCTURES for frame in frames)
    return Basis(
        frames=frames,
        structures=_STRUCTURES,
        drawn_by=_authors(reading),
        confidence=min(sure, float(np.nanmean(found.quality))),
        edited=drawn,
        trust=LOOP_CONTOURS.trust(sure),
    )
