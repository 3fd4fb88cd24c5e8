"""The mark in a folder whose files are still arriving, so that what is there is not taken for the whole study."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kinecor.core.values.errors import UNREADABLE
from kinecor.core.values.message import Message, message, verbatim
from kinecor.io.files.atomic import write_text

MARK: Final = ".kinecor-incomplete.json"


@dataclass(frozen=True, slots=True)
class Incomplete:
    """What is expected in a folder.

    Attributes:
        expected: SOP Instance UIDs of all that were asked for; None where the sender does not say.
        source: where they come from.

    """

    expected: frozenset[str] | None
    source: str

    @property
    def words(self) -> Message:
        """One sentence for the reader."""
        source = verbatim(self.source)
        if self.expected is None:
            return message(
                "Expected a whole study, this one is still arriving or was interrupted; retrieve it again from "
                "{source} "
                "for the rest",
                source=source,
            )
        return message(
            "Expected a whole study of {count} images, this one is still arriving or was interrupted; retrieve it "
            "again "
            "from {source} for the rest",
            count=len(self.expected),
            source=source,
        )


def mark_incomplete(folder: Path, mark: Incomplete) -> None:
    """Mark a folder, or replace its mark.

    Args:
        folder: that is there.
        mark: what it will hold, and where that comes from.

    Raises:
        KinecorError: the mark cannot be written.

    """
    content = {"expected": None if mark.expected is None else sorted(mark.expected), "source": mark.source}
    write_text(folder / MARK, json.dumps(content, ensure_ascii=False))


def clear_mark(folder: Path) -> None:
    """Remove the mark.

    Args:
        folder: with or without a mark.

    """
    with suppress(FileNotFoundError):
        (folder / MARK).unlink()


def incomplete(folder: Path) -> Incomplete | None:
    """The mark of a folder; None without one. A mark that cannot be read is one, without numbers.

    Args:
        folder: with or without a mark.

    """
    try:
        stored = json.loads((folder / MARK).read_text(encoding="utf-8"))
        expected = stored["expected"]
        return Incomplete(None if expected is None else frozenset(map(str, expected)), str(stored["source"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UNREADABLE:
        return Incomplete(None, message("its archive"))
