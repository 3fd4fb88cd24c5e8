import numpy as np
import pytest
import SimpleITK

from kinecor_lab.tasks.motion.baselines import blocks, demons, farneback, still
from kinecor_models.engines.engine import open_dis, return_error

SIDE = 96


def _speckle(side=SIDE, grain=2.5, seed=0):
    rng = np.random.default_rng(seed)
    fy, fx = np.meshgrid(*(np.fft.fftfreq(side),) * 2, indexing="ij")
    return np.fft.fft2(rng.normal(size=(side, side))) * np.exp(-(fx**2 + fy**2) * 2 * (np.pi * grain) ** 2), fx, fy


def _shifted(dx, dy):
    spectrum, fx, fy = _speckle()
    moved = np.fft.ifft2(spectrum * np.exp(-2j * np.pi * (fx * dx + fy * dy))).real
    return np.clip(128 + 40 * moved / moved.std(), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("method", [blocks, farneback, demons, open_dis])
def test_a_shift_is_found_both_ways(method):
    one, other = _shifted(0, 0), _shifted(1.3, -0.7)
    there, back = method()(one, other)
    inner = slice(12, -12)
    assert there.shape == back.shape == (SIDE // 2, SIDE // 2, 2)
    assert np.median(there[inner, inner], axis=(0, 1)) == pytest.approx([1.3, -0.7], abs=0.12)
    assert np.median(back[inner, inner], axis=(0, 1)) == pytest.approx([-1.3, 0.7], abs=0.12)
    assert np.median(return_error(there, back)[inner, inner]) < 0.2


def test_no_motion_is_no_motion():
    there, back = still()(_shifted(0, 0), _shifted(3, 0))
    assert not there.any()
    assert not back.any()


def test_demons_go_where_simpleitks_do():
    one, other = _shifted(0, 0), _shifted(1.0, 0.5)
    ours = demons()(one, other)[0]
    theirs = SimpleITK.FastSymmetricForcesDemonsRegistrationFilter()
    theirs.SetNumberOfIterations(60)
    theirs.SetStandardDeviations(1.5)
    fixed, moving = (SimpleITK.GetImageFromArray(some.astype(np.float32)) for some in (one, other))
    field = SimpleITK.GetArrayFromImage(theirs.Execute(fixed, moving))
    theirs_at_nodes = field.reshape(SIDE // 2, 2, SIDE // 2, 2, 2).mean(axis=(1, 3))
    inner = slice(10, -10)
    assert np.linalg.norm((ours - theirs_at_nodes)[inner, inner], axis=-1).mean() < 0.15
