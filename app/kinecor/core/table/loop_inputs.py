"""What a loop gives to the table: volumes by disks, heart rate, and the reasons where there are none."""

from dataclasses import dataclass

import numpy as np

from kinecor.core.table.evaluation import Basis, Given, Inputs, Scaling, withheld
from kinecor.core.table.measures import Source
from kinecor.core.table.strain_inputs import strain_inputs
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.loop_volumes import disks_volume

# Beats whose intervals differ by more than this share of their median are called irregular.
IRREGULAR = 0.3
# A heart rate of the header that differs by more than this share is reported with the measured one.
CONTRADICTS = 0.2
# A contour may leave the region that its scale is for by this much: a wall at the sector's edge.
REGION_MARGIN_PX = 2.0

NO_SCALE = "no scale: lengths and volumes need millimetres per pixel"
NOT_APICAL = "no left atrium was found, so this may not be an apical view: name the view if it is"
SQUARE_PIXELS = "a ratio: needs no scale, only square pixels"


def loop_inputs(reading: Reading) -> Inputs:
    """Inputs of an apical loop: single-plane disks (ASE/EACVI 2015), the mean over beats, and longitudinal strain."""
    endo = reading.tracks.get(Structure.LV_ENDO)
    rate, reason = heart_rate(reading), _no_volume(reading, endo)
    if reason is not None or endo is None:
        none = withheld(reason or "not contoured")
        if rate.basis.frames and reading.events is not None and reading.events.origin is Origin.MODEL:
            rate = withheld("its beats were found on contours that are not measured")
        found: Inputs = {Source.LV_ED: none, Source.LV_ES: none}
    else:
        volumes = _Disks(endo, reading)
        found = {Source.LV_ED: volumes.at("ed"), Source.LV_ES: volumes.at("es")}
    return found | {Source.HEART_RATE: rate} | _atrium(reading) | strain_inputs(reading)


@dataclass(frozen=True, slots=True)
class _Disks:
    """Volumes of one structure by single-plane disks."""

    track: ContourTrack
    reading: Reading

    def volume_mm3(self, frame: int) -> float:
        """Volume at a frame that has a contour; without a scale, in cubes of a pixel's width."""
        contour, scale = self.track.contours[frame], self.reading.calibration
        if contour is None:
            raise ValueError(f"{self.track.structure}: no contour at frame {frame}")
        return disks_volume(contour, *((scale.row_mm, scale.col_mm) if scale else (self.reading.aspect, 1.0)))

    def at(self, mark: str) -> Given:
        """The mean over beats at "ed" or "es"."""
        reading, scale = self.reading, self.reading.calibration
        beats = reading.events.beats if reading.events else ()
        frames = tuple(getattr(beat, mark) for beat in beats)
        view = f", {reading.kind.view_name(reading.view.label)}" if reading.view_known and reading.view else ""
        several = f", mean of {len(beats)} beats" if len(beats) > 1 else ""
        by_hand = scale is not None and "calibration" in reading.authors
        return Given(
            value=float(np.mean([self.volume_mm3(frame) for frame in frames])),
            basis=self.basis(frames),
            method=f"method of disks (single plane{view}){several}",
            scaling=Scaling(
                missing=_no_millimetres(reading, self.track, frames),
                note=f"scale: {scale.origin}" if scale is not None and by_hand else None,
                ratio=None if scale else SQUARE_PIXELS,
            ),
        )

    def basis(self, frames: tuple[int, ...]) -> Basis:
        """Authors, confidence and the hand of a person in the contours at these frames."""
        reading, authors = self.reading, self.reading.authors
        part = f"tracks/{self.track.structure}"
        origins = {self.track.origins[frame] for frame in frames}
        # A contour that a person's edit propagated to is the work of both.
        touched = bool(origins & {Origin.EDITED, Origin.TRACKED})
        keys = ([part] if origins != {Origin.EDITED} else []) + ([f"{part}/edited"] if touched else [])
        drawn = Origin.EDITED in origins or (Origin.TRACKED in origins and f"{part}/edited" in authors)
        marked = reading.events is not None and reading.events.origin is Origin.EDITED
        confidence = float(min(self.track.confidence[list(frames)]))
        return Basis(
            frames=frames,
            structures=(self.track.structure,),
            drawn_by=tuple(authors[key] for key in keys if key in authors),
            marked_by=tuple(authors[key] for key in ("events",) if key in authors),
            scaled_by=tuple(authors[key] for key in ("calibration",) if key in authors),
            confidence=confidence,
            edited=drawn or marked,
            trust=LOOP_CONTOURS.trust(confidence),
        )


def _no_volume(reading: Reading, endo: ContourTrack | None) -> str | None:
    """Reason the LV volume is withheld, or None."""
    if reading.withheld is not None:
        return reading.withheld
    if endo is None:
        return "the left ventricle is not contoured"
    if reading.events is None or not reading.events.beats:
        return "no ED and ES: no beat was found; mark them on the curve"
    for beat in reading.events.beats:
        for name, frame in (("ED", beat.ed), ("ES", beat.es)):
            contour = endo.contours[frame]
            if contour is None or contour.area_px2 == 0:
                return f"no LV contour at {name} (frame {frame + 1})"
    volume_mm3 = _Disks(endo, reading).volume_mm3
    if any(volume_mm3(beat.es) >= volume_mm3(beat.ed) for beat in reading.events.beats):
        return "the cavity at ES is not smaller than at ED: move the marks"
    # A model that names the view can err as the one that contours does: only a header or a person outweighs a
    # missing atrium.
    if not (reading.view_known and reading.view_confirmed) and atrium_missing(reading):
        return NOT_APICAL
    used = min(float(endo.confidence[frame]) for beat in reading.events.beats for frame in (beat.ed, beat.es))
    return low_confidence(used) if used < LOOP_CONTOURS.withheld else None


def low_confidence(confidence: float, of: str = "contour") -> str:
    """The reason a value is withheld under the lower floor of the confidence policy."""
    return f"low {of} confidence at ED/ES ({confidence:.2f}): review the contours"


def _no_millimetres(reading: Reading, track: ContourTrack, frames: tuple[int, ...]) -> str | None:
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
            return f"the contour at frame {frame + 1} leaves the part of the image that the scale is for"
    return None


def atrium_missing(reading: Reading) -> bool:
    """Whether an atrium was looked for and not found, or not with confidence, on most frames."""
    atrium = reading.tracks.get(Structure.LA)
    return atrium is not None and bool((atrium.confidence < LOOP_CONTOURS.withheld).sum() > len(atrium) / 2)


def heart_rate(reading: Reading) -> Given:
    """From ED to ED where two beats are marked, else as in the file's header."""
    events, header = reading.events, reading.facts.heart_rate_per_min
    if events is not None and len(events.beats) >= 2:
        if reading.facts.times_origin == "assumed":
            return withheld("frame times are assumed: the file has no frame rate")
        frames = tuple(beat.ed for beat in events.beats)
        gaps_s = np.diff(reading.facts.times_s[list(frames)])
        rate = 60 / float(gaps_s.mean())
        by = (reading.authors["events"],) if "events" in reading.authors else ()
        basis = Basis(frames=frames, marked_by=by, edited=events.origin is Origin.EDITED)
        return Given(rate, basis, "ED to ED", remark=_rate_doubt(gaps_s, rate, header))
    if header:
        return Given(header, method="file header")
    return withheld("needs two marked beats, or a heart rate in the file")


def _rate_doubt(gaps_s: FloatArray, rate: float, header: float | None) -> str | None:
    """What contradicts a heart rate from ED to ED, in words."""
    if (abs(gaps_s / np.median(gaps_s) - 1) > IRREGULAR).any():
        return f"beats {gaps_s.min():.2f} to {gaps_s.max():.2f} s apart: irregular, or one was not found"
    if header and abs(rate / header - 1) > CONTRADICTS:
        return f"the file's header says {header:.0f}"
    return None


def _atrium(reading: Reading) -> Inputs:
    """LA volume at ES, when the atrium is largest (ASE/EACVI 2015)."""
    track = reading.tracks.get(Structure.LA)
    beats = reading.events.beats if reading.events else ()
    if track is None or reading.withheld is not None or not beats:
        return {}
    frames = tuple(beat.es for beat in beats)
    if any(track.contours[frame] is None for frame in frames):
        return {Source.LA_ES: withheld("no LA contour at ES")}
    found = _Disks(track, reading).at("es")
    sure = min(track.confidence[list(frames)])
    if sure < LOOP_CONTOURS.withheld:
        reason = f"low LA contour confidence at ES ({sure:.2f}): review the contour"
        found = withheld(reason, found.method, found.basis)
    return {Source.LA_ES: found}
