"""A program of a user's passes mypy --strict, and a wrong one does not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RIGHT = """
import numpy as np
import kinecor

study = kinecor.open("folder", modality="US")
for recording in study:
    spacing: tuple[float, float] | None = recording.spacing_mm
    mean: float = float(recording.pixels.mean())
    last: float = float(recording.times_s[-1])


def show(progress: kinecor.Progress) -> None:
    print(progress.share)


result: kinecor.Result = kinecor.analyse(study, progress=show, device="cpu")
ef: kinecor.Value = result["EF"]
value: float | None = ef.value
trust: str = ef.trust
if ef.interval is not None:
    low: float = ef.interval.low
first: kinecor.RecordingResult = result.recordings[0]
points = first.contour("lv_endo", frame=12)
if points is not None:
    first = first.with_contour("lv_endo", 12, points + np.array([1.0, 0.0]), author="me").propagate()
labels = first.mask(frame=12)
try:
    kinecor.save(result.with_recording(first), "study.kinecor")
    kinecor.export(result, "out", pdf=True, sr=True, seg=True, masks=True)
except kinecor.Error as error:
    print(error)
truth = kinecor.phantom("a4c", seed=7, ef=35.0).ejection_fraction_percent
"""
WRONG = """
import kinecor

study = kinecor.open("folder")
study.recordings[0].spacing
kinecor.analyse(study, device="gpu")
kinecor.export(kinecor.analyse(study), "out", mask=True)
kinecor.analyze(study)
study.recordings[0].contour("lv_endo", 1)
"""


@pytest.mark.slow
def test_mypy_strict_on_the_users_side(tmp_path):
    (tmp_path / "right.py").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "right.py", "wrong.py"],
        cwd=tmp_path,
        env={"MYPYPATH": ":".join(str(ROOT / one) for one in ("app", "models", "resources")), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in ended.stdout.splitlines() if "error:" in line]
    assert [line for line in lines if not line.startswith("wrong.py")] == []
    assert [int(line.split(":")[1]) for line in lines] == [5, 6, 7, 8, 9], ended.stdout
