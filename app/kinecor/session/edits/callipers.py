"""Edits of callipers: what a reader measured on a frame, and times between two frames."""

from dataclasses import dataclass

from kinecor.core.table.linear_inputs import SOURCES
from kinecor.core.table.measures import BY_CODE, DOPPLER_CODES, LINEAR_CODES, read_from
from kinecor.core.values.callipers import Calliper, Shape
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.session.codec import Edit, invalidate_accepted, register_tag, without_author


def _codes_of(calliper: Calliper) -> frozenset[str]:
    """Measurements that may be computed from a calliper: none from a time or a line."""
    if calliper.shape in ("time", "line"):
        return frozenset()
    source = SOURCES.get(calliper.name)
    return LINEAR_CODES | DOPPLER_CODES | {code for code in BY_CODE if source in read_from(code)}


@register_tag("calliper/1")
@dataclass(frozen=True, slots=True)
class SetCalliper(Edit):
    """A calliper, new or in place of the one of the same name; fields as in Calliper.

    Raises:
        ValueError: as Calliper.

    """

    name: str
    frame: int
    points: tuple[tuple[float, float], ...]
    shape: Shape = "distance"

    def __post_init__(self) -> None:
        Calliper(self.name, self.frame, self.points, self.shape)

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("{calliper}, frame {frame}", calliper=verbatim(self.name), frame=self.frame + 1)

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this calliper.

        Raises:
            ValueError: the recording has no such frame.

        """
        calliper = Calliper(self.name, self.frame, self.points, self.shape)
        callipers = {**reading.callipers, self.name: calliper}
        return invalidate_accepted(reading, f"callipers/{self.name}", by, _codes_of(calliper), callipers=callipers)


@register_tag("time-calliper/1")
@dataclass(frozen=True, slots=True)
class SetTime(Edit):
    """A time between two frames, new or in place of the calliper of the same name; fields as in Calliper.

    Raises:
        ValueError: as Calliper.

    """

    name: str
    frame: int
    until: int
    points: tuple[tuple[float, float], tuple[float, float]]

    def __post_init__(self) -> None:
        self._calliper()

    def _calliper(self) -> Calliper:
        return Calliper(self.name, self.frame, self.points, "time", self.until)

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message(
            "{calliper}, frames {first} to {last}",
            calliper=verbatim(self.name),
            first=self.frame + 1,
            last=self.until + 1,
        )

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this time.

        Raises:
            ValueError: the recording has no such frame.

        """
        calliper = self._calliper()
        callipers = {**reading.callipers, self.name: calliper}
        return invalidate_accepted(reading, f"callipers/{self.name}", by, _codes_of(calliper), callipers=callipers)


@register_tag("remove-calliper/1")
@dataclass(frozen=True, slots=True)
class RemoveCalliper(Edit):
    """Removes the calliper of that name."""

    name: str

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("{item} removed", item=verbatim(self.name))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading without it.

        Raises:
            ValueError: there is none of that name.

        """
        if self.name not in reading.callipers:
            raise ValueError(
                message(
                    "{recording} has no calliper '{calliper}'",
                    recording=verbatim(reading.facts.recording_id),
                    calliper=verbatim(self.name),
                )
            )
        codes = _codes_of(reading.callipers[self.name])
        callipers = {name: calliper for name, calliper in reading.callipers.items() if name != self.name}
        after = invalidate_accepted(reading, f"callipers/{self.name}", by, codes, callipers=callipers)
        return without_author(after, f"callipers/{self.name}")
