"""What is transferred, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.message import Message, join_texts, message, verbatim
from kinecor.io.dicom.header import read_dicom, text


class Outcome(Enum):
    """What became of one instance."""

    STORED = "stored"
    ALREADY = "already here"
    CONFLICT = "conflict"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """What is retrieved of a series.

    Attributes:
        study_uid, series_uid: which.
        instances: SOP Instance UIDs; empty for the whole series.
        classes: SOP classes of what is retrieved, as far as known.

    """

    study_uid: str
    series_uid: str
    instances: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToSend:
    """A file to send, with its class, instance and transfer syntax UID."""

    path: Path
    sop_class: str
    uid: str
    syntax: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a file that was to be sent.

    Attributes:
        file: which.
        outcome: STORED or FAILED.
        words: why, or a warning; empty where there is nothing to say.
        committed: whether the archive confirmed that it keeps it; None where it was not asked, or does not say.

    """

    file: ToSend
    outcome: Outcome
    words: Message
    committed: bool | None = None


@dataclass
class Retrieved:
    """What became of a retrieval.

    Attributes:
        folder: of the study.
        stored, already: instances that arrived, and that were here before.
        expected: instances that were asked for; None where the archive does not say.
        conflicts: SOP Instance UIDs that were here with other content; what was here stays.
        missing: SOP Instance UIDs that did not arrive.
        failed: instances that arrived but could not be stored.

    """

    folder: Path
    stored: int = 0
    already: int = 0
    expected: int | None = None
    conflicts: list[str] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    failed: int = 0

    @property
    def complete(self) -> bool:
        """Whether everything is here, without contradiction."""
        return not (self.missing or self.conflicts or self.failed)

    def sentences(self, node: str) -> tuple[Message, ...]:
        """What the reader has to know; nothing where it is complete.

        Args:
            node: name of the archive.

        """
        texts, name = [], verbatim(node)
        if self.missing:
            texts.append(
                message(
                    "{missing} of {total} images did not arrive from {name}: retrieve the study again; what is here is "
                    "not fetched twice",
                    missing=len(self.missing),
                    total=verbatim(str(self.expected or "?")),
                    name=name,
                )
            )
        if self.conflicts:
            texts.append(
                message(
                    "{count} images of {name} differ from those here although they have the same SOP Instance UID; "
                    "those "
                    "here were left as they are: compare them, and remove the folder to get the others",
                    count=len(self.conflicts),
                    name=name,
                )
            )
        if self.failed:
            texts.append(
                message("{count} images of {name} are damaged or could not be stored", count=self.failed, name=name)
            )
        return tuple(texts)


def files_to_send(paths: Sequence[Path]) -> tuple[list[ToSend], list[Message]]:
    """The DICOM files under paths, folders searched recursively, and a sentence for each that cannot be sent.

    Args:
        paths: of files and folders.

    """
    files, refused = [], []
    for path in paths:
        if not path.exists():
            refused.append(
                message(
                    "{path}: expected a file or folder, nothing exists here; check the path", path=verbatim(str(path))
                )
            )
        several = path.is_dir()
        for file in sorted(path.rglob("*")) if several else [path]:
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if hidden or not file.is_file() or (several and file.name == "DICOMDIR"):
                continue
            try:
                header = read_dicom(file)
                single_file = ToSend(
                    file, text(header.header, "SOPClassUID"), text(header.header, "SOPInstanceUID"), header.syntax
                )
                if header.path != file:
                    single_file = ToSend(file, single_file.sop_class, single_file.uid, "1.2.840.10008.1.2.1.99")
                if not (single_file.sop_class and single_file.uid):
                    raise KinecorError(message("Expected a DICOM object with class and instance UID, they are missing"))
                files.append(single_file)
            except (KinecorError, OSError) as error:
                if not several or file.suffix.lower() in (".dcm", ".dicom", ".ima"):
                    refused.append(join_texts(str(file), ": ", error_message(error)))
    return files, refused
