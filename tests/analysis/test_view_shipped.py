"""The model that ships, on clips whose header says an apical view: noise is not drawn, no apical clip is refused."""

from pathlib import Path

import numpy as np
import pytest

from kinecor.analysis.models import Models
from kinecor.analysis.strategy import clip_of, recognise_view
from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.reading import View, first_reading
from kinecor.core.values.recording import CineSequence
from kinecor.io.open.recordings import open_path
from kinecor_lab.datasets.samples import camus_png
from kinecor_phantoms.echo.record import record_echo
from tests.analysis.test_analyse import cine
from tests.hearts import heart


def doubted(recording: CineSequence, label: str, by: str = "header") -> str | None:
    """Why nothing would be drawn on a recording whose view `by` names."""
    reading = first_reading(recording).with_(view=View(label, None, by))
    return recognise_view(clip_of(recording, reading.aspect), reading, Models("cpu"), lambda *_: None).why_not


@pytest.mark.parametrize("seed", [1, 2])
def test_noise_is_not_drawn(seed: int) -> None:
    recording = cine(np.random.default_rng(seed).integers(0, 256, (8, 120, 160), np.uint8))
    assert doubted(recording, "A4C") == "the file's header says A4C, but no known view of the heart is recognised"
    assert doubted(recording, "A4C", "Ada") is None


def test_another_organ_is_not_drawn() -> None:
    quick = {"frames": 3, "frames_per_s": 10.0, "size": (160, 160), "scatterers": 20_000}
    recording = cine(record_echo(heart(), "other", 3, **quick).frames)
    assert "the file's header says A2C, but no known view" in (doubted(recording, "A2C") or "")


@pytest.mark.parametrize("label", APICAL_VIEWS)
def test_simulated_apical_clips_are_drawn(label: str) -> None:
    quick = {"frames": 3, "frames_per_s": 10.0, "size": (160, 160), "scatterers": 20_000}
    assert doubted(cine(record_echo(heart(), label, 3, **quick).frames), label) is None


@pytest.mark.parametrize("label", ["A4C", "A2C"])
def test_real_apical_clips_are_drawn(shared_data: Path, label: str) -> None:
    (recording,) = open_path(str(shared_data / "echo-clips" / f"{label}.mp4")).recordings
    assert isinstance(recording, CineSequence)
    assert doubted(recording, label) is None


def test_real_clips_of_other_views_are_not(shared_data: Path) -> None:
    for label in ("PLAX", "PSAX"):
        (recording,) = open_path(str(shared_data / "echo-clips" / f"{label}.mp4")).recordings
        assert isinstance(recording, CineSequence)
        assert "the file's header says A4C" in (doubted(recording, "A4C") or "")


def test_real_four_chamber_frames_are_drawn(shared_data: Path) -> None:
    for sample in camus_png(shared_data / "camus-a4c", ["valid"])[::9]:
        assert doubted(cine(sample.image[None]), "A4C") is None, sample.patient
