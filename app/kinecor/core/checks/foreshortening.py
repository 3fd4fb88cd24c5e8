"""Checks of views that miss the apex, by the evidence of `core.volumes.foreshortening`.

Sound views may show each sign alone: a dilated annulus, a thick apex, a cavity that is nearly emptied
(`kinecor evaluate lv-leaning`, `axes`).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.findings import STRAIN, VOLUMES, Finding, Severity, threshold
from kinecor.core.values.events import marked_frames
from kinecor.core.values.message import in_context, message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.foreshortening import foreshortening, lengths_of_views

_CONCERNED: Final = VOLUMES | STRAIN | {"LAV"}
_ANOTHER_CLIP: Final = message("choose a clip of this view that shows the apex, or correct the contours there")

CONTOURS_FORESHORTENED: Final = Check(
    "contours.foreshortened",
    in_context("contours", "foreshortened"),
    limits=("contours.foreshortened", "contours.apex-rises"),
    measurements=_CONCERNED,
    resolve=_ANOTHER_CLIP,
)


@finds(CONTOURS_FORESHORTENED)
def _shortens(reading: Reading) -> Iterator[Finding]:
    """The long axis shortens by much more than a ventricle does.

    Where a cavity is nearly emptied at ES (hypertrophy, small cavities), the endocardium's apex moves up within a wall
    that stays where it is: a plane that misses the apex is one whose epicardium moves, too.
    """
    evidence = foreshortening(reading)
    if evidence.shortening is None:
        return
    severity = threshold("contours.foreshortened").severity(evidence.shortening)
    rises = evidence.apex_rise is None or threshold("contours.apex-rises").severity(evidence.apex_rise) is not None
    if severity is not None and rises:
        yield CONTOURS_FORESHORTENED.finding(
            severity,
            message(
                "From ED to ES the long axis shortens by {percent:.0f} %; an apex in view hardly moves, so "
                "this view may be foreshortened.",
                percent=100 * evidence.shortening,
            ),
            marked_frames(reading.events),
        )


CONTOURS_SHORT_AND_WIDE: Final = Check(
    "contours.short-and-wide",
    in_context("contours", "short and wide"),
    limits=("contours.short-and-wide",),
    measurements=_CONCERNED,
    resolve=_ANOTHER_CLIP,
)


@finds(CONTOURS_SHORT_AND_WIDE, for_body=True)
def _short_and_wide(reading: Reading) -> Iterator[Finding]:
    """A ventricle that is short for the body, and for its width: a plane that misses the apex cuts it so."""
    shape = foreshortening(reading).shape
    severity = None if shape is None else CONTOURS_SHORT_AND_WIDE.severity(-shape.score)
    if shape is not None and severity is not None:
        yield CONTOURS_SHORT_AND_WIDE.finding(
            severity,
            message(
                "At ED the left ventricle is {length_cm:.1f} cm long and {width_cm:.1f} cm wide, short "
                "for its width and for a body of {size_m2:.2f} m²: this view may be foreshortened.",
                length_cm=shape.length_mm / 10,
                width_cm=shape.width_mm / 10,
                size_m2=shape.body_m2,
            ),
            marked_frames(reading.events, "ed"),
        )


CONTOURS_MISSES_APEX: Final = Check(
    "contours.misses-apex",
    in_context("contours", "misses apex"),
    limits=("contours.misses-apex",),
    measurements=_CONCERNED,
    resolve=_ANOTHER_CLIP,
)


@finds(CONTOURS_MISSES_APEX)
def _misses_the_apex(reading: Reading) -> Iterator[Finding]:
    """An annulus that is wide for a short ventricle, with a thick wall at the apex at ES."""
    leaning = foreshortening(reading).leaning
    severity = None if leaning is None else CONTOURS_MISSES_APEX.severity(leaning.score)
    if leaning is not None and severity is not None:
        yield CONTOURS_MISSES_APEX.finding(
            severity,
            message(
                "The mitral annulus is {annulus_percent:.0f} % as wide as the ventricle is long at ED, and at ES "
                "the wall at the apex is {wall_percent:.0f} % as thick as the cavity is long: this view may miss "
                "the apex.",
                annulus_percent=100 * leaning.annulus,
                wall_percent=100 * leaning.wall,
            ),
            marked_frames(reading.events),
        )


CHECKS: Final = (_shortens, _short_and_wide, _misses_the_apex)

STUDY_FORESHORTENED: Final = Check(
    "study.foreshortened",
    in_context("study", "foreshortened"),
    measurements=_CONCERNED,
    resolve=message("choose a clip of this view that shows the apex"),
)
STUDY_DRAWN_LONG: Final = Check(
    "study.drawn-long",
    in_context("study", "drawn long"),
    measurements=_CONCERNED,
    resolve=message("correct annulus and apex at ED, or acknowledge this where the other views miss the apex"),
)


@finds(STUDY_FORESHORTENED, STUDY_DRAWN_LONG)
def lengths_apart(reading: Reading, others: Sequence[Reading]) -> Iterator[Finding]:
    """A ventricle that is shorter than another apical loop shows it, or longer than all where a person drew ED.

    Args:
        reading: of the loop.
        others: of the other recordings of its study at the same stage.

    """
    lengths = lengths_of_views(reading, others)
    if lengths is None:
        return
    view, other = verbatim(lengths.view), verbatim(lengths.longest_view)
    if lengths.short:
        yield STUDY_FORESHORTENED.finding(
            Severity.CHECK,
            message(
                "This view may be foreshortened: at ED the ventricle is {here_mm:.0f} mm long in {view} and "
                "{longest_mm:.0f} mm in {other}, {share:.0f} % more; volumes and strain may be wrong.",
                here_mm=lengths.here_mm,
                view=view,
                longest_mm=lengths.longest_mm,
                other=other,
                share=100 * (lengths.longest_mm / lengths.here_mm - 1),
            ),
        )
    if lengths.long and _ed_by_hand(reading):
        yield STUDY_DRAWN_LONG.finding(
            Severity.CHECK,
            message(
                "As drawn, the ventricle is {here_mm:.0f} mm long in {view} at ED, and at most {longest_mm:.0f} mm in "
                "another view ({other}): annulus or apex may be drawn too far out.",
                here_mm=lengths.here_mm,
                view=view,
                longest_mm=lengths.longest_mm,
                other=other,
            ),
            marked_frames(reading.events, "ed"),
        )


def _ed_by_hand(reading: Reading) -> bool:
    """Whether a person drew contours, and those at ED are not the network's."""
    endo, events = reading.tracks.get(Structure.LV_ENDO), reading.events
    if endo is None or events is None:
        return False
    return Origin.EDITED in endo.origins and any(endo.origins[beat.ed] is not Origin.MODEL for beat in events.beats)
