"""What a loop gives to the table: volumes by disks, heart rate and strain, how they were measured, or why not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.cycle.cycle import closure_by_beat
from kinecor.core.strain.atrium import atrial_strain, phases_percent
from kinecor.core.strain.short_axis import (
    LEFT_OUT,
    ShortAxisRegions,
    level_of,
    short_axis_regions,
    why_no_short_axis_strain,
)
from kinecor.core.strain.wall_strain import (
    BY_MOTION,
    WallStrain,
    cut_short,
    mechanical_dispersion_ms,
    quality_too_low,
    strain_depth,
    strain_structures,
    wall_strain,
    why_no_strain,
)
from kinecor.core.table.evaluation import Basis, Given, Inputs, Scaling, withheld
from kinecor.core.table.measures import NOT_ROUTINE, Source
from kinecor.core.table.technique import Beats, Kind, Technique
from kinecor.core.values.choices import APICAL, BASAL, MID, layer_words
from kinecor.core.values.confidence import LOOP_CONTOURS, TRACKING_QUALITY, Trust
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import NOTHING, Form, Message, join_texts, joined_by, message, plural, verbatim
from kinecor.core.values.reading import Reading, body, body_authors, body_words, counted_beats, index_beat, short_author
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import area_length_volume, disks_volume, seen_beats

# Beats whose intervals differ by more than this share of their median are called irregular.
IRREGULAR = 0.3
# A heart rate of the header that differs by more than this share is reported with the measured one.
CONTRADICTS = 0.2
# A contour may leave the region that its scale is for by this much: a wall at the sector's edge.
REGION_MARGIN_PX = 2.0

ATRIAL_VIEWS = ("A4C", "A2C")
"""Views in which the left atrium is measured (ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003)."""
NO_SCALE = message("no scale: lengths and volumes need millimetres per pixel")
NOT_APICAL = message("no left atrium was found, so this may not be an apical view: name the view if it is")
NO_ATRIUM = message("no left atrium was found on most frames: trace it at ES")
SQUARE_PIXELS = message("a ratio: needs no scale, only square pixels")
NO_BEAT = message("no ED and ES: no beat was found; mark them on the curve")
_NOT_CONTOURED = message("not contoured")
_NO_STRAIN = message("no strain")
_WHOLE_WALL = message("whole wall")
_OF_WHOLE_WALL = Technique(Kind.STRAIN, words=_WHOLE_WALL)
_AREA = message("area of the contour")
_ATRIAL_LENGTH = message("length of the atrial contour, zero at ED")
_ED_TO_ED = message("ED to ED")
_ED_TO_NEXT_ED = message("ED to next ED")


def loop_inputs(reading: Reading) -> Inputs:
    """Inputs of an apical loop: single-plane disks (ASE/EACVI 2015), the mean over beats, and longitudinal strain.

    Args:
        reading: of an apical loop, or a long axis of cine MRI.

    """
    endo = reading.tracks.get(Structure.LV_ENDO)
    rate, reason = heart_rate(reading), _no_volume(reading, endo)
    if reason is not None or endo is None:
        none = withheld(reason or _NOT_CONTOURED)
        if rate.basis.frames and reading.events is not None and reading.events.origin is Origin.MODEL:
            rate = withheld(message("its beats were found on contours that are not measured"))
        given_inputs: Inputs = {Source.LV_ED: none, Source.LV_ES: none}
    else:
        volumes = _Disks(endo, reading)
        given_inputs = {Source.LV_ED: volumes.at("ed"), Source.LV_ES: volumes.at("es")}
    given_inputs |= {Source.HEART_RATE: rate} | known_body(reading)
    return given_inputs | _atrium(reading) | right_inputs(reading) | annulus_inputs(reading) | strain_inputs(reading)


def known_body(reading: Reading) -> Inputs:
    """Body surface area, where height and weight are known.

    Args:
        reading: of a recording of any kind.

    """
    size = body_surface(reading)
    return {} if size is None else {Source.BODY_SURFACE: size}


@dataclass(frozen=True, slots=True)
class _Disks:
    """Volumes of one structure by single-plane disks; of atria in cine MRI by area and length, as their ranges are."""

    track: ContourTrack
    reading: Reading

    @property
    def by_area_length(self) -> bool:
        """Whether it is the atrium on a long axis of cine MRI."""
        return self.track.structure is Structure.LA and self.reading.kind.oriented_by_plane

    def volume_mm3(self, frame: int) -> float:
        """Volume at a frame that has a contour; without a scale, in cubes of a pixel's width."""
        contour = self.track.contours[frame]
        if contour is None:
            raise ValueError(f"{self.track.structure}: no contour at frame {frame}")
        return (area_length_volume if self.by_area_length else disks_volume)(contour, *self.reading.spacing)

    def method(self) -> Message:
        """How it is measured, with the view where that is known."""
        reading = self.reading
        view = reading.kind.view_name(reading.view.label) if reading.view_known and reading.view else None
        if self.by_area_length:
            return (
                message("area-length method (single plane, {view})", view=view)
                if view
                else message("area-length method (single plane)")
            )
        return (
            message("method of disks (single plane, {view})", view=view)
            if view
            else message("method of disks (single plane)")
        )

    def at(self, mark: str) -> Given:
        """The mean over beats at "ed" or "es"."""
        reading, scale = self.reading, self.reading.calibration
        frames = tuple(getattr(beat, mark) for beat in counted_beats(reading))
        known, how = reading.view_known and reading.view, self.method()
        by_hand = scale is not None and "calibration" in reading.authors
        beats, single = beats_words(reading), beats_used(reading)
        return Given(
            value=float(np.mean([self.volume_mm3(frame) for frame in frames])),
            basis=self.basis(frames),
            method=joined_by(", ", (how, beats)),
            remark=None if self.track.structure is Structure.LA else ed_after_es(reading),
            scaling=Scaling(
                missing=_no_millimetres(reading, self.track, frames),
                note=message("scale: {origin}", origin=scale.origin) if scale is not None and by_hand else None,
                ratio=None if scale else SQUARE_PIXELS,
            ),
            technique=Technique(
                Kind.AREA_LENGTH if self.by_area_length else Kind.SINGLE_PLANE,
                views=(reading.view.label,) if known and reading.view else (),
                conventions=(single,) if single else (),
                words=joined_by(", ", (how, beats)) if single else how,
            ),
        )

    def basis(self, frames: tuple[int, ...]) -> Basis:
        """Authors, confidence and the hand of a person in the contours at these frames."""
        reading, authors = self.reading, self.reading.authors
        part = f"tracks/{self.track.structure}"
        origins = {self.track.origins[frame] for frame in frames}
        # A contour that a person's edit propagated to is the work of both.
        touched = bool(origins & {Origin.EDITED, Origin.TRACKED})
        by_models = [part, f"{part}/at-es"] if origins != {Origin.EDITED} else []
        keys = by_models + ([f"{part}/edited"] if touched else [])
        keys += [f"{part}/propagated"] if Origin.TRACKED in origins else []
        drawn = Origin.EDITED in origins or (Origin.TRACKED in origins and f"{part}/edited" in authors)
        marked = (reading.events is not None and reading.events.origin is Origin.EDITED) or "beats" in authors
        confidence = self.track.confidence_at(frames)
        return Basis(
            frames=frames,
            structures=(self.track.structure,),
            drawn_by=tuple(authors[key] for key in keys if key in authors),
            marked_by=tuple(authors[key] for key in ("events", "beats") if key in authors),
            scaled_by=tuple(authors[key] for key in ("calibration",) if key in authors),
            confidence=confidence,
            edited=drawn or marked,
            trust=LOOP_CONTOURS.trust(confidence),
        )


def ed_after_es(reading: Reading) -> Message | None:
    """That a loop which begins in systole gives ES and ED of two beats, in words; None where it shows both of one.

    Phases of a gated cycle go round, and stills are ED and ES as they come.

    Args:
        reading: of a recording of any kind.

    """
    beats = counted_beats(reading)
    if reading.kind.gated or reading.facts.stills or not beats or beats[0].ed < beats[0].es:
        return None
    return message(
        "ED (frame {ed}) comes after ES (frame {es}) and is of the next beat: the loop shows no ED before its ES",
        ed=beats[0].ed + 1,
        es=beats[0].es + 1,
    )


def beats_words(reading: Reading) -> Message:
    """Which beats a value is of; empty of a loop with one beat.

    Args:
        reading: of the loop, with its beats.

    """
    every, counted = len(reading.events.beats) if reading.events else 0, len(counted_beats(reading))
    if every < 2:
        return NOTHING
    if counted == 1:
        alone = index_beat(reading) if reading.beats.index_beat else None
        if alone is None:
            return message("1 of {beats} beats", beats=every)
        return message("index beat ({number} of {beats})", number=alone + 1, beats=every)
    if counted < every:
        return message("mean of {counted} of {beats} beats", counted=counted, beats=every)
    return mean_of_beats(counted)


def beats_used(reading: Reading) -> Beats | None:
    """Whether a value is of one beat of several, and of which; None of a mean, and of a loop with one beat.

    Args:
        reading: of the loop, with its beats.

    """
    if reading.events is None or len(reading.events.beats) < 2 or len(counted_beats(reading)) > 1:
        return None
    return Beats.INDEX if reading.beats.index_beat and index_beat(reading) is not None else Beats.SINGLE


def mean_of_beats(beats: int) -> Message:
    """That a value is a mean over beats, of two or more.

    Args:
        beats: how many, from 2.

    """
    return message("mean of {beats} beats", beats=beats)


def _no_volume(reading: Reading, endo: ContourTrack | None) -> Message | None:
    """Reason the LV volume is withheld, or None."""
    if reading.withheld is not None:
        return reading.withheld
    if endo is None:
        return message("the left ventricle is not contoured")
    if reading.events is None or not reading.events.beats:
        return NO_BEAT
    for beat in counted_beats(reading):
        for name, frame in (("ED", beat.ed), ("ES", beat.es)):
            contour = endo.contours[frame]
            if contour is None or contour.area_px2 == 0:
                return message("no LV contour at {mark} (frame {frame})", mark=verbatim(name), frame=frame + 1)
    volume_mm3 = _Disks(endo, reading).volume_mm3
    if any(volume_mm3(beat.es) >= volume_mm3(beat.ed) for beat in counted_beats(reading)):
        return message("the cavity at ES is not smaller than at ED: move the marks")
    # A model that names the view can err as the one that contours does: only a header or a person outweighs a
    # missing atrium.
    if not (reading.view_known and reading.view_confirmed) and atrium_missing(reading):
        return NOT_APICAL
    used = min(float(endo.confidence[frame]) for beat in counted_beats(reading) for frame in (beat.ed, beat.es))
    return low_confidence(used) if used < LOOP_CONTOURS.withheld else None


def low_confidence(confidence: float) -> Message:
    """The reason a value is withheld under the lower floor of the confidence policy.

    Args:
        confidence: of the contours, 0 to 1.

    """
    return message("low contour confidence at ED/ES ({confidence:.2f}): review the contours", confidence=confidence)


def _no_millimetres(reading: Reading, track: ContourTrack, frames: tuple[int, ...]) -> Message | None:
    """Reason there are no lengths in millimetres at `frames`, or None."""
    if reading.calibration is None:
        return NO_SCALE
    region = reading.facts.region
    if region is None or "calibration" in reading.authors:  # a person's scale is for the whole image
        return None
    low = np.array((region.x0, region.y0)) - REGION_MARGIN_PX
    high = np.array((region.x1, region.y1)) - 1 + REGION_MARGIN_PX
    for frame in frames:
        contour = track.contours[frame]
        if contour is not None and ((contour.points < low) | (contour.points > high)).any():
            return message(
                "the contour at frame {frame} leaves the part of the image that the scale is for", frame=frame + 1
            )
    return None


def atrium_missing(reading: Reading) -> bool:
    """Whether an atrium was looked for and not found, or not with confidence, on most frames.

    Args:
        reading: of the loop; one without a track of the atrium is not missing it.

    """
    atrium = reading.tracks.get(Structure.LA)
    return atrium is not None and bool((atrium.confidence < LOOP_CONTOURS.withheld).sum() > len(atrium) / 2)


def heart_rate(reading: Reading) -> Given:
    """From ED to ED where two beats are marked, else as stated, else from ED to the next one seen.

    Args:
        reading: of the loop, with the times of its frames.

    """
    events = reading.events
    if events is not None and len(events.beats) >= 2:
        if reading.facts.times_origin == "assumed":
            return withheld(ASSUMED_TIMES)
        frames = seen_beats(reading).eds or tuple(beat.ed for beat in events.beats)
        gaps_s = np.diff(reading.facts.times_s[list(frames)])
        rate = 60 / float(gaps_s.mean())
        by = (reading.authors["events"],) if "events" in reading.authors else ()
        basis = Basis(frames=frames, marked_by=by, edited=events.origin is Origin.EDITED)
        doubt = _rate_doubt(gaps_s, rate, reading)
        return Given(rate, basis, _ED_TO_ED, remark=doubt, technique=rate_technique(_ED_TO_ED))
    stated = stated_rate(reading)
    if stated is not None:
        return stated
    seen = seen_beats(reading)
    if events is not None and len(seen.eds) == 2:
        by = (reading.authors["events"],) if "events" in reading.authors else ()
        basis = Basis(frames=seen.eds, marked_by=by, edited=events.origin is Origin.EDITED)
        return Given(60 / seen.lengths_s[0], basis, _ED_TO_NEXT_ED, technique=rate_technique(_ED_TO_NEXT_ED))
    return withheld(message("needs two marked beats, or a heart rate in the file"))


def stated_rate(reading: Reading) -> Given | None:
    """The heart rate that a reader entered for the study, else that of the header; None without one.

    Args:
        reading: of a recording of any kind.

    """
    rate, by = reading.facts.heart_rate_per_min, reading.facts.entered_by("heart_rate_per_min")
    origin = reading.facts.rate_origin
    basis = entered_basis(*([by] if by else []))
    return Given(rate, basis, origin, technique=rate_technique(origin)) if rate else None


def rate_technique(origin: Message, views: tuple[str, ...] = ()) -> Technique:
    """The technique of a heart rate.

    Args:
        origin: where it comes from, without numbers.
        views: labels of the views that it is the mean of, if any.

    """
    return Technique(Kind.RATE, views, conventions=(origin,), words=origin)


def body_surface(reading: Reading) -> Given | None:
    """Body surface area by height and weight in force; None where one is not known.

    Args:
        reading: of a recording of any kind.

    """
    size = body(reading)
    if size.bsa_m2 is None:
        return None
    formula = verbatim(size.formula.value)
    basis, method = entered_basis(*body_authors(reading)), body_words(reading)
    technique = Technique(Kind.BODY_SURFACE, conventions=(formula,), words=formula)
    return Given(size.bsa_m2, basis, method, short=formula, technique=technique)


def entered_basis(*by: str) -> Basis:
    """The basis of an entered value by its author's name; of a value that was not entered where there is no name.

    Args:
        by: names of those who entered it.

    """
    return Basis(marked_by=by, edited=bool(by))


def _rate_doubt(gaps_s: FloatArray, rate: float, reading: Reading) -> Message | None:
    """What contradicts a heart rate from ED to ED, in words."""
    if (abs(gaps_s / np.median(gaps_s) - 1) > IRREGULAR).any():
        return message(
            "beats {shortest_s:.2f} to {longest_s:.2f} s apart: irregular, or one was not found",
            shortest_s=float(gaps_s.min()),
            longest_s=float(gaps_s.max()),
        )
    stated = reading.facts.heart_rate_per_min
    return reading.facts.rate_words if stated and abs(rate / stated - 1) > CONTRADICTS else None


def _atrium(reading: Reading) -> Inputs:
    """LA volume at ES, when the atrium is largest (ASE/EACVI 2015)."""
    track, beats = reading.tracks.get(Structure.LA), counted_beats(reading)
    if reading.withheld is not None or not beats:
        return {}
    if track is None:
        here = reading.view is not None and reading.view.label in ATRIAL_VIEWS and Structure.LV_ENDO in reading.tracks
        return {Source.LA_ES: withheld(_ATRIUM_BY_HAND)} if here and reading.kind.oriented_by_plane else {}
    if reading.view_known and reading.view is not None and reading.view.label not in ATRIAL_VIEWS:
        view = verbatim(reading.view.label)
        return {Source.LA_ES: withheld(message("the left atrium is measured in A4C and A2C, not in {view}", view=view))}
    frames = tuple(beat.es for beat in beats)
    if any(track.contours[frame] is None for frame in frames):
        return {Source.LA_ES: withheld(message("no LA contour at ES"))}
    given_input = _Disks(track, reading).at("es")
    sure = min(track.confidence[list(frames)])
    if sure < LOOP_CONTOURS.withheld:
        reason = message(
            "low LA contour confidence at ES ({confidence:.2f}): review the contour", confidence=float(sure)
        )
        given_input = withheld(reason, given_input.method, given_input.basis, given_input.technique)
    elif atrium_missing(reading) and any(track.origins[frame] is not Origin.EDITED for frame in frames):
        # Where most frames have none, the one at ES is noise too, however sure the network is of it.
        given_input = withheld(NO_ATRIUM, given_input.method, given_input.basis, given_input.technique)
    return {Source.LA_ES: given_input} | _atrial_strain(reading, track)


_ATRIUM_BY_HAND = message("no network contours the left atrium on long axes of cine MRI: trace it at ES")
_RIGHT_BY_HAND = message(
    "no network contours the right ventricle on long axes of cine MRI: trace it at ED and ES, from one hinge point to "
    "the other"
)
# Of patients the way of the valve plane from one labelled frame to another is off by more than 10 mm in one of twenty,
# and the length of the endocardium by more than a quarter (`kinecor evaluate lax-cine`).
_VALVE_BY_HAND = message(
    "the network's hinge points on long axes are not exact enough for this: correct or confirm the contours of ED and "
    "ES"
)
_TAPSE_VIEW = "A4C"
_ANNULAR_VIEWS = ("A4C", "A2C")
_ALONG_AXIS = message("hinge points along the long axis, ED to ES")


def annulus_inputs(reading: Reading) -> Inputs:
    """MAPSE and TAPSE of a long axis of cine MRI: how far hinge points move along the ventricle's axis from ED to ES.

    MAPSE is the mean of both hinge points of the mitral valve in 4CH and 2CH (in 3CH one is at the aortic root), TAPSE
    the movement of the lateral one of the tricuspid valve in 4CH, where a person traced the right ventricle.

    Args:
        reading: of a loop of any kind; of others than long axes of cine MRI there are none.

    """
    endo, beats = reading.tracks.get(Structure.LV_ENDO), counted_beats(reading)
    view = reading.view.label if reading.view is not None and reading.view_known else ""
    ready = endo is not None and bool(beats) and reading.withheld is None
    if endo is None or not ready or not reading.kind.oriented_by_plane or view not in _ANNULAR_VIEWS:
        return {}
    given_inputs: Inputs = {Source.MAPSE: _excursion(reading, endo, beats, lateral_of=None)}
    if view == _TAPSE_VIEW:
        right = reading.tracks.get(Structure.RV)
        given_inputs[Source.TAPSE] = (
            withheld(_RIGHT_BY_HAND) if right is None else _excursion(reading, right, beats, lateral_of=endo)
        )
    return given_inputs


def _excursion(reading: Reading, track: ContourTrack, beats: Sequence[Beat], lateral_of: ContourTrack | None) -> Given:
    """Mean over beats and hinge points in mm; with `lateral_of`, of the hinge point that is farther from that track."""
    frames = tuple(frame for beat in beats for frame in (beat.ed, beat.es))
    if any(track.contours[frame] is None for frame in frames):
        by_hand = track.structure is Structure.RV
        return withheld(_RIGHT_BY_HAND if by_hand else message("no LV contour at ED or ES"))
    basis = _Disks(track, reading).basis(frames)
    if basis.confidence is not None and basis.confidence < LOOP_CONTOURS.withheld:
        return withheld(low_confidence(basis.confidence), _ALONG_AXIS, basis)
    if any(track.origins[frame] is Origin.MODEL for frame in frames):
        return withheld(_VALVE_BY_HAND, _ALONG_AXIS, basis)
    each = np.array([_moved_mm(reading, track, beat) for beat in beats])
    if lateral_of is not None:
        each = each[:, [_lateral_end(reading, track, lateral_of, beats[0].ed)]]
    return Given(
        value=float(each.mean()),
        basis=basis,
        method=joined_by(", ", (_ALONG_AXIS, beats_words(reading))),
        scaling=Scaling(missing=_no_millimetres(reading, track, frames)),
        technique=Technique(Kind.ANNULUS, (reading.view.label,) if reading.view else (), words=_ALONG_AXIS),
    )


def _moved_mm(reading: Reading, track: ContourTrack, beat: Beat) -> FloatArray:
    """(2,) by how much each hinge point moves towards the apex of ED from ED to ES, along the long axis of ED."""
    contours = [track.contours[frame] for frame in (beat.ed, beat.es)]
    at_ed, at_es = (contour.scaled_mm(*reading.spacing) for contour in contours if contour is not None)
    base = (at_ed[0] + at_ed[-1]) / 2
    apex = at_ed[np.argmax(((at_ed - base) ** 2).sum(axis=1))]
    along = (apex - base) / max(float(np.hypot(*(apex - base))), 1e-9)
    ends = at_es[[0, -1]]
    # Of two outlines drawn in opposite directions, the nearer ends are the same hinge point.
    straight, crossed = (float(np.hypot(*(way - at_ed[[0, -1]]).T).sum()) for way in (ends, ends[::-1]))
    same = ends if straight <= crossed else ends[::-1]
    return np.asarray((same - at_ed[[0, -1]]) @ along)


def _lateral_end(reading: Reading, track: ContourTrack, other: ContourTrack, frame: int) -> int:
    """Which end of a contour (0 or -1) is farther from the middle of another structure's hinge points."""
    own, mitral = track.contours[frame], other.contours[frame]
    if own is None or mitral is None:
        return -1
    ends = own.scaled_mm(*reading.spacing)[[0, -1]]
    middle = mitral.scaled_mm(*reading.spacing)[[0, -1]].mean(axis=0)
    return 0 if np.hypot(*(ends[0] - middle)) > np.hypot(*(ends[1] - middle)) else -1


NO_CONTRACTION = message("no atrial contraction is seen in the curve, or the loop ends before it")


def _atrial_strain(reading: Reading, track: ContourTrack) -> Inputs:
    """Reservoir, conduit and pump strain by the length of the atrial contour; nothing where the view is not known."""
    beats = atrial_strain(reading)
    names = (Source.RESERVOIR, Source.CONDUIT, Source.PUMP)
    if not beats or not reading.view_known:
        return {}
    frames = tuple(dict.fromkeys(frame for beat in beats for frame in beat.frames))
    basis = _Disks(track, reading).basis(frames)
    several = mean_of_beats(len(beats)) if len(beats) > 1 else NOTHING
    method = joined_by(", ", (_ATRIAL_LENGTH, several))
    technique = Technique(Kind.ATRIAL_STRAIN, words=_ATRIAL_LENGTH)
    if basis.confidence is not None and basis.confidence < LOOP_CONTOURS.withheld:
        reason = message(
            "low LA contour confidence ({confidence:.2f}): review the contours", confidence=basis.confidence
        )
        return {Source.RESERVOIR: withheld(reason, method, basis, technique)}
    given = zip(names, phases_percent(beats), strict=True)
    return {
        name: withheld(NO_CONTRACTION, method, basis, technique)
        if value is None
        else Given(value, basis, method, technique=technique)
        for name, value in given
    }


def right_inputs(reading: Reading) -> Inputs:
    """Areas of the right ventricle at ED and ES in A4C, where a reader drew it at both: no network does.

    Args:
        reading: of the loop, with its view.

    """
    track, beats = reading.tracks.get(Structure.RV), reading.events.beats if reading.events else ()
    if track is None or reading.withheld is not None or not beats:
        return {}
    sources = (Source.RV_AREA_ED, Source.RV_AREA_ES)
    if reading.view_known and reading.view is not None and reading.view.label != "A4C":
        view = verbatim(reading.view.label)
        return dict.fromkeys(sources, withheld(message("RV areas are measured in A4C, not in {view}", view=view)))
    given_inputs: Inputs = {}
    for source, mark in zip(sources, ("ed", "es"), strict=True):
        frames = tuple(getattr(beat, mark) for beat in beats if track.contours[getattr(beat, mark)] is not None)
        areas = [contour.area_px2 for frame in frames if (contour := track.contours[frame]) is not None]
        basis = _Disks(track, reading).basis(frames) if frames else Basis()
        given_inputs[source] = (
            Given(
                value=float(np.mean(areas)) * reading.spacing[0] * reading.spacing[1],
                basis=basis,
                method=_AREA,
                scaling=Scaling(missing=_no_millimetres(reading, track, frames), ratio=SQUARE_PIXELS),
                technique=Technique(Kind.AREA, words=_AREA),
            )
            if areas
            else withheld(message("the right ventricle is not traced at {mark}", mark=verbatim(mark.upper())))
        )
    return given_inputs


ASSUMED_TIMES = message("frame times are assumed: the file has no frame rate")
BEGUN_LATE = message("the loop begins in systole: the beat's ED was not recorded before it")
ENDED_EARLY = message("the loop ends too soon after ES")
LEVEL_WORDS = {BASAL: message("basal"), MID: message("mid-ventricular"), APICAL: message("apical")}
_ONE_SLICE = {
    BASAL: message("one basal slice"),
    MID: message("one mid-ventricular slice"),
    APICAL: message("one apical slice"),
}
_THICKNESS = message("thickness, mean of segments")
_STRUCTURES = (Structure.LV_ENDO, Structure.LV_EPI)


def strain_inputs(reading: Reading) -> Inputs:
    """GLS and what goes with it; GLS alone, with the reason, where it is withheld.

    Args:
        reading: of the loop; without the tracks that strain needs there are none.

    """
    if reading.withheld is not None or any(structure not in reading.tracks for structure in strain_structures(reading)):
        return {}  # nothing is measured, or the wall was not requested
    strain = wall_strain(reading)
    if strain is None:
        return {Source.GLS: withheld(why_no_strain(reading) or _NO_STRAIN)}
    if strain.why is not None:
        return {Source.GLS: withheld(strain.why, method_of(reading, strain), technique=layer_technique(reading))}
    if reading.kind.endocardial_strain and any(_by_network(reading, frame) for frame in _marked(strain)):
        return {Source.GLS: withheld(_STRAIN_BY_HAND, method_of(reading, strain), technique=layer_technique(reading))}
    whole, basis, method = strain.whole, _basis(reading, strain), method_of(reading, strain)
    post = withheld(ENDED_EARLY)
    if np.isfinite(whole.post_systolic_index):
        post = Given(whole.post_systolic_index, basis, _WHOLE_WALL, technique=_OF_WHOLE_WALL)
    technique = strain_technique(reading, strain)
    rows: Inputs = {
        Source.GLS: Given(whole.end_systolic, basis, method, technique=technique),
        Source.GLS_PEAK: Given(whole.peak_systolic, basis, method, technique=technique),
        Source.POST_SYSTOLIC: post,
        **_timed(reading, strain, basis),
    }
    if strain.regional:
        rows |= {Source[f"SEGMENT_{index + 1}"]: _segment(strain, basis, index) for index in range(len(strain.names))}
    return rows


_STRAIN_BY_HAND = message(
    "the network's contours of long axes are not exact enough for strain: correct or confirm those of ED and ES"
)


def _marked(strain: WallStrain) -> tuple[int, ...]:
    """Frames of ED and ES."""
    return tuple(frame for beat in strain.beats for frame in (beat.ed, beat.es))


def _by_network(reading: Reading, frame: int) -> bool:
    """Whether the endocardium of a frame is a network's, and no person corrected or confirmed it."""
    return reading.tracks[Structure.LV_ENDO].origins[frame] is Origin.MODEL


def layer_technique(reading: Reading) -> Technique:
    """The technique of strain of a layer of the wall.

    Args:
        reading: of a recording whose kind has strain.

    """
    depth = reading.strain.depth if reading.kind.strain == "short-axis" else strain_depth(reading)
    return Technique(Kind.STRAIN, depth=depth, words=layer_words(depth))


def strain_technique(reading: Reading, strain: WallStrain) -> Technique:
    """The technique of longitudinal strain of a loop: the layer, what followed the wall, and what end-systole is.

    Args:
        reading: of the loop.
        strain: of the same loop.

    """
    layer, how = layer_technique(reading), (strain.method, end_systole_definition(reading))
    return replace(layer, conventions=how, words=joined_by(", ", (layer.words, *how)))


def method_of(reading: Reading, strain: WallStrain) -> Message:
    """How strain was measured: layer, what it was tracked by, ES, drift, beats.

    Args:
        reading: of the loop.
        strain: of the same loop.

    """
    parts = [layer_words(strain_depth(reading)), strain.method, end_systole_of(reading), _drift(strain)]
    if reading.placed_points and strain.regional:
        parts.append(placed_words(len(reading.placed_points), reading.authors.get("placed_points")))
    if len(strain.beats) > 1:
        parts.append(mean_of_beats(len(strain.beats)))
    if strain.excluded:
        segments = joined_by(", ", [strain.names[segment].in_form(Form.AS_IS) for segment in strain.excluded])
        parts.append(message("without {segments}", segments=segments))
    return joined_by("; ", parts)


def placed_words(count: int, by: str | None) -> Message:
    """How many points of the wall a reader placed, and who.

    Args:
        count: of the points, from 1.
        by: their author, as in `Reading.authors`; None where it is not known.

    """
    return plural(
        "{count} point of the wall placed by {reader}",
        "{count} points of the wall placed by {reader}",
        count,
        reader=verbatim(short_author(by)) if by else message("the reader"),
    )


def end_systole_of(reading: Reading) -> Message:
    """How end-systole was found; strain at end-systole means little without it.

    Args:
        reading: of the recording, with its beats and closures.

    """
    beats, closed = reading.events.beats if reading.events else (), closure_by_beat(reading)
    if closed:
        by = reading.authors.get("valve_closures")
        marked = (
            message("ES at aortic valve closure, marked by {reader}", reader=verbatim(short_author(by)))
            if by
            else message("ES at aortic valve closure, marked")
        )
        if len(closed) == len(beats):
            return marked
        return message(
            "{end_systole} in {marked} of {beats} beats, else {otherwise}",
            end_systole=marked,
            marked=len(closed),
            beats=len(beats),
            otherwise=_unmarked(reading),
        )
    return _unmarked(reading)


_AT_CLOSURE = message("ES at aortic valve closure")
_AT_CLOSURE_IN_SOME = message("ES at aortic valve closure in some beats")


def end_systole_definition(reading: Reading) -> Message:
    """What end-systole is, without who marked it and in how many beats: the same of two recordings is comparable.

    Args:
        reading: of the recording, with its beats and closures.

    """
    closed = closure_by_beat(reading)
    if not closed or reading.events is None:
        return _unmarked(reading)
    return _AT_CLOSURE if len(closed) == len(reading.events.beats) else _AT_CLOSURE_IN_SOME


_AS_MARKED = message("ES as marked")
_BY_AI = message("ES suggested by AI")
_SMALLEST = message("ES at the smallest volume")
_NO_DRIFT = message("drift unknown (no next ED)")


def _unmarked(reading: Reading) -> Message:
    if reading.events is not None and reading.events.origin is Origin.EDITED:
        return _AS_MARKED
    return _BY_AI if "phase" in reading.authors.get("events", "") else _SMALLEST


def _drift(strain: WallStrain) -> Message:
    drift = strain.global_drift_percent
    if drift is None:
        return _NO_DRIFT
    if strain.compensated:
        return message("drift {drift:+.1f} % compensated", drift=drift)
    if strain.far_drifted:
        return message("drift {drift:+.1f} % too large to be compensated", drift=drift)
    return message("drift {drift:+.1f} % not compensated", drift=drift)


def _timed(reading: Reading, strain: WallStrain, basis: Basis) -> Inputs:
    """Times and rates; they need frame times from the file."""
    names = (Source.TIME_TO_PEAK, Source.DISPERSION, Source.SYSTOLIC_RATE, Source.EARLY_RATE)
    if reading.facts.times_origin == "assumed":
        return dict.fromkeys(names, withheld(ASSUMED_TIMES))
    rates, systolic, early = strain.global_rate_per_s, [], []
    for beat, last in zip(strain.beats, strain.last_frames, strict=True):
        if beat.ed < beat.es:
            systolic.append(float(rates[beat.ed : beat.es + 1].min()))
        if cut_short(beat, last, strain.time_s):
            continue
        # The early filling wave is in the first half of diastole, atrial contraction in the second.
        end = last if beat.ed < beat.es else beat.ed
        early.append(float(rates[beat.es : beat.es + max(2, (end - beat.es) // 2) + 1].max()))
    early_rate = withheld(ENDED_EARLY)
    if early:
        early_rate = Given(float(np.mean(early)), basis, _WHOLE_WALL, technique=_OF_WHOLE_WALL)
    if not systolic:
        return {**dict.fromkeys(names[:3], withheld(BEGUN_LATE)), Source.EARLY_RATE: early_rate}
    rows: Inputs = {
        Source.SYSTOLIC_RATE: Given(float(np.mean(systolic)), basis, _WHOLE_WALL, technique=_OF_WHOLE_WALL),
        Source.EARLY_RATE: early_rate,
    }
    if not early:
        return {**dict.fromkeys(names[:2], withheld(ENDED_EARLY)), **rows}
    time_ms = 1000 * strain.whole.time_to_peak_s
    rows[Source.TIME_TO_PEAK] = Given(time_ms, basis, _WHOLE_WALL, technique=_OF_WHOLE_WALL)
    peaks = [
        segment.time_to_peak_s
        for number, segment in enumerate(strain.segments)
        if segment is not None and number not in strain.excluded
    ]
    if len(peaks) > 1:
        spread = mechanical_dispersion_ms(np.array(peaks))
        method = message("SD of {segments} segments' times to peak", segments=len(peaks))
        rows[Source.DISPERSION] = Given(spread, basis, method, technique=Technique(Kind.STRAIN, words=method))
    return rows


def _segment(strain: WallStrain, basis: Basis, number: int) -> Given:
    name, summary, quality = strain.names[number], strain.segments[number], float(strain.quality[number])
    technique = Technique(Kind.STRAIN, words=name)
    if number in strain.excluded:
        return withheld(LEFT_OUT, name, technique=technique)
    if summary is None:
        return withheld(quality_too_low(quality), name, technique=technique)
    trust = basis.trust if basis.trust is not Trust.OK else TRACKING_QUALITY.trust(quality)
    return Given(summary.end_systolic, replace(basis, confidence=quality, trust=trust), name, technique=technique)


def _basis(reading: Reading, strain: WallStrain) -> Basis:
    frames = tuple(frame for beat in strain.beats for frame in (beat.ed, beat.es))
    structures = strain_structures(reading)
    contours = [
        sure for structure in structures if (sure := reading.tracks[structure].confidence_at(frames)) is not None
    ]
    counted = [q for number, q in enumerate(strain.quality) if number not in strain.excluded]
    marked = reading.events is not None and reading.events.origin is Origin.EDITED
    hands = ("strain", "placed_points", *(f"tracks/{structure}/edited" for structure in _STRUCTURES))
    closed = bool(closure_by_beat(reading))
    return Basis(
        frames=frames,
        structures=structures,
        drawn_by=_authors(reading, ("valve_closures",) if closed else ()),
        confidence=min([*contours, float(np.mean(counted))] if strain.regional else contours, default=None),
        edited=marked or closed or any(part in reading.authors for part in hands),
        trust=LOOP_CONTOURS.trust(min(contours, default=None)),
    )


def _authors(reading: Reading, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Who made what strain rests on: contours, marks, choices, motion."""
    keys = [
        f"tracks/{structure}{part}" for structure in _STRUCTURES for part in ("", "/at-es", "/edited", "/propagated")
    ] + [
        "events",
        "strain",
        "placed_points",
        *also,
    ]
    makers = [reading.authors[key] for key in keys if key in reading.authors]
    return (*makers, reading.motion.by) if reading.motion is not None and reading.motion.by else tuple(makers)


def short_axis_inputs(reading: Reading) -> Inputs:
    """GCS and GRS of a short-axis loop; GCS alone, with the reason, where they are withheld.

    Args:
        reading: of a short-axis loop.

    """
    reason, regions = why_no_short_axis_strain(reading), short_axis_regions(reading)
    if reason is not None or regions is None:
        return {Source.GCS: withheld(reason or _NO_STRAIN)}
    at = [number - 1 for number in regions.slices[0].parts.numbers if number - 1 not in regions.excluded]
    if not at:
        return {Source.GCS: withheld(message("every segment is excluded"))}
    good = [segment for segment in at if regions.why[segment] is None]
    if len(good) <= len(at) / 2:
        few = message("only {good} of {segments} segments were tracked well", good=len(good), segments=len(at))
        return {Source.GCS: withheld(few)}
    frames = [beat.es for beat in regions.beats]
    radial = float(regions.radial_percent[frames][:, good].mean())
    where = [_ONE_SLICE[level_of(reading)], end_systole_of(reading)]
    where += [mean_of_beats(len(regions.beats))] if len(regions.beats) > 1 else []
    tracked = join_texts(layer_words(reading.strain.depth), ", ", BY_MOTION)
    how = [tracked, *where]
    if reading.placed_points:
        how.append(placed_words(len(reading.placed_points), reading.authors.get("placed_points")))
    basis = _short_axis_basis(reading, regions)
    return {
        Source.GCS: Given(
            float(regions.global_percent[frames].mean()),
            basis,
            joined_by("; ", how),
            technique=replace(layer_technique(reading), conventions=(BY_MOTION,), words=tracked),
        ),
        Source.GRS: Given(
            radial,
            basis,
            joined_by("; ", (_THICKNESS, *where)),
            note=NOT_ROUTINE,
            technique=Technique(Kind.THICKNESS, words=_THICKNESS),
        ),
    }


def _short_axis_basis(reading: Reading, regions: ShortAxisRegions) -> Basis:
    frames = tuple(frame for beat in regions.beats for frame in (beat.ed, beat.es))
    contours = [
        sure for structure in _STRUCTURES if (sure := reading.tracks[structure].confidence_at(frames)) is not None
    ]
    drawn = any(
        reading.tracks[structure].origins[frame] is not Origin.MODEL for structure in _STRUCTURES for frame in frames
    )
    return Basis(
        frames=frames,
        structures=_STRUCTURES,
        drawn_by=_authors(reading),
        confidence=min(*contours, float(np.nanmean(regions.quality)), 1.0),
        edited=drawn or bool(reading.placed_points),
        trust=LOOP_CONTOURS.trust(min(contours, default=None)),
    )
