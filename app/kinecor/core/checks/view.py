"""Checks of what is known at opening (warnings of the file, no scale, no times), of the view, and between views.

Between the views of a study: foreshortening, a base that long axes put elsewhere, EF and heart rate.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.cycle import IRREGULAR
from kinecor.core.checks.findings import (
    EVERYTHING,
    STRAIN,
    VOLUMES,
    Finding,
    Remedy,
    Severity,
    codes_affected,
    threshold,
)
from kinecor.core.checks.foreshortening import lengths_apart
from kinecor.core.checks.scale import heart_size_of_planes
from kinecor.core.table.measures import EJECTION_FRACTION, SEGMENTAL
from kinecor.core.table.over_views import SourceOf
from kinecor.core.table.table import value_of
from kinecor.core.values.confidence import VIEW_CONTRADICTS
from kinecor.core.values.kind import APICAL_VIEWS, OTHER_VIEW, UNKNOWN_VIEW
from kinecor.core.values.message import Message, Value, in_context, message, verbatim
from kinecor.core.values.reading import HEADER, Reading, View, short_author
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.extent import base_doubts
from kinecor.core.volumes.loop_volumes import seen_beats

FILES_WARNING: Final = Check(
    "files.warning",
    in_context("files", "warning"),
)


@finds(FILES_WARNING)
def _file(reading: Reading) -> Iterator[Finding]:
    for index, warning in enumerate(dict.fromkeys(reading.facts.warnings)):
        yield FILES_WARNING.finding(Severity.INFO, warning, subject=str(index))


FILES_NOT_MEASURED: Final = Check(
    "files.not-measured",
    in_context("files", "not measured"),
)


@finds(FILES_NOT_MEASURED)
def _nothing_measured(reading: Reading) -> Iterator[Finding]:
    if reading.withheld:
        yield FILES_NOT_MEASURED.finding(
            Severity.INFO, message("Nothing is measured here: {reason}.", reason=reading.withheld)
        )


SCALE_MISSING: Final = Check(
    "scale.missing",
    in_context("scale", "missing"),
    resolve=message("calibrate the image"),
)


@finds(SCALE_MISSING)
def _no_scale(reading: Reading) -> Iterator[Finding]:
    if reading.calibration is None and reading.facts.calibration_origin:
        yield SCALE_MISSING.finding(Severity.INFO, reading.facts.calibration_origin)


TIME_ASSUMED: Final = Check(
    "time.assumed",
    in_context("time", "assumed"),
)


@finds(TIME_ASSUMED)
def _no_times(reading: Reading) -> Iterator[Finding]:
    # Two stills have no frame rate: that they give no strain and no rate is said at these values.
    if reading.facts.times_origin == "assumed" and not reading.facts.stills:
        yield TIME_ASSUMED.finding(
            Severity.INFO,
            message("The file has no frame times: the frame rate is assumed, so times and rates are not measured."),
        )


AT_OPENING: Final = (_file, _nothing_measured, _no_scale, _no_times)


_OF_THE_VIEW = EVERYTHING - {"HR"}


VIEW_JUDGED_BY_MODEL: Final = Check(
    "view.judged-by-model",
    in_context("view", "judged by model"),
)


@finds(VIEW_JUDGED_BY_MODEL)
def _withheld_by_model(reading: Reading) -> Iterator[Finding]:
    view = reading.view
    if view is None or reading.view_confirmed or reading.withheld is None:
        return
    way = message("if it is apical, name its view and analyse again")
    if reading.kind.closed:
        way = message(
            "if it is apical, name its view and analyse again; if it is a short axis, trace LV endocardium and "
            "epicardium (right click)"
        )
    yield VIEW_JUDGED_BY_MODEL.finding(
        Severity.INFO, message("The view was judged by a model: {way}.", way=way), resolve=way
    )


VIEW_NOT_MEASURED: Final = Check(
    "view.not-measured",
    in_context("view", "not measured"),
    measurements=_OF_THE_VIEW,
    resolve=message("choose the view"),
)


@finds(VIEW_NOT_MEASURED)
def _not_measured_here(reading: Reading) -> Iterator[Finding]:
    """Contours of a clip that was named another view since: what was measured on it does not hold there."""
    view = reading.view
    if reading.withheld is None and reading.kind is OTHER_VIEW and Structure.LV_ENDO in reading.tracks and view:
        yield VIEW_NOT_MEASURED.finding(
            Severity.STOP,
            message(
                "This is {view}: the ventricle is measured in apical four-, two- and three-chamber views.",
                view=verbatim(view.label),
            ),
        )


VIEW_UNKNOWN: Final = Check(
    "view.unknown",
    in_context("view", "unknown"),
    resolve=message("name the view"),
)


VIEW_NAMED_BY_MODEL: Final = Check(
    "view.named-by-model",
    in_context("view", "named by model"),
    resolve=message("choose the view"),
)


@finds(VIEW_UNKNOWN, VIEW_NAMED_BY_MODEL)
def _not_confirmed(reading: Reading) -> Iterator[Finding]:
    if Structure.LV_ENDO not in reading.tracks or reading.withheld is not None:
        return
    view = reading.view
    if _apical_by_model(reading):
        yield VIEW_UNKNOWN.finding(
            Severity.CHECK,
            message(
                "By the images this is an apical view, but it is not sure which: the atrium's volume and the names of "
                "segments depend on it, and volumes and EF hold in a good one only."
            ),
            measurements=SEGMENTAL | codes_affected("LAV") | VOLUMES,
            remedies=_NAME_IT,
        )
    elif not reading.view_known:
        yield VIEW_UNKNOWN.finding(
            Severity.CHECK,
            message("The view is not known: volumes and EF hold only if this is an apical view."),
            measurements=_OF_THE_VIEW,
            remedies=_NAME_IT,
        )
    elif view is not None and not reading.view_confirmed:
        yield VIEW_NAMED_BY_MODEL.finding(Severity.INFO, _named_words(view))


def _named_words(view: View) -> Message:
    values: dict[str, Value] = {"view": verbatim(view.label), "model": verbatim(short_author(view.by))}
    if view.confidence is None:
        return message("The view, {view}, was named by the model {model}: check it.", **values)
    return message(
        "The view, {view}, was named by the model {model} ({confidence:.2f}): check it.",
        confidence=view.confidence,
        **values,
    )


_NAME_IT: Final = tuple(Remedy("name-view", verbatim(view), {"view": view}) for view in ("A4C", "A2C", "A3C"))


def _apical_by_model(reading: Reading) -> bool:
    """Whether a model was sure of an apical view, and not of which: only then does it let contours be drawn."""
    view, endo = reading.view, reading.tracks.get(Structure.LV_ENDO)
    if view is None or view.label != UNKNOWN_VIEW or reading.view_confirmed or endo is None:
        return False
    return reading.kind.network == "apical" and Origin.MODEL in endo.origins


VIEW_CONTRADICTED: Final = Check(
    "view.contradicted",
    in_context("view", "contradicted"),
    resolve=message("choose the view"),
)


VIEW_NOT_RECOGNISED: Final = Check(
    "view.not-recognised",
    in_context("view", "not recognised"),
    resolve=message("choose the view"),
)


@finds(VIEW_CONTRADICTED, VIEW_NOT_RECOGNISED)
def _contradicted(reading: Reading) -> Iterator[Finding]:
    view, seen = reading.view, reading.view_seen
    if view is None or seen is None or not reading.view_confirmed or _same(view, seen):
        return
    doubt = _doubt(reading, view, seen)
    if doubt is not None:
        # That a model is not sure of any view contradicts nothing: poor windows and rare hearts look like that. Which
        # apical view it is matters for the names of segments and for the atrium, not for the disks of the ventricle.
        sure = seen.confidence is not None and seen.confidence >= VIEW_CONTRADICTS
        both_apical = view.label in APICAL_VIEWS and seen.label in APICAL_VIEWS
        check = VIEW_CONTRADICTED if sure or seen.label != UNKNOWN_VIEW else VIEW_NOT_RECOGNISED
        yield check.finding(
            Severity.CHECK if sure else Severity.INFO,
            doubt,
            measurements=_of_both(reading) if both_apical else _OF_THE_VIEW,
            remedies=(
                Remedy(
                    "name-view", message("It is {view}", view=reading.kind.view_name(view.label)), {"view": view.label}
                ),
            ),
        )


def _of_both(reading: Reading) -> frozenset[str]:
    """What depends on which of the apical views it is; long axes of cine MRI are combined with a stack's as well."""
    named = SEGMENTAL | {"LAV"}
    return named | codes_affected("EDV", "ESV", "LAV") | {"MAPSE", "TAPSE"} if reading.kind.oriented_by_plane else named


def _same(view: View, seen: View) -> bool:
    """Whether the two agree; levels of the short axis are one view to a model."""
    return view.label == UNKNOWN_VIEW or view.label.partition(" ")[0] == seen.label


def _doubt(reading: Reading, view: View, seen: View) -> Message | None:
    """What a model sees in place of the confirmed view, and what to do; None where that is not conclusive."""
    by_header, unknown, apical = view.by == HEADER, seen.label == UNKNOWN_VIEW, view.label in APICAL_VIEWS
    sure = seen.confidence is not None and seen.confidence >= VIEW_CONTRADICTS
    # Where an apical view is seen too, something else than the view holds it back.
    held_back = by_header and apical and reading.withheld is not None and seen.label not in APICAL_VIEWS
    # A person may know a view that no model is sure of; a header is only as good as what was set at the scanner. That
    # no view is recognised matters where the confirmed one is measured.
    if not (held_back or (apical and unknown and (by_header or sure)) or (sure and not unknown)):
        return None
    label = reading.kind.view_name(view.label)
    way = message("check the view")
    if held_back:
        way = message("if it is {view}, name the view by hand, or give --view {view}, and analyse again", view=label)
    return message(
        "{view} by {author}, but {impression}: {way}.",
        view=label,
        author=message("the file's header") if by_header else verbatim(view.by),
        impression=_impression(reading, seen, sure=sure),
        way=way,
    )


def _impression(reading: Reading, seen: View, *, sure: bool) -> Message:
    """What a model sees, as a clause."""
    if seen.label == UNKNOWN_VIEW:
        if not sure or seen.confidence is None:
            return message("the model does not recognise the view for sure")
        return message("the model recognises no view ({confidence:.2f})", confidence=seen.confidence)
    if seen.confidence is None:
        return message("it looks like {view}", view=reading.kind.view_name(seen.label))
    view = reading.kind.view_name(seen.label)
    return message("it looks like {view} ({confidence:.2f})", view=view, confidence=seen.confidence)


CHECKS: Final = (_withheld_by_model, _not_measured_here, _not_confirmed, _contradicted)


STUDY_BASE_OFF_THE_VALVE: Final = Check(
    "study.base-off-the-valve",
    in_context("study", "base off the valve"),
    measurements=VOLUMES,
    resolve=message("move the base to the slice below the valve"),
)


@finds(STUDY_BASE_OFF_THE_VALVE)
def _base_off_the_valve(reading: Reading, others: Sequence[Reading]) -> Iterator[Finding]:
    for doubt in base_doubts(reading, others):
        yield STUDY_BASE_OFF_THE_VALVE.finding(Severity.CHECK, doubt, subject=str(doubt.values["mark"]))


BETWEEN: Final = (lengths_apart, _base_off_the_valve)


def check_against_other_views(reading: Reading, others: Sequence[Reading]) -> Iterator[Finding]:
    """What other recordings of its study say of one recording; of a stress study those of the same stage.

    Args:
        reading: of the recording.
        others: Readings of the study's other recordings.

    """
    others = [single_reading for single_reading in others if single_reading.facts.stage == reading.facts.stage]
    for check in BETWEEN:
        yield from check(reading, others)


_LEAVE_OUT: Final = message("correct one of the views, or leave it out")
STUDY_EF_APART: Final = Check(
    "study.ef-apart",
    in_context("study", "EF apart"),
    limits=("study.ef-apart",),
    measurements=codes_affected("EDV", "ESV"),
    resolve=_LEAVE_OUT,
)
STUDY_HR_APART: Final = Check(
    "study.hr-apart",
    in_context("study", "HR apart"),
    limits=("study.hr-apart", "study.hr-far-apart"),
    measurements=codes_affected("HR"),
    resolve=_LEAVE_OUT,
)


def _apical_loops(readings: Sequence[Reading]) -> list[Reading]:
    return [
        reading
        for reading in readings
        if reading.kind.volumes == "disks" and reading.view is not None and reading.view_known
    ]


def _least_and_most(readings: Sequence[Reading], code: str) -> tuple[tuple[float, str], tuple[float, str]] | None:
    """The apical loops with the least and the most of a value, each with its view; None with fewer than two."""
    seen = [
        (value, reading.view.label)
        for reading in _apical_loops(readings)
        if reading.view and (value := value_of(reading, code)) is not None
    ]
    return (min(seen), max(seen)) if len(seen) > 1 else None


def _of_two(least: tuple[float, str], most: tuple[float, str]) -> dict[str, Value]:
    """The values of a sentence on two views that are apart."""
    return {"low": least[0], "view": verbatim(least[1]), "high": most[0], "other_view": verbatim(most[1])}


@finds(STUDY_EF_APART)
def _views_apart(readings: Sequence[Reading]) -> Iterator[Finding]:
    """EF of the views that biplane volumes are computed from."""
    apart = _least_and_most(readings, EJECTION_FRACTION)
    if apart is None:
        return
    least, most = apart
    severity = STUDY_EF_APART.severity(most[0] - least[0])
    if severity is not None:
        yield STUDY_EF_APART.finding(
            severity,
            message(
                "EF is {low:.0f} % in {view} and {high:.0f} % in {other_view}: check contours, ED and ES of both, "
                "and whether they show one state of the heart.",
                **_of_two(least, most),
            ),
        )


@finds(STUDY_HR_APART)
def _rates_apart(readings: Sequence[Reading]) -> Iterator[Finding]:
    """Heart rates of the views that biplane volumes are computed from, whose mean gives the output.

    Where the mean is that of neither view, rate and output are marked; a mean over an irregular rhythm may be.
    """
    apart = _least_and_most(readings, "HR")
    if apart is None:
        return
    least, most = apart
    severity = threshold("study.hr-far-apart").severity((most[0] - least[0]) / (most[0] + least[0]))
    severity = severity or threshold("study.hr-apart").severity(most[0] - least[0])
    if severity is Severity.CHECK and any(
        seen_beats(reading).irregular > IRREGULAR for reading in _apical_loops(readings)
    ):
        severity = Severity.INFO
    if severity is not None:
        yield STUDY_HR_APART.finding(
            severity,
            message(
                "Heart rate is {low:.0f} /min in {view} and {high:.0f} /min in {other_view}: check contours, ED "
                "and ES of both, and whether they show one state of the heart.",
                **_of_two(least, most),
            ),
        )


STUDY_TWO_PATIENTS: Final = Check(
    "study.two-patients",
    in_context("study", "two patients"),
    measurements=EVERYTHING,
    resolve=message("open the recordings of one patient"),
)


@finds(STUDY_TWO_PATIENTS)
def _two_patients(readings: Sequence[Reading]) -> Iterator[Finding]:
    """Recordings of one study whose headers name different patients; who they are is shown in the window only."""
    patients = {reading.facts.patient for reading in readings if reading.facts.patient}
    if len(patients) > 1:
        yield STUDY_TWO_PATIENTS.finding(
            Severity.STOP,
            message(
                "The recordings of this study name {patients} different patients: they must not be averaged.",
                patients=len(patients),
            ),
        )


def study_findings(readings: Sequence[Reading]) -> Iterator[Finding]:
    """What concerns a study as a whole; what its recordings say of one another: `check_against_other_views`.

    Args:
        readings: of the study's recordings.

    """
    yield from _two_patients(readings)
    yield from _views_apart(readings)
    yield from _rates_apart(readings)


STUDY_SAME_CLIP: Final = Check(
    "study.same-clip",
    in_context("study", "same clip"),
    measurements=VOLUMES | STRAIN | codes_affected("LAV"),
    resolve=message("choose the right view of one of the two, or leave it out"),
)
_ANOTHER_CLIP: Final = message("correct one of the views, or choose another clip of it")
STUDY_VOLUMES_APART: Final = Check(
    "study.volumes-apart",
    in_context("study", "volumes apart"),
    limits=("study.volumes-apart",),
    measurements=VOLUMES,
    resolve=_ANOTHER_CLIP,
)
STUDY_ATRIA_APART: Final = Check(
    "study.atria-apart",
    in_context("study", "atria apart"),
    limits=("study.atria-apart",),
    measurements=codes_affected("LAV"),
    resolve=_ANOTHER_CLIP,
)


@finds(STUDY_SAME_CLIP, STUDY_VOLUMES_APART, STUDY_ATRIA_APART)
def between_planes(sources: Sequence[SourceOf]) -> Iterator[Finding]:
    """The two planes of each biplane volume: an unusual heart, volumes that no cavity has in both, or one clip.

    Args:
        sources: of the study's results.

    """
    yield from heart_size_of_planes([source.reading for source in sources if source.result == "LV"])
    views = [(source.view, source.reading.facts.digest) for source in sources if source.result == "LV"]
    if len(views) == 2 and views[0][1] and views[0][1] == views[1][1]:
        yield STUDY_SAME_CLIP.finding(
            Severity.CHECK,
            message(
                "{view} and {other_view} have the same images: this is one clip under two names, and not biplane.",
                view=verbatim(views[0][0]),
                other_view=verbatim(views[1][0]),
            ),
        )
    for check, result, code in ((STUDY_VOLUMES_APART, "LV", "EDV"), (STUDY_ATRIA_APART, "LA", "LAV")):
        planes = [(source.view, value_of(source.reading, code)) for source in sources if source.result == result]
        values = [(value, view) for view, value in planes if value]
        if len(values) < 2:
            continue
        (least, low), (most, high) = min(values), max(values)
        severity = check.severity(1 - least / most)
        if severity is not None:
            sizes: dict[str, Value] = {
                "low_ml": least,
                "view": verbatim(low),
                "high_ml": most,
                "other_view": verbatim(high),
            }
            yield check.finding(
                severity,
                message(
                    "The left ventricle at ED is {low_ml:.0f} ml in {view} alone and {high_ml:.0f} ml in {other_view} "
                    "alone: check contours and scale of both, and whether one is foreshortened.",
                    **sizes,
                )
                if check is STUDY_VOLUMES_APART
                else message(
                    "The left atrium at ES is {low_ml:.0f} ml in {view} alone and {high_ml:.0f} ml in {other_view} "
                    "alone: check contours and scale of both, and whether one is foreshortened.",
                    **sizes,
                ),
            )


OF_A_STUDY: Final = (_two_patients, _views_apart, _rates_apart, between_planes)
