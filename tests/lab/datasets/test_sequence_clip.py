from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.datasets.clip import read_clips, write_clips
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import DataSetError
from tests.lab.sequence_clips import beating


def test_clips_come_back_as_they_were(tmp_path):
    clips = [beating("p0/a"), replace(beating("p1/b", "A3C", frames=7), es=(), mm_per_px=float("nan"))]
    write_clips(tmp_path / "x.npz", clips)
    for one, other in zip(read_clips([tmp_path / "x.npz"]), clips, strict=True):
        assert (one.name, one.source, one.view, one.ed, one.es) == (
            other.name, other.source, other.view, other.ed, other.es,
        )  # fmt: skip
        assert np.array_equal(one.frames, other.frames)
        assert np.array_equal(one.labels, other.labels)
        assert np.array_equal(one.times_s, other.times_s)
        assert one.mm_per_px == pytest.approx(other.mm_per_px, nan_ok=True)
    assert clips[0].patient == "p0"


def test_a_frame_can_be_ed_and_es_at_once(tmp_path):
    still = replace(beating(frames=3), ed=(1,), es=(1,))
    write_clips(tmp_path / "x.npz", [still])
    assert read_clips([tmp_path / "x.npz"])[0].es == (1,)


def test_annotated_frames_are_those_published():
    clip = beating()
    assert clip.annotated() == list(range(13))
    assert clip.annotated("edes") == [0, 6, 12]
    assert clip.annotated("seven") == [0, 2, 4, 6, 8, 10, 12]


def test_a_frame_without_a_label_is_never_annotated():
    clip = beating()
    labels = clip.labels.copy()
    labels[6] = IGNORE
    assert replace(clip, labels=labels).annotated("edes") == [0, 12]


def test_what_does_not_fit_is_refused(tmp_path):
    clip = beating()
    with pytest.raises(ValueError, match="expected a view"):
        replace(clip, view="PLAX")
    with pytest.raises(ValueError, match="labels alike"):
        replace(clip, labels=clip.labels[:-1])
    with pytest.raises(ValueError, match="must lie in 13 frames"):
        replace(clip, es=(13,))
    with pytest.raises(DataSetError, match="found none"):
        read_clips([tmp_path / "none.npz"])
    (tmp_path / "bad.npz").write_bytes(b"no clips")
    with pytest.raises(DataSetError, match="make the file anew"):
        read_clips([tmp_path / "bad.npz"])
