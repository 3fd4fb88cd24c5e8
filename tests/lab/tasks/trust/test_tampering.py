"""Every way to tamper runs, on small recordings and without networks."""

import numpy as np
import pytest

from kinecor.io.open.recordings import open_path
from kinecor_lab.tasks.trust.kinds.echo import ECHO_KINDS
from kinecor_lab.tasks.trust.kinds.reading import READING_KINDS
from kinecor_lab.tasks.trust.kinds.stack import STACK_KINDS
from kinecor_lab.tasks.trust.plan import EchoCase, StackCase
from kinecor_lab.tasks.trust.prepared import write
from kinecor_lab.tasks.trust.simulated import EchoSetting, StackSetting


def _named(kinds):
    return [pytest.param(kind, id=kind.name) for kind in kinds]


@pytest.mark.parametrize("kind", _named(ECHO_KINDS))
def test_a_clip_is_tampered_with_and_opens(kind, small_clip, tmp_path):
    setting = EchoSetting("normal", 3)
    for strength, way in kind.ways.items():
        made = way.made(small_clip, np.random.default_rng(2)) if way.made else small_clip
        assert made is not small_clip or way.setting(setting) != setting or way.file is not None
        folder = tmp_path / strength.replace(" ", "-")
        folder.mkdir()
        write(EchoCase(kind.half, setting, kind.name, strength, way), made, folder)
        (opened,) = open_path(folder).recordings
        assert len(opened) == len(made.loop.frames)


@pytest.mark.parametrize("kind", _named(STACK_KINDS))
def test_a_stack_is_tampered_with_and_opens(kind, small_stack, tmp_path):
    setting = StackSetting("normal", 3)
    strength, way = list(kind.ways.items())[-1]
    made = way.made(small_stack, np.random.default_rng(2)) if way.made else small_stack
    assert made is not small_stack or way.setting(setting) != setting or way.file is not None
    write(StackCase(kind.half, setting, kind.name, strength, way), made, tmp_path)
    opened = open_path(tmp_path).recordings
    assert len(opened[0].slices) == len(made.series.slices)


def test_each_kind_belongs_to_one_half_and_both_halves_have_many():
    for kinds, least in ((ECHO_KINDS, 12), (STACK_KINDS, 8), (READING_KINDS, 6)):
        assert len({one.name for one in kinds}) == len(kinds)
        assert min(sum(one.half == half for one in kinds) for half in ("choose", "report")) >= least
    assert len(ECHO_KINDS) + len(STACK_KINDS) + len(READING_KINDS) >= 25
