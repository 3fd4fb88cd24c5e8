"""Every way to tamper runs, on small recordings and without networks."""

import numpy as np
import pytest

from kinecor.io.open.recordings import open_path
from kinecor.io.write.mr import MrSeries, MrSlice
from kinecor.io.write.ultrasound import UltrasoundLoop
from kinecor_lab.tasks.trust.echo_kinds import ECHO_KINDS
from kinecor_lab.tasks.trust.plan import EchoCase, StackCase
from kinecor_lab.tasks.trust.prepared import write
from kinecor_lab.tasks.trust.reading_kinds import READING_KINDS
from kinecor_lab.tasks.trust.simulated import EchoClip, EchoSetting, StackSeries, StackSetting
from kinecor_lab.tasks.trust.stack_kinds import STACK_KINDS


@pytest.fixture(scope="module")
def clip():
    """One beat of 30 frames of noise in a sector; ED at frames 1 and 28, ES at 11."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 200, (30, 64, 72)).astype(np.uint8)
    frames[:, :, :4] = 0
    loop = UltrasoundLoop(
        frames=frames,
        times_s=np.arange(30) * 0.03,
        spacing_mm=(2.0, 2.0),
        region=(4, 0, 72, 64),
        heart_rate_per_min=74.0,
        r_wave_s=(0.03, 0.84),
    )
    return EchoClip(loop, (1,), (11,), {"HR": 74.0})


@pytest.fixture(scope="module")
def stack():
    """Eight slices of six phases of noise, the ventricle in slices 1 to 6."""
    rng = np.random.default_rng(1)
    across, down = np.eye(3)[0], np.eye(3)[1]
    slices = tuple(
        MrSlice(
            frames=rng.integers(0, 900, (6, 32, 32)).astype(np.uint16),
            trigger_ms=np.arange(6) * 130.0,
            spacing_mm=(2.0, 2.0),
            thickness_mm=8.0,
            position_mm=np.array([0.0, 0.0, 10.0 * number]),
            across=across,
            down=down,
        )
        for number in range(8)
    )
    ends = {"apex ED": 1, "base ED": 6, "apex ES": 2, "base ES": 5}
    return StackSeries(MrSeries("cine SAX", slices, 75.0), 0, 2, {"HR": 75.0}, ends)


def _named(kinds):
    return [pytest.param(kind, id=kind.name) for kind in kinds]


@pytest.mark.parametrize("kind", _named(ECHO_KINDS))
def test_a_clip_is_tampered_with_and_opens(kind, clip, tmp_path):
    setting = EchoSetting("normal", 3)
    for strength, way in kind.ways.items():
        made = way.made(clip, np.random.default_rng(2)) if way.made else clip
        assert made is not clip or way.setting(setting) != setting or way.file is not None
        folder = tmp_path / strength.replace(" ", "-")
        folder.mkdir()
        write(EchoCase(kind.half, setting, kind.name, strength, way), made, folder)
        (opened,) = open_path(folder).recordings
        assert len(opened) == len(made.loop.frames)


@pytest.mark.parametrize("kind", _named(STACK_KINDS))
def test_a_stack_is_tampered_with_and_opens(kind, stack, tmp_path):
    setting = StackSetting("normal", 3)
    strength, way = list(kind.ways.items())[-1]
    made = way.made(stack, np.random.default_rng(2)) if way.made else stack
    assert made is not stack or way.setting(setting) != setting
    write(StackCase(kind.half, setting, kind.name, strength, way), made, tmp_path)
    opened = open_path(tmp_path).recordings
    assert len(opened[0].slices) == len(made.series.slices)


def test_each_kind_belongs_to_one_half_and_both_halves_have_many():
    for kinds, least in ((ECHO_KINDS, 12), (STACK_KINDS, 8), (READING_KINDS, 6)):
        assert len({one.name for one in kinds}) == len(kinds)
        assert min(sum(one.half == half for one in kinds) for half in ("choose", "report")) >= least
    assert len(ECHO_KINDS) + len(STACK_KINDS) + len(READING_KINDS) >= 25
