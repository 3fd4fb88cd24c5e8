"""Saved studies that came back with their images, from an archive or a disc: taken over where nothing contradicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.foreign import Document
from kinecor.core.values.message import Message, message, verbatim
from kinecor.session.store import StoredEntry
from kinecor.session.transport import Arrival, persons, take, unpack


@dataclass(frozen=True, slots=True)
class Returned:
    """A saved study that came with the images.

    Attributes:
        study_id: which.
        arrival: what became of it; None where it could not be read or saved.
        entries: how many it has.
        words: a sentence for the reader where what arrived is not in use; else None.

    """

    study_id: str
    arrival: Arrival | None
    entries: int = 0
    words: Message | None = None


def take_returned(documents: Sequence[Document]) -> tuple[Returned, ...]:
    """Save the studies among documents, before any of them is read; of several of one study the longest counts.

    Args:
        documents: that were opened, with those of other kinds.

    """
    returned_studies: list[Returned] = []
    by_study: dict[str, list[tuple[StoredEntry, ...]]] = {}
    for document in documents:
        if not document.saved or not document.study_id:
            continue
        try:
            entries = unpack(document.saved)
        except KinecorError as error:
            returned_studies.append(Returned(document.study_id, None, words=_named(document, error.message)))
        else:
            by_study.setdefault(document.study_id, []).append(entries)
    for study_id, several in by_study.items():
        several.sort(key=len, reverse=True)
        outcomes = [_taken(study_id, entries) for entries in several]
        used = (outcome for outcome in outcomes if outcome.arrival not in (None, Arrival.OTHER))
        returned_studies.append(next(used, outcomes[0]))
    return tuple(returned_studies)


def _taken(study_id: str, entries: Sequence[StoredEntry]) -> Returned:
    try:
        arrival = take(study_id, entries)
    except KinecorError as error:
        return Returned(study_id, None, len(entries), error.message)
    return _contradicting(Returned(study_id, arrival, len(entries)), entries)


def _contradicting(returned_study: Returned, entries: Sequence[StoredEntry]) -> Returned:
    if returned_study.arrival is not Arrival.OTHER:
        return returned_study
    text = message(
        "The study came with another reading ({count} edits, by {names}) than the one that is saved here, which stays "
        "in use. To see the other one, open the study as another user or on another computer.",
        count=len(entries),
        names=verbatim(", ".join(persons(entries)) or "Kinecor"),
    )
    return Returned(returned_study.study_id, returned_study.arrival, returned_study.entries, text)


def _named(document: Document, reason: Message) -> Message:
    name = document.series.label or document.title
    return message("Series {series}: {reason}", series=verbatim(name), reason=reason)
