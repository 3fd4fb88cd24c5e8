"""Simulated apical clips whose global strain is known, sound and seen badly: what its interval is fitted on.

No set of patients has a true global strain: experts' contours of stills do not say where the wall went. So the error of
GLS is that of simulated hearts, in whose clips the true motion of the wall is known; of each heart the sound clip and
one through a worse window, since the scale of the error is to follow what is seen of the tracking.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.table.expected_error import signals_of_strain
from kinecor.core.table.table import value_of
from kinecor_lab.tasks.trust.kinds.echo import ECHO_KINDS
from kinecor_lab.tasks.trust.plan import EchoCase, echo_hearts
from kinecor_lab.tasks.trust.prepared import Maker, cases_in, load, prepare
from kinecor_lab.tasks.trust.tampering import Half

_SEEN_BADLY: Final = (
    ("noise", "SD 25"),
    ("low gain", "-10 dB"),
    ("drop-out", "20 dB"),
    ("poor window", "drawn"),
    ("noise", "SD 50"),
    ("shadow over a wall", "25 dB"),
    ("smoothed", "2 px"),
)
"""Kinds and strengths of the battery that change how well the wall is seen, and neither times nor sizes."""


def strain_cases(half: Half, hearts: int) -> Iterator[EchoCase]:
    """Of each heart the sound clip and one that is seen badly, by turns.

    Args:
        half: of seeds: "choose" is fitted on, "report" judges.
        hearts: how many.

    """
    ways = {kind.name: kind.ways for kind in ECHO_KINDS}
    for turn, heart in enumerate(islice(echo_hearts(half), hearts)):
        sound = heart[0]
        yield sound
        name, strength = _SEEN_BADLY[turn % len(_SEEN_BADLY)]
        way = ways[name][strength]
        yield EchoCase(half, way.setting(sound.setting), name, strength, way)


def prepare_strain_cases(cache: Path, hearts: int, say: Callable[[str], None]) -> None:
    """Simulate and analyse what is not in the cache, of both halves."""
    for half in ("choose", "report"):
        maker = Maker()
        for case in strain_cases(half, hearts):
            prepare(case, cache, maker, say)


@dataclass(frozen=True, slots=True)
class StrainError:
    """Global strain of one clip and its truth.

    Attributes:
        half: "choose" or "report".
        name, kind: of the recording, and how it is seen badly ("sound": it is not).
        measured, true: in percent.
        seen: see `signals_of_strain`.

    """

    half: str
    name: str
    kind: str
    measured: float
    true: float
    seen: dict[str, float]


def strain_errors(cache: Path) -> list[StrainError]:
    """Of the prepared clips whose global strain is computed."""
    out = []
    for half in ("choose", "report"):
        for case in load(cases_in(cache, half, "echo")):
            measured = None if case.reading is None else value_of(case.reading, "GLS")
            if case.reading is None or measured is None or wall_strain(case.reading) is None:
                continue
            seen = signals_of_strain(case.reading)
            if seen is not None:
                out.append(StrainError(half, case.name, case.kind, measured, case.truth["GLS"], seen))
    return out
