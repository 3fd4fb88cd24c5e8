import numpy as np
import pytest

from kinecor_phantoms.echo.parts import Leaflets, Papillaries, RightWall
from kinecor_phantoms.heart.anatomy import Tissue
from tests.hearts import anatomy, heart


@pytest.fixture(scope="module")
def beating():
    """At ED, in mid-ejection, and in rapid filling."""
    beat = heart("normal").rhythm.beats[0]
    return heart("normal").at([beat.start_s, (beat.aortic_open_s + beat.aortic_close_s) / 2, beat.mitral_open_s + 0.08])


def test_the_right_wall_is_on_the_right_ventricle_and_moves_in(beating):
    part = RightWall(beating, np.random.default_rng(0), 0.5)
    for frame in (0, 1):
        tissue = anatomy(beating, frame).tissue(part.at(frame))
        assert np.isin(tissue, [Tissue.RIGHT_WALL, Tissue.PERICARDIUM, Tissue.RIGHT_VENTRICLE]).mean() > 0.8
    out = [np.hypot(*part.at(frame)[:, :2].T).mean() for frame in (0, 1)]
    assert out[1] < out[0] - 3


def test_papillary_muscles_stay_in_the_cavity(beating):
    part = Papillaries(beating, np.random.default_rng(0), 2.0)
    assert len(part.strength) > 100
    for frame in (0, 1, 2):
        tissue = anatomy(beating, frame).tissue(part.at(frame))
        assert np.isin(tissue, [Tissue.PAPILLARY, Tissue.CAVITY, Tissue.MYOCARDIUM]).all()
        assert (tissue == Tissue.PAPILLARY).mean() > 0.6


@pytest.mark.parametrize("kind", [RightWall, Papillaries])
def test_what_is_far_from_the_plane_can_be_forgotten(beating, kind):
    part = kind(beating, np.random.default_rng(1), 1.0)
    places, strength = part.at(1), part.strength
    selected = np.arange(len(strength)) % 2 == 0
    part.keep(selected)
    assert part.at(1) == pytest.approx(places[selected])
    assert (part.strength == strength[selected]).all()


def test_leaflets_shut_in_systole_and_hang_into_the_ventricle_in_filling(beating):
    part = Leaflets(beating, np.random.default_rng(0))
    mitral = int(len(part.strength) / 1.4)
    depths = []
    for frame in (1, 2):
        here = anatomy(beating, frame)
        x, y, z = part.at(here, frame)[:mitral].T
        depths.append(here.rim_plane[0] + here.rim_plane[1] * x + here.rim_plane[2] * y - z)
    shut, open_ = depths
    assert np.percentile(open_, 95) > 1.6 * np.percentile(shut, 95) > 4
    assert np.percentile(open_, 99) < 40


def test_cusps_open_in_ejection(beating):
    part = Leaflets(beating, np.random.default_rng(0))
    mitral = int(len(part.strength) / 1.4) + 1
    far = []
    for frame in (0, 1):
        here = anatomy(beating, frame)
        origin, lean = here.aorta
        away = part.at(here, frame)[mitral:] - origin
        far.append(np.linalg.norm(away - np.outer(away @ lean, lean), axis=1).min())
    assert far[0] < 2
    assert far[1] > 0.8 * beating.heart.chambers.aorta_mm
