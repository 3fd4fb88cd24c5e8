"""Inputs that are a query of an archive, as archive:NODE?date=2026-01-01:2026-01-31&modality=US, retrieved first."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from kinecor.core.values.errors import KinecorError, no_tick
from kinecor.core.values.message import message, verbatim

SCHEME: Final = "archive:"
_FIELDS: Final = ("name", "id", "date", "modality", "study")


@dataclass(frozen=True)
class Query:
    """What is asked of an archive.

    Attributes:
        node: name of a saved archive, AETITLE@HOST:PORT, or URL of a DICOMweb service.
        name, id: of the patient; * and ? are wildcards in the name.
        date: of the study, or first and last with ":" between, as YYYY-MM-DD.
        modality: that the study contains.
        studies: Study Instance UIDs; then nothing is searched.

    """

    node: str
    name: str = ""
    id: str = ""
    date: str = ""
    modality: str = ""
    studies: tuple[str, ...] = ()


def is_query(path: str) -> bool:
    """Whether an input is a query rather than a path."""
    return path.startswith(SCHEME) and not Path(path).exists()


def query_of(text: str) -> Query:
    """The query in an input.

    Raises:
        KinecorError: it names no archive, nothing to look for, or a field that there is not.

    """
    node, _, asked = text.removeprefix(SCHEME).rpartition("?")
    pairs = parse_qsl(asked, keep_blank_values=True)
    unknown = sorted({name for name, _ in pairs if name not in _FIELDS})
    found = {name: value for name, value in pairs if name != "study" and value}
    studies = tuple(value for name, value in pairs if name == "study" and value)
    if unknown:
        raise KinecorError(
            message(
                "{query}: expected {fields}, got {unknown}",
                query=verbatim(text),
                fields=verbatim(", ".join(_FIELDS)),
                unknown=verbatim(", ".join(unknown)),
            )
        )
    if not node or not (found or studies):
        raise KinecorError(
            message(
                "{query}: expected {scheme}NODE?FIELD=VALUE&..., with a field of {fields}",
                query=verbatim(text),
                scheme=verbatim(SCHEME),
                fields=verbatim(", ".join(_FIELDS)),
            )
        )
    return Query(node, **found, studies=studies)


def retrieve_queries(
    paths: Sequence[str], place: Path | None, say: Callable[[str], object] = lambda text: print(text, file=sys.stderr)
) -> tuple[list[str], int]:
    """Inputs with each query replaced by the folders of its studies, which are retrieved where they are not here yet.

    Args:
        paths: as given.
        place: folder for the studies; None for the one of `kinecor archive get`.
        say: gets a sentence for each study that did not arrive as a whole.

    Returns:
        The inputs, and how many studies could not be retrieved, or not whole.

    Raises:
        KinecorError: a query cannot be read, its archive cannot be searched, or the extra is not installed.

    """
    found: list[str] = []
    failed = 0
    for path in paths:
        if not is_query(path):
            found.append(path)
            continue
        folders, lost = _of_query(query_of(path), place, say)
        found += map(str, folders)
        failed += lost
    return found, failed


def _of_query(query: Query, place: Path | None, say: Callable[[str], object]) -> tuple[list[Path], int]:
    from kinecor.io.archive import nodes
    from kinecor.io.archive.archive import archive_of, find_studies, retrieve
    from kinecor.io.archive.arrivals import Arrivals
    from kinecor.io.archive.nodes import Passwords
    from kinecor.io.archive.query import Search

    known = nodes.load()
    node = known.named(query.node)
    opened = archive_of(node, Passwords().of(node) if node.user else "", known.receiver)
    uids = query.studies
    if not uids:
        first, between, last = query.date.partition(":")
        search = Search(query.name, query.id, first, last if between else first, query.modality)
        uids = tuple(listed_study.uid for listed_study in find_studies(opened, search))
    if not uids:
        raise KinecorError(
            message("No study of {name} fits this search: check it with kinecor archive find", name=verbatim(node.name))
        )
    arrivals = Arrivals(place or known.place, known.receiver.free_bytes)
    folders, failed = [], 0
    for number, uid in enumerate(uids, start=1):
        where = f"study {number} of {len(uids)} of {node.name}"
        try:
            retrieved = retrieve(opened, uid, arrivals, tick=no_tick)
        except KinecorError as error:
            failed += 1
            say(f"kinecor: {where}: {error}")
            continue
        for sentence in retrieved.sentences(node.name):
            say(f"kinecor: {where}: {sentence}")
        failed += not retrieved.complete
        if retrieved.stored or retrieved.already:
            folders.append(retrieved.folder)
    return folders, failed
