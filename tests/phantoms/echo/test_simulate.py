import math

import numpy as np
import pytest
from numpy.typing import NDArray

from kinecor_phantoms.echo.simulate import simulate, stream
from kinecor_phantoms.scanner.look import LOOKS, Look
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.scene import Echoes, Scene
from kinecor_phantoms.scanner.screen import Screen
from kinecor_phantoms.scanner.shadow import Shadow
from tests.phantoms.echo.scenes import Shifting, Still, ring, tissue

PROBE = Probe(beams=96, samples=320)
SCREEN = Screen.fitted(PROBE, 200, 240)
PLAIN = Look(
    gain_db=0,
    dynamic_range_db=60,
    grey_map="linear",
    persistence=0,
    averaging=0,
    smoothing=0,
    noise_db=-math.inf,
    clutter_db=-math.inf,
    side_lobe_db=-math.inf,
    enhancement_db_per_cm=0,
    bright_shadow_db_per_mm=0,
    patches_db=0,
    flicker_db=0,
)
TISSUE = tissue(PROBE, 60_000)


def clip(scene: Scene, look: Look, frames: int = 1, seed: int = 0, **more: object) -> NDArray[np.uint8]:
    times = np.arange(frames) / 50
    rng = np.random.default_rng(seed)
    return simulate(scene, times, PROBE, look, SCREEN, rng, lambda time: time * 1.2 % 1, **more)  # type: ignore[arg-type]


def disc(x_mm: float, y_mm: float, radius_mm: float) -> NDArray[np.bool_]:
    y, x = np.mgrid[0 : SCREEN.rows, 0 : SCREEN.columns]
    mm = SCREEN.to_mm(np.stack((x.ravel(), y.ravel()), axis=1))
    inside: NDArray[np.bool_] = (np.hypot(mm[:, 0] - x_mm, mm[:, 1] - y_mm) < radius_mm).reshape(x.shape)
    return inside


@pytest.mark.parametrize("name", ["soft", "contrasty", "stitched"])
def test_a_clip_is_the_same_whatever_the_workers_and_however_it_is_taken(name: str) -> None:
    scene = Shifting(TISSUE, (0.1, 0.2, 0))
    whole = clip(scene, LOOKS[name], 5)
    assert whole.shape == (5, 200, 240)
    assert whole.dtype == np.uint8
    assert np.array_equal(whole, clip(scene, LOOKS[name], 5, workers=3))
    rng = np.random.default_rng(0)
    streamed = stream(scene, np.arange(5) / 50, PROBE, LOOKS[name], SCREEN, rng, lambda time: time * 1.2 % 1)
    assert np.array_equal(whole, np.stack(list(streamed)))
    assert not np.array_equal(whole, clip(scene, LOOKS[name], 5, seed=1))


def test_outside_the_sector_it_is_black() -> None:
    frame = clip(Still(TISSUE), LOOKS["soft"])[0]
    assert not frame[~SCREEN.mask()].any()
    assert (frame[SCREEN.mask()] > 0).mean() > 0.95


@pytest.mark.parametrize("name", LOOKS)
def test_blood_is_darker_than_tissue_and_rarely_black_in_haze(name: str) -> None:
    echoes, _ = ring(PROBE, 80_000)
    frame = clip(Still(echoes), LOOKS[name], 3)[-1].astype(float)
    blood, wall = frame[disc(0, 80, 15)], frame[disc(0, 80, 45) & ~disc(0, 80, 27) & SCREEN.mask()]
    assert blood.mean() < wall.mean() - 15
    if name == "hazy":
        assert blood.min() > 10


def test_speckle_moves_with_the_tissue() -> None:
    step_mm = 4 * SCREEN.mm_per_px
    first, second = clip(Shifting(TISSUE, (0, step_mm, 0)), PLAIN, 2).astype(float)
    window = np.zeros(first.shape, bool)
    window[110:150, 105:135] = True
    here, there = first[window] - first[window].mean(), np.roll(second, -4, axis=0)[window]
    stays = second[window]
    with_motion = np.corrcoef(here, there)[0, 1]
    assert with_motion > 0.75
    assert abs(np.corrcoef(here, stays)[0, 1]) < 0.4


def test_speckle_decorrelates_as_tissue_leaves_the_slice() -> None:
    mask = disc(0, 100, 25)
    frames = clip(Shifting(TISSUE, (0, 0, 1.0)), PLAIN, 6).astype(float)
    alike = [float(np.corrcoef(frames[0][mask], frame[mask])[0, 1]) for frame in frames]
    assert alike[1] > 0.65
    assert np.all(np.diff(alike) < 0)
    assert alike[5] < 0.3


def test_more_gain_is_brighter_and_a_wider_range_has_less_contrast() -> None:
    mask = disc(0, 90, 30)
    base, loud = (clip(Still(TISSUE), look)[0][mask].mean() for look in (PLAIN, _with(gain_db=6)))
    assert loud - base == pytest.approx(6 / 60 * 255, abs=3)
    wide = clip(Still(TISSUE), _with(dynamic_range_db=100))[0][mask]
    assert wide.std() < 0.75 * clip(Still(TISSUE), PLAIN)[0][mask].std()


def test_persistence_averages_noise_over_time() -> None:
    noisy = _with(noise_db=0)
    empty = Still(Echoes(TISSUE.points_mm, np.zeros_like(TISSUE.strength)))
    mask = disc(0, 120, 20)
    plain, lasting = (clip(empty, look, 8)[-1][mask] for look in (noisy, _with(noise_db=0, persistence=0.7)))
    assert lasting.std() < 0.7 * plain.std()


def test_flicker_changes_the_gain_from_frame_to_frame() -> None:
    mask = disc(0, 90, 30)
    steady, flickering = (clip(Still(TISSUE), look, 12)[:, mask].mean(axis=1) for look in (PLAIN, _with(flicker_db=1)))
    assert np.ptp(steady) < 0.1
    assert flickering.std() == pytest.approx(255 / 60, rel=0.6)


def test_a_shadow_darkens_its_wedge() -> None:
    shadow = Shadow(angle_deg=15, width_deg=16, onset_mm=20, loss_db=20, edge_deg=2)
    bright, dark = (clip(Still(TISSUE), look)[0].astype(float) for look in (PLAIN, _with(shadows=(shadow,))))
    at = 100 * math.sin(math.radians(15)), 100 * math.cos(math.radians(15))
    lost = bright - dark
    assert lost[disc(*at, 8)].mean() == pytest.approx(20 / 60 * 255, rel=0.1)
    assert abs(lost[disc(-at[0], at[1], 8)]).max() <= 1


def test_breathing_carries_a_shadow_through_the_clip() -> None:
    rib = Shadow(angle_deg=0, width_deg=10, onset_mm=10, loss_db=25, edge_deg=2, swing_deg=12, period_s=2)
    times = np.array([0.5, 1.5])  # at either end of a breath
    frames = simulate(Still(TISSUE), times, PROBE, _with(shadows=(rib,)), SCREEN, np.random.default_rng(0)).astype(
        float
    )
    x = 100 * math.sin(math.radians(12))
    right, left = disc(x, 98, 6), disc(-x, 98, 6)
    assert frames[0][right].mean() < frames[1][right].mean() - 40
    assert frames[1][left].mean() < frames[0][left].mean() - 40


def test_an_echo_that_reverberates_shows_again_deeper() -> None:
    at = Echoes(np.array([[0, 60, 0]], np.float32), np.full(1, 200, np.float32))
    look = _with(reverberation_db=-20, reverberation_mm=25, gain_db=-10)
    again = clip(Still(at), look)[0].astype(float) - clip(Still(at), _with(gain_db=-10))[0]
    y, x = np.unravel_index(again.argmax(), again.shape)
    assert SCREEN.to_mm(np.array([[x, y]]))[0] == pytest.approx([0, 85], abs=1.5)


def test_mirrored_is_the_mirror_image() -> None:
    mirrored = Screen.fitted(PROBE, 200, 240, mirrored=True)
    plain = clip(Still(TISSUE), PLAIN)[0]
    flipped = simulate(Still(TISSUE), np.zeros(1), PROBE, PLAIN, mirrored, np.random.default_rng(0))[0]
    assert np.abs(flipped[:, ::-1].astype(int) - plain).max() <= 1


def test_stitched_pieces_are_off_from_each_other() -> None:
    one, pieces = (clip(Still(TISSUE), look)[0] for look in (PLAIN, _with(stitched=3, seam_mm=2.0)))
    assert np.corrcoef(one[SCREEN.mask()], pieces[SCREEN.mask()])[0, 1] < 0.6


def test_what_cannot_be_simulated_is_refused() -> None:
    with pytest.raises(ValueError, match="a frame"):
        simulate(Still(TISSUE), np.zeros(0), PROBE, PLAIN, SCREEN, np.random.default_rng(0))
    with pytest.raises(ValueError, match="worker"):
        clip(Still(TISSUE), PLAIN, workers=0)
    with pytest.raises(ValueError, match="depth and opening"):
        simulate(Still(TISSUE), np.zeros(1), Probe(depth_mm=120), PLAIN, SCREEN, np.random.default_rng(0))


def _with(**changes: object) -> Look:
    values = {name: getattr(PLAIN, name) for name in PLAIN.__dataclass_fields__} | changes
    return Look(**values)  # type: ignore[arg-type]
