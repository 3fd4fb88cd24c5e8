"""Which recordings the battery consists of, in an order whose every beginning is balanced over kinds and populations.

Each simulated heart gives a sound recording and some tampered ones. Even seeds belong to the half on which thresholds
are chosen, odd ones to the half that is reported; each kind of tampering belongs to one half.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from kinecor_lab.tasks.trust.kinds.echo import ECHO_KINDS
from kinecor_lab.tasks.trust.kinds.export import EchoWay
from kinecor_lab.tasks.trust.kinds.stack import STACK_KINDS, StackKind, StackWay
from kinecor_lab.tasks.trust.simulated import EchoSetting, StackSetting
from kinecor_lab.tasks.trust.tampering import Half
from kinecor_phantoms.heart.population import POPULATIONS
from kinecor_phantoms.scanner.look import LOOKS

Modality = Literal["echo", "stack"]
SOUND = "sound"
"""The kind of a recording that is not tampered with."""

FIRST_SEED = {"echo": 910_000, "stack": 930_000}
"""Of the half on which thresholds are chosen; the other half's are one more. No training has seen them."""
_USUAL = ("normal", "dilated", "normal", "hypertrophic", "infarct", "normal", "small", "dyssynchronous", "athletic")
_DISEASES = (
    "amyloid",
    "aneurysm",
    "bundle-branch-block",
    "regurgitation",
    "tachycardia",
    "child",
    "hypertrophic",
    "dilated",
)
_VIEWS = ("A4C", "A2C", "A4C", "A3C", "A4C", "A2C", "A3C")
_RATES_PER_S = (36.0, 50.0, 32.0, 45.0)
_TAMPERED, _TAMPERED_DISEASE = 3, 1
_REARRANGED = 4


@dataclass(frozen=True)
class EchoCase:
    """A clip of the battery; `way` is None of a sound one."""

    half: Half
    setting: EchoSetting
    kind: str = SOUND
    strength: str = ""
    way: EchoWay | None = None

    @property
    def name(self) -> str:
        """Of its folder in the cache."""
        return _name(self.setting.seed, self.kind, self.strength)


@dataclass(frozen=True)
class StackCase:
    """A stack of the battery; `way` is None of a sound one."""

    half: Half
    setting: StackSetting
    kind: str = SOUND
    strength: str = ""
    way: StackWay | None = None

    @property
    def name(self) -> str:
        """Of its folder in the cache."""
        return _name(self.setting.seed, self.kind, self.strength)


Case = EchoCase | StackCase


def _name(seed: int, kind: str, strength: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", f"{seed} {kind} {strength}".lower()).strip("-")


def echo_hearts(half: Half) -> Iterator[list[EchoCase]]:
    """The clips of one heart after the other, for ever: the sound one first."""
    kinds, turn = [echo_kind for echo_kind in ECHO_KINDS if echo_kind.half == half], 0
    for number in count():
        setting = _echo_setting(half, number)
        if setting is None:
            continue
        cases = [EchoCase(half, setting)]
        for _ in range(_TAMPERED_DISEASE if number % 2 else _TAMPERED):
            kind = kinds[turn % len(kinds)]
            strength, way = list(kind.ways.items())[turn // len(kinds) % len(kind.ways)]
            cases.append(EchoCase(half, way.setting(setting), kind.name, strength, way))
            turn += 1
        yield cases


def _echo_setting(half: Half, number: int) -> EchoSetting | None:
    """Usual hearts and diseases by turns; None where the simulators do not have the disease."""
    population, rhythm = _population(number)
    if population not in POPULATIONS:
        return None
    view = _VIEWS[number // 2 % len(_VIEWS)]
    return EchoSetting(
        population=population,
        seed=FIRST_SEED["echo"] + 2 * number + (half == "report"),
        view=view,
        named=view if number % 5 in (0, 3) else "",
        rhythm=rhythm,
        beats=(1 if number % 8 else 2) if rhythm == "sinus" else 3,
        frames_per_s=70.0 if population == "tachycardia" else _RATES_PER_S[number // 2 % len(_RATES_PER_S)],
        graphics=number // 2 % 2 == 0,
        look=list(LOOKS)[number * 5 // 2 % len(LOOKS)],
        rated=number % 7 != 3,
    )


def stack_hearts(half: Half) -> Iterator[list[StackCase]]:
    """The stacks of one heart after the other, for ever: the sound one first."""
    kinds = [stack_kind for stack_kind in STACK_KINDS if stack_kind.half == half]
    rearranged, redrawn = ([kind for kind in kinds if kind.redrawn == other] for other in (False, True))
    turn = drawn = 0
    for number in count():
        population, rhythm = _population(number)
        if population not in POPULATIONS:
            continue
        setting = StackSetting(population, FIRST_SEED["stack"] + 2 * number + (half == "report"), rhythm)
        cases = [StackCase(half, setting)]
        # Where only the order of images or a header changes, no network is needed: more of these.
        for _ in range(_REARRANGED):
            cases.append(_tampered(half, setting, rearranged[turn % len(rearranged)], turn // len(rearranged)))
            turn += 1
        if number % 8 == 4:
            cases.append(_tampered(half, setting, redrawn[drawn % len(redrawn)], drawn // len(redrawn)))
            drawn += 1
        yield cases


def _tampered(half: Half, setting: StackSetting, kind: StackKind, turn: int) -> StackCase:
    strength, way = list(kind.ways.items())[turn % len(kind.ways)]
    return StackCase(half, way.setting(setting), kind.name, strength, way)


def _population(number: int) -> tuple[str, str]:
    """Population and rhythm of a heart."""
    turn = number // 2
    if number % 2:
        return _DISEASES[turn % len(_DISEASES)], "sinus"
    rhythm = {4: "fibrillation", 9: "ectopic"}.get(turn % 12, "sinus")
    return _USUAL[turn % len(_USUAL)], rhythm


def sound_of(case: Case) -> Case:
    """The sound recording of the same heart; its setting is another where the way changes how it is simulated."""
    if type(case.setting) not in (EchoSetting, StackSetting):  # a real recording's is never another
        return replace(case, kind=SOUND, strength="", way=None)
    if isinstance(case, EchoCase):
        plain = _echo_setting(case.half, (case.setting.seed - FIRST_SEED["echo"]) // 2)
        return replace(case, setting=plain or case.setting, kind=SOUND, strength="", way=None)
    return replace(case, setting=replace(case.setting, ghosting=0.0), kind=SOUND, strength="", way=None)
