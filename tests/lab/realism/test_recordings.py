import itertools
from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.realism.frame import CAVITY, RIGHT, WALL
from kinecor_lab.realism.recordings import real_clips, real_frames
from kinecor_lab.realism.sector import find_sector
from kinecor_lab.realism.table import looked, rows


def test_every_labelled_echo_frame_has_its_sector_and_its_cavity_in_it(shared_data: Path) -> None:
    for frame in real_frames(shared_data, "echo", 12, seed=2):
        sector = find_sector(frame.image)
        assert sector is not None, frame.name
        inside = sector.mask(frame.image.shape)
        cavity = frame.part(CAVITY)
        assert (cavity & inside).sum() >= 0.95 * cavity.sum() > 0, frame.name
        # Experts draw the wall on beyond the sector's edge; what is there is black and must not count.
        assert not (frame.inside(inside).part(WALL) & ~inside).any()


def test_both_short_axis_sets_put_the_wall_around_the_cavity(shared_data: Path) -> None:
    seen = {"patient": 0, "SC": 0}
    for frame in real_frames(shared_data, "mri", 3, seed=4):
        cavity, wall = frame.part(CAVITY), frame.part(WALL)
        if not (cavity.any() and wall.any()):
            continue
        seen["SC" if frame.name.startswith("SC") else "patient"] += 1
        middles = [np.argwhere(part).mean(axis=0) for part in (cavity, wall)]
        assert np.hypot(*(middles[0] - middles[1])) < 15, frame.name
        assert frame.image[cavity].mean() > frame.image[wall].mean(), frame.name
        assert not (frame.part(RIGHT) & cavity).any()
    assert min(seen.values()) > 0


def test_real_patients_look_like_other_real_patients(shared_data: Path) -> None:
    one, other = (looked(real_frames(shared_data, "echo", 8, seed=1, skip=skip), "echo") for skip in (0, 8))
    effects = [abs(row.effect) for row in rows(one, other, "echo") if np.isfinite(row.effect)]
    assert np.median(effects) < 0.5


def test_a_clip_has_a_frame_rate(shared_data: Path) -> None:
    clip = next(itertools.islice(real_clips(shared_data), 1))
    assert clip.clip is not None
    assert clip.clip.shape[0] == 64
    assert clip.interval_s == pytest.approx(0.05)
