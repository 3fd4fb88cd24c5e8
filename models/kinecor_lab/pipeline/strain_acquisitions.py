"""Which simulated recordings strain is measured on, and for which question each is there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

VIEWS = ("A4C", "A2C", "A3C")
POPULATIONS = ("normal", "infarct", "dilated", "hypertrophic")
LOOKS = ("soft", "grainy", "hazy", "clean", "contrasty", "smooth")
# Hearts that no training draws: its generators start from other seeds.
_FIRST_HEART = 700_000


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One recording to be made.

    Attributes:
        group: the question: "main", "retest", "frame rate", "noise", "dropout", "foreshortening 10", "three beats", ...
        population: of the heart.
        heart: its number.
        view: "A4C", "A2C" or "A3C".
        take: another is the same heart, another day: probe, hand, scatterers and noise differ.
        frames_per_s: of the recording.
        beats: shown, and a little after.
        foreshortening_deg: None as a hand happens to hold it.
        noise_db: electronic noise, None as the look has it.
        shadow_db: that a shadow over the right side of the picture takes, 0 for none.

    """

    group: str
    population: str
    heart: int
    view: str = "A4C"
    take: int = 0
    frames_per_s: float = 50.0
    beats: int = 1
    foreshortening_deg: float | None = None
    noise_db: float | None = None
    shadow_db: float = 0.0

    @property
    def seed(self) -> int:
        """Of the heart."""
        return _FIRST_HEART + self.heart

    @property
    def look(self) -> str:
        """Name of the machine's settings."""
        return LOOKS[(self.heart + VIEWS.index(self.view) + self.take) % len(LOOKS)]

    @property
    def name(self) -> str:
        """Of a file that keeps it."""
        group = self.group.replace(" ", "-")
        return f"{group}-{self.population}-{self.heart}-{self.view}-{self.take}"


def acquisitions(hearts: int) -> Iterator[Acquisition]:
    """Everything that is recorded: `hearts` in three views, and a half as many again for each question.

    Args:
        hearts: 2 or more.

    """
    few = max(2, hearts // 2)
    every = [Acquisition("main", POPULATIONS[i % len(POPULATIONS)], i) for i in range(hearts)]
    for one in every:
        yield from (replace(one, view=view) for view in VIEWS)
    for one in every[:few]:
        yield from (replace(one, group="retest", take=take) for take in (1, 2))
        yield replace(one, group="frame rate", frames_per_s=120.0)
        yield replace(one, group="three beats", beats=3)
        yield replace(one, group="noise", noise_db=-6.0)
        yield replace(one, group="dropout", shadow_db=20.0)
        yield from (replace(one, group=f"foreshortening {deg}", foreshortening_deg=float(deg)) for deg in (10, 20))
    for number in range(few):
        yield Acquisition("infarct", "infarct", 100 + number, VIEWS[number % len(VIEWS)])
