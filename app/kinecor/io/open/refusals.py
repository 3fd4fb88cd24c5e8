"""What could not be opened, for a reader: one sentence for each series and reason, never with a UID."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kinecor.core.values.message import Message, message, plural, verbatim
from kinecor.io.open.find import Refused

# A UID: people cannot tell files apart by it.
_UID: Final = re.compile(r"[\d.]{20,}(\.dcm)?")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Files of one series, or one file, that were refused for one reason.

    Attributes:
        series: what they are of, by description and number; of a file whose header says nothing its name, or where
            that is a UID, its folder.
        reason: why, and what to do.
        paths: of the files.
        unnamed: whether no header says what they are of.

    """

    series: Message
    reason: Message
    paths: tuple[str, ...]
    unnamed: bool = False

    @property
    def sentence(self) -> Message:
        """Series, how many files, and why."""
        return plural(
            "{series}: {reason}",
            "{series}, {count} files: {reason}",
            len(self.paths),
            series=self.series,
            reason=self.reason,
        )

    @property
    def place(self) -> str:
        """What was refused, for a command line: the path of a single file that no header names, else the series."""
        if len(self.paths) == 1:
            return self.paths[0] if self.unnamed else str(self.series)
        return f"{self.series}, {len(self.paths)} files"


def refusals(refused: Sequence[Refused]) -> tuple[Refusal, ...]:
    """What was refused by series and reason, in the order in which each came first.

    Args:
        refused: files, in order.

    """
    groups: dict[tuple[str, str], list[Refused]] = {}
    for refusal in refused:
        groups.setdefault((refusal.series.label or _unnamed(refusal.path), str(refusal.reason)), []).append(refusal)
    return tuple(
        Refusal(
            _named(members[0]),
            members[0].reason,
            tuple(refusal.path for refusal in members),
            not members[0].series.label,
        )
        for members in groups.values()
    )


def _unnamed(path: str) -> str:
    """What distinguishes files without a header: their path, or where they are called by a UID their folder."""
    return str(Path(path).parent) if _UID.fullmatch(Path(path).name) else path


def _named(refusal: Refused) -> Message:
    name = Path(refusal.path).name
    if refusal.series.label:
        return message("Series {series}", series=verbatim(refusal.series.label))
    if _UID.fullmatch(name):
        return message("A file in {folder}", folder=verbatim(Path(refusal.path).parent.name))
    return verbatim(name)
