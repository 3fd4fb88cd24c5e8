"""Documents kept in the study's file: the report that was signed, and the values; written just before the signature.

Its payload is JSON as that of every entry: `name` and `type` (of the file), `sha256` (hexadecimal digits of its bytes)
and `content` (base64). The signature names it by its SHA-256.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.study import STUDY, Signature
from kinecor.session.store import Store, StoredEntry

DOCUMENT: Final = "document/1"
"""The tag of such an entry. It is not a step of the history."""
REPORT: Final = ("report.pdf", "application/pdf")
VALUES: Final = ("values.json", "application/json")
"""What the program proposed next to what was signed, see `signed_studies`."""


class _Document(msgspec.Struct):
    name: str
    type: str
    sha256: str
    content: bytes


def digest_of(content: bytes) -> str:
    """SHA-256 of a document, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def payload_of(content: bytes, kind: tuple[str, str] = REPORT) -> bytes:
    """The payload of an entry that keeps a document: the report (PDF), or VALUES."""
    return msgspec.json.encode(_Document(*kind, digest_of(content), content))


def content_of(entry: StoredEntry, name: str) -> bytes | None:
    """The bytes of the document of that name that an entry keeps; None where it keeps another one, or none.

    Raises:
        KinecorError: it cannot be read.

    """
    if entry.kind != DOCUMENT:
        return None
    document = _decoded(entry)
    if document.name != name:
        return None
    if digest_of(document.content) != document.sha256:
        raise KinecorError(message("Entry {entry} does not hold the document that it names.", entry=entry.number))
    return document.content


def _decoded(entry: StoredEntry) -> _Document:
    try:
        return msgspec.json.decode(entry.payload, type=_Document)
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise KinecorError(
            message(
                'A stored entry of the kind "{kind}" cannot be read: {error}.',
                kind=verbatim(DOCUMENT),
                error=error_message(error),
            )
        ) from error


def signed_document(entries: Iterable[StoredEntry], signature: Signature, place: str) -> bytes:
    """The report that was signed.

    Args:
        entries: of the study itself.
        signature: names a document.
        place: the file, for the message.

    Raises:
        KinecorError: it is not there, or differs from the one that was signed.

    """
    for entry in entries:
        if entry.kind != DOCUMENT:
            continue
        document = _decoded(entry)
        if document.sha256 == signature.document and digest_of(document.content) == signature.document:
            return document.content
    raise KinecorError(
        message(
            "{path} does not hold the report that {name} signed (SHA-256 {digest}): the file was changed by other "
            "means. Restore a backup of it.",
            path=verbatim(place),
            name=verbatim(signature.by),
            digest=verbatim(signature.document[:16]),
        )
    )


def saved_report(path: Path, signature: Signature) -> bytes:
    """The report that was signed, from the file of a study; nothing is written or locked.

    Raises:
        KinecorError: the file cannot be read, or does not hold it.

    """
    with Store.read(path) as store:
        return signed_document(store.rows(STUDY), signature, str(path))
