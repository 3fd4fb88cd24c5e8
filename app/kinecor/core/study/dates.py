"""Dates that contradict each other: of a study, and of the images in it."""

from collections.abc import Iterable
from datetime import date, datetime

from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.recording import Recording

_MAX_APART_DAYS = 1
"""A study that began before midnight ends on the next day."""
_FIRST_YEAR = 1901
"""Earlier dates are written where there is none."""


def date_remarks(recordings: Iterable[Recording]) -> tuple[Message, ...]:
    """One sentence for each study whose images were taken on another day than the study says.

    Args:
        recordings: of any number of studies; those without a date on either side are passed over.

    """
    found: dict[str, Message] = {}
    for one in recordings:
        source = one.source
        study, images = _day(source.patient.study_date), _day(source.content_date[:8])
        if study is None or images is None or abs((study - images).days) <= _MAX_APART_DAYS:
            continue
        found.setdefault(
            source.study_id,
            message(
                "The study is dated {study}, its images {images}: one of the dates is wrong, and so may be the "
                "patient's age.",
                study=verbatim(study.isoformat()),
                images=verbatim(images.isoformat()),
            ),
        )
    return tuple(found.values())


def _day(text: str) -> date | None:
    try:
        day = datetime.strptime(text.strip(), "%Y%m%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None
    return day if day.year >= _FIRST_YEAR else None
