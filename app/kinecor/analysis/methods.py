"""The ways in which a recording can be analysed: the program's own, and those of the papers it was built on.

A method says which network contours, what finds ED and ES, and what follows motion; everything else is as always. Its
result is an analysis like any other: one step that can be undone, with the name of the model that it is by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.kind import APICAL_LOOP, SHORT_AXIS_STACK, Kind
from kinecor.core.values.message import Message, joined_by, message, verbatim

MotionChoice = Literal["search", "stack"]
"""Dense inverse search, or the stack of networks of Østvik 2018."""
EventChoice = Literal["contours", "images"]
"""ED and ES where the volume of the contours is largest and smallest, or as regressed from the images (Kong 2016)."""


@dataclass(frozen=True, slots=True)
class Method:
    """How a recording is analysed.

    Attributes:
        name: on the command line and in results.
        title: for people.
        good_for: one sentence, with what it is not good for.
        card: name of the model whose card says what was measured; "" for the default of the recording's kind.
        kinds: of recordings that it is for; None for all.
        network: that contours; None for the default of the kind.
        motion: what follows motion; None for the default of the kind.
        events: what ED and ES rest on; None for contours, and for images where nothing is contoured.

    """

    name: str
    title: Message
    good_for: Message
    card: str = ""
    kinds: tuple[Kind, ...] | None = None
    network: str | None = None
    motion: MotionChoice | None = None
    events: EventChoice | None = None

    def with_choices(self, motion: MotionChoice | None, events: EventChoice | None) -> "Method":
        """The same with another motion, or with ED and ES from elsewhere; None changes nothing."""
        return replace(self, motion=motion or self.motion, events=events or self.events)

    def fits(self, kind: Kind) -> bool:
        """Whether it is for recordings of a kind."""
        return self.kinds is None or kind in self.kinds


DEFAULT = Method(
    "default",
    message("Default"),
    message("Contours nearer to those of experts on patients than by the networks of the papers."),
)
METHODS: Final[tuple[Method, ...]] = (
    DEFAULT,
    Method(
        "smistad-convlstm",
        message("Smistad ConvLSTM"),
        message(
            "Contours that flicker least from frame to frame, since the network remembers the frames before; EF comes "
            "out too small."
        ),
        "lv-convlstm",
        (APICAL_LOOP,),
        network="lv-convlstm",
    ),
    Method(
        "li-ral",
        message("Li RAL"),
        message("Contours and the view by one network, to compare; contours are coarse, and EF comes out too small."),
        "lv-ral",
        (APICAL_LOOP,),
        network="lv-ral",
    ),
    Method(
        "zhang-circular",
        message("Zhang circular"),
        message("The wall of a whole cycle seen at once, to compare; it has no right ventricle."),
        "sax-circular",
        (SHORT_AXIS_STACK,),
        network="sax-circular",
    ),
    Method(
        "kong-events",
        message("Kong events"),
        message(
            "ED and ES from the images alone, so that they do not depend on the contours: for clips whose contours are "
            "poor at these frames."
        ),
        "phases",
        (APICAL_LOOP, SHORT_AXIS_STACK),
        events="images",
    ),
    Method(
        "oestvik-motion",
        message("Østvik motion"),
        message(
            "Strain along the motion that networks see, to compare: on echo its error is larger than that of the "
            "search that is the default."
        ),
        "motion",
        (APICAL_LOOP,),
        motion="stack",
    ),
)
"""All methods, the default first."""
_BY_NAME: Final[Mapping[str, Method]] = {method.name: method for method in METHODS}


def method_named(name: str) -> Method:
    """The method of a name.

    Raises:
        KinecorError: there is none.

    """
    if name not in _BY_NAME:
        raise KinecorError(
            message(
                "method: expected one of {choices}, got {given}",
                choices=joined_by(", ", tuple(_BY_NAME)),
                given=verbatim(name),
            )
        )
    return _BY_NAME[name]
