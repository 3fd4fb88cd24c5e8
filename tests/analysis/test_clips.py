import json

import cv2
import numpy as np
import pytest

import kinecor
from kinecor.analysis.clips import ClipOptions, clips_of
from kinecor.cli import main
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.recording import ArrayFrames, CineSequence, Region, Source
from kinecor.io.export.clips import write_clip


@pytest.fixture(scope="module")
def phantom():
    return kinecor.phantom("a4c", seed=5, frames=20, size=(160, 200))


def test_a_clip_is_square_masked_and_leads_back_to_the_pixels(phantom):
    (clip,) = kinecor.tensors(phantom.study, size=96)
    assert clip.pixels.shape == (20, 96, 96)
    assert clip.sector.shape == (96, 96)
    assert not clip.pixels[:, ~clip.sector].any() or clip.pixels[:, ~clip.sector].mean() < 1
    truth = phantom.contour("lv_endo", 3)
    moved = clip.points_from_recording(truth)
    assert (moved > 0).all()
    assert (moved < 96).all()
    assert np.allclose(clip.points_to_recording(moved), truth)
    x, y = np.rint(moved).astype(int).T
    inside = np.zeros((96, 96), np.uint8)
    cv2.fillPoly(inside, [np.rint(moved).astype(np.int32)], (1,))
    # The true cavity is dark in the clip, and the wall around it bright.
    ring = cv2.dilate(inside, np.ones((9, 9), np.uint8)) - inside
    assert clip.pixels[3][inside > 0].mean() < clip.pixels[3][ring > 0].mean()
    assert clip.sector[np.clip(y, 0, 95), np.clip(x, 0, 95)].all()


def test_a_landmark_is_where_the_map_says():
    pixels = np.zeros((3, 120, 90), np.uint8)
    pixels[:, 70:72, 30:32] = 255
    cine = CineSequence(ArrayFrames(pixels), np.arange(3) / 10, "x", None, Source("", "r", "s", "MR"))
    (clip,) = clips_of(cine, ClipOptions(size=240))
    y, x = np.argwhere(clip.pixels[0] == clip.pixels[0].max()).mean(axis=0)
    assert clip.points_to_recording([[x, y]])[0] == pytest.approx((30.5, 70.5), abs=0.3)


def test_the_rate_is_the_one_asked_for(phantom):
    (own,) = kinecor.tensors(phantom.study, size=64)
    (slower,) = kinecor.tensors(phantom.study, size=64, fps=25)
    (faster,) = kinecor.tensors(phantom.study, size=64, fps=100)
    assert own.frames_per_s == pytest.approx(50, rel=0.01)
    assert slower.frames_per_s == pytest.approx(25)
    assert list(slower.source_frames[:4]) == [0, 2, 4, 6]
    assert len(faster) == 2 * len(own) - 1
    assert np.array_equal(slower.pixels[1], own.pixels[2])
    (few,) = kinecor.tensors(phantom.study, size=64, frames=4)
    assert len(few) == 4


def test_what_a_network_takes(phantom):
    (clip,) = kinecor.tensors(phantom.study, size=64, colour="rgb")
    found = clip.normalised((10, 20, 30), (2, 4, 8), frames=16, stride=2)
    assert found.shape == (3, 16, 64, 64)
    assert found.dtype == np.float32
    assert found[1, 3, 20, 30] == pytest.approx((float(clip.pixels[6, 20, 30, 1]) - 20) / 4)
    assert not found[:, 10:].any()  # 20 frames, 2 apart, are 10


def echo_with_name():
    """A sector that moves on black, with a name written beside and in it."""
    made = kinecor.phantom("a4c", seed=5, frames=10, size=(200, 240))
    pixels = made.frames.copy()
    for frame in pixels:
        cv2.putText(frame, "SMITH", (2, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.55, 255, 1)
    return made, pixels


def test_text_beside_the_sector_is_gone():
    made, pixels = echo_with_name()
    core = made.recording._core
    cine = CineSequence(
        ArrayFrames(pixels), core.times_s, "x", core.calibration, Source("/home/smith/a.dcm", "1.2.3", "s", "US")
    )
    (kept,) = clips_of(cine, ClipOptions(size=200, deidentify=False, mask_sector=False, fit="centre"))
    (clean,) = clips_of(cine, ClipOptions(size=200, fit="centre"))
    rows, columns = slice(0, 22), slice(0, 30)
    assert kept.pixels[0, rows, columns].max() > 200
    assert clean.pixels[0, rows, columns].max() == 0
    assert kept.name == "1.2.3"
    assert clean.name.startswith("clip-")
    assert "smith" not in json.dumps(clean.about).lower()


def test_without_a_sector_nothing_is_made():
    pixels = np.random.default_rng(0).integers(0, 255, (10, 96, 96), dtype=np.uint8)
    cine = CineSequence(ArrayFrames(pixels), np.arange(10) / 25, "x", None, Source("noise.png", "r", "s", "US"))
    with pytest.raises(KinecorError, match="no sector is found"):
        clips_of(cine, ClipOptions(size=64))
    assert clips_of(cine, ClipOptions(size=64, mask_sector=False, deidentify=False))[0].sector is None


def test_a_region_narrows_the_search():
    made, pixels = echo_with_name()
    core = made.recording._core
    region = Region(20, 20, 220, 200)
    cine = CineSequence(ArrayFrames(pixels), core.times_s, "x", None, Source("", "1", "s", "US"), region=region)
    (clip,) = clips_of(cine, ClipOptions(size=200))
    assert clip.pixels.max() > 0


def test_slices_of_a_stack_are_clips():
    made = kinecor.phantom("mri", seed=3, frames=3, size=(48, 56))
    clips = kinecor.tensors(made.recording, size=64)
    assert [one.slice for one in clips] == list(range(made.recording.slices))
    assert all(one.sector is None for one in clips)
    row_mm, column_mm = made.recording.spacing_mm
    assert clips[0].spacing_mm == pytest.approx((row_mm * 56 / 64, column_mm * 56 / 64), rel=0.02)


@pytest.mark.parametrize(
    ("options", "why"),
    [({"size": 8}, "size"), ({"fps": 0}, "fps"), ({"zoom": 0.6}, "zoom"), ({"colour": "red"}, "colour")],
)
def test_a_wrong_option_is_one_sentence(phantom, options, why):
    with pytest.raises(kinecor.Error, match=why):
        kinecor.tensors(phantom.study, **options)


def test_files_hold_what_the_clip_does(phantom, tmp_path):
    (clip,) = kinecor.tensors(phantom.study, size=64)
    write_clip(tmp_path / "a.npz", clip)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as found:
        assert np.array_equal(found["pixels"], clip.pixels)
        assert np.array_equal(found["to_recording"], clip.to_recording)
        assert json.loads(str(found["about"])) == clip.about
    write_clip(tmp_path / "a.mp4", clip)
    film = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    assert int(film.get(cv2.CAP_PROP_FRAME_COUNT)) == 20
    film.release()
    assert json.loads((tmp_path / "a.json").read_text())["source_frames"] == list(range(20))
    with pytest.raises(KinecorError, match="npz or"):
        write_clip(tmp_path / "a.png", clip)


def test_the_command_writes_clips_and_an_index(tmp_path, capsys):
    kinecor.phantom("a4c", seed=5, frames=6, size=(128, 128), out=tmp_path / "in")
    assert main(["tensors", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--size", "64", "--rate", "25"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "out/clips.csv")
    (name,) = [path.name for path in (tmp_path / "out").glob("*.npz")]
    assert name in (tmp_path / "out/clips.csv").read_text()
    assert "2.25." not in name
    assert main(["tensors", str(tmp_path / "nothing"), "--out", str(tmp_path / "out2")]) == 1
