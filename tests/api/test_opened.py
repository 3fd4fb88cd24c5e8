import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

import kinecor
from kinecor.io.export.clips import write_clip
from kinecor.io.open.recordings import open_path


def test_a_folder_is_a_study_of_recordings(study, folder):
    assert [one.view for one in study] == ["A2C", "A4C"]
    assert len(study) == 2
    assert len(study.study_ids) == 1
    first = study.recordings[0]
    assert first.kind == "apical loop"
    assert first.modality == "US"
    assert first.measured
    assert len(first) == first.frames == 24
    assert (first.rows, first.columns, first.slices) == (160, 160, 1)
    assert first.spacing_mm is not None
    assert first.times_s.shape == (24,)
    assert not first.times_s.flags.writeable
    assert str(folder) in first.path
    assert study.refused == ()


def test_pixels_are_those_of_the_program(study, folder):
    core = open_path(folder).recordings[0]
    pixels = study.recordings[0].pixels
    assert pixels.shape == core.frames.shape
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels[5], core.frames[5])
    assert np.array_equal(study.recordings[0].frame(5), pixels[5])
    with pytest.raises(IndexError, match="24 frames"):
        study.recordings[0].frame(24)


def test_a_study_is_sent_as_its_path(study):
    sent = pickle.dumps(study)
    assert len(sent) < 2000
    again = pickle.loads(sent)
    assert again.study_ids == study.study_ids
    assert np.array_equal(again.recordings[1].pixels, study.recordings[1].pixels)


def test_a_recording_is_sent_without_its_pixels_and_refuses_others_in_its_place(study, tmp_path):
    recording = study.recordings[0]
    sent = pickle.dumps(recording)
    assert len(sent) < recording.pixels.nbytes / 10
    assert np.array_equal(pickle.loads(sent).pixels, recording.pixels)
    kinecor.phantom("a4c", seed=1, frames=3, size=(64, 64), out=tmp_path / "clip")
    moved = kinecor.open(tmp_path / "clip").recordings[0]
    sent = pickle.dumps(moved)
    for file in (tmp_path / "clip").iterdir():
        file.unlink()
    with pytest.raises(kinecor.Error, match="copy its files to the same place"):
        _ = pickle.loads(sent).pixels


def test_what_is_no_recording_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(kinecor.Error, match="nothing-here"):
        kinecor.open(tmp_path / "nothing-here")
    (tmp_path / "empty").mkdir()
    with pytest.raises(kinecor.Error, match="found none in this folder"):
        kinecor.open(tmp_path / "empty")
    (tmp_path / "cut.dcm").write_bytes(b"\0" * 128 + b"DICM")
    with pytest.raises(kinecor.Error, match=r"cut\.dcm"):
        kinecor.open(tmp_path / "cut.dcm")
    with pytest.raises(kinecor.Error, match="expected one of auto, US, MR"):
        kinecor.open(tmp_path, modality="CT")


def test_a_stack_has_slices():
    made = kinecor.phantom("mri", seed=3, frames=3, size=(48, 56))
    stack = made.recording
    assert stack.kind == "short-axis stack"
    assert stack.pixels.shape == (stack.slices, 3, 48, 56)
    assert np.array_equal(stack.frame(2, slice=4), stack.pixels[4, 2])
    assert (np.diff(stack.positions_mm) > 0).all()


def test_threads_share_a_study(study):
    found = []
    threads = [threading.Thread(target=lambda: found.append(study.recordings[0].pixels)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.array_equal(one, found[0]) for one in found)


SCRIPT = """
import sys
import kinecor

print("begun")
recording = kinecor.open(sys.argv[1]).recordings[0]
print(recording.frames, recording.pixels.shape)
"""


def test_a_script_without_a_guard_opens_a_video(tmp_path):
    """Its decoders are processes, which would otherwise run the script again."""
    (clip,) = kinecor.tensors(kinecor.phantom("a4c", seed=5, frames=8, size=(96, 96)).study, size=96)
    write_clip(tmp_path / "clip.mp4", clip)
    (tmp_path / "script.py").write_text(SCRIPT)
    program = [sys.executable, "script.py", "clip.mp4"]
    ended = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split("\n")[:2] == ["begun", "8 (8, 96, 96, 3)"]
    assert ended.stdout.count("begun") == 1
    assert ended.stderr == ""
