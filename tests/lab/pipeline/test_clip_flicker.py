from pathlib import Path

import numpy as np
import pytest

from kinecor.analysis.models import Models
from kinecor.analysis.phantoms import Output, write_echo
from kinecor_lab.pipeline import clip_flicker
from kinecor_lab.pipeline.clip_flicker import NO_CAVITY, ONE_FRAME, ROWS, ClipFlicker, main, measured, table
from kinecor_models.contract import ClipInput, ClipOutput, Tick, fit_grid, load_card
from kinecor_phantoms.echo.record import record_echo
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.scanner.probe import Probe
from tests.analysis.test_analyse import cine
from tests.analysis.test_view import FakeViews

SIDE = 64


class Jumping:
    """Draws a square cavity of 20 x 20 network pixels that jumps by some columns and back, or none at all."""

    card = load_card("lv-apical")

    def __init__(self, by: int, *, blind: bool = False) -> None:
        self.by, self.blind, self.seen = by, blind, 0

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        self.seen = len(clip.frames)
        assert clip.frames[self.seen - 1].shape == (160, 200)
        square = np.array([(19.5, 19.5), (39.5, 19.5), (39.5, 39.5), (19.5, 39.5)], np.float32)
        lines = [None if self.blind else square + np.float32((self.by * (frame % 2), 0)) for frame in range(self.seen)]
        sure = np.ones(self.seen, np.float32)
        names = ("lv_endo", "lv_epi", "la")
        contours = {"lv_endo": lines, "lv_epi": [None] * self.seen, "la": [None] * self.seen}
        return ClipOutput(contours, dict.fromkeys(names, sure), fit_grid((0, 0, SIDE, SIDE), SIDE))


def models(**changes: Jumping) -> dict[str, Jumping]:
    return {name: Jumping(4 - number) for number, name in enumerate(ROWS)} | changes


@pytest.fixture
def four_chamber(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Models, "views", lambda _: FakeViews("A4C", 0.97))


@pytest.mark.usefixtures("four_chamber")
def test_flicker_is_that_of_the_shapes() -> None:
    answering = models()
    found = measured(cine(), answering, "cpu", most=7)
    assert {one.seen for one in answering.values()} == {7}
    assert (found.view, found.frames, found.lost, found.why) == ("A4C", 7, 0, None)
    assert found.rate_per_s == pytest.approx(25)
    # Twenty-pixel columns leave, and as many enter, at each jump.
    wanted = {name: 2 * 20 * (4 - number) / SIDE**2 for number, name in enumerate(ROWS)}
    assert found.cavity == pytest.approx(wanted)
    assert found.every == pytest.approx(wanted)


@pytest.mark.usefixtures("four_chamber")
def test_a_clip_without_a_cavity_has_no_flicker_and_lost_frames_are_reported() -> None:
    blind = {name: Jumping(0, blind=True) for name in ROWS}
    nothing = measured(cine(), blind, "cpu")
    assert (nothing.why, nothing.cavity) == (NO_CAVITY, {})
    assert measured(cine(np.zeros((1, 160, 200), np.uint8)), models(), "cpu").why == ONE_FRAME


def test_what_is_not_apical_is_not_contoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Models, "views", lambda _: FakeViews("PLAX", 0.97))
    answering = models()
    found = measured(cine(), answering, "cpu")
    assert "looks like PLAX (0.97)" in (found.why or "")
    assert (found.view, found.cavity) == ("PLAX", {})
    assert {one.seen for one in answering.values()} == {0}
    coloured = np.zeros((4, 160, 200, 3), np.uint8)
    coloured[:, 20:140, 20:180] = (200, 30, 30)
    assert "colour Doppler" in (measured(cine(coloured), answering, "cpu").why or "")


def test_the_table_shows_means_over_clips_and_why_others_are_missing() -> None:
    def one(name: str, value: float) -> ClipFlicker:
        return ClipFlicker(name, "A4C", 60, 50.0, dict.fromkeys(ROWS, value), dict.fromkeys(ROWS, 2 * value), 3)

    found = table([one("a.mp4", 0.004), one("b.mp4", 0.006), ClipFlicker("c.mp4", "PLAX", 9, 30.0, why="why")])
    assert found.rows[0] == ("a.mp4", "A4C", 60, 50.0, 3, *[0.004] * 4, "")
    assert found.rows[2] == ("c.mp4", "PLAX", 9, 30.0, None, *[None] * 4, "why")
    lines = found.text().splitlines()
    assert [row[:3] for row in found.rows[3:]] == [
        ("LV cavity, 2 clips", "", 120),
        ("cavity, wall, atrium, 2 clips", "", 120),
    ]
    assert lines[4].count("0.0050 ± 0.0014") == 4
    assert lines[5].count("0.0100 ± 0.0028") == 4
    assert table([ClipFlicker("c.mp4", "PLAX", 9, 30.0, why="why")]).text().endswith("none of 1 clips was contoured")


@pytest.mark.usefixtures("four_chamber")
def test_a_simulated_loop_in_a_folder_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = record_echo(
        draw("normal", np.random.default_rng(3)),
        "A4C",
        3,
        frames=10,
        frames_per_s=25,
        size=(160, 160),
        probe_for=lambda depth_mm: Probe(depth_mm=depth_mm, beams=64, samples=192),
        scatterers=10_000,
    )
    write_echo(recording, Output(tmp_path / "clips" / "heart", "Flicker", "test-clip-flicker"))
    assert main([str(tmp_path / "clips"), "--frames", "8", "--device", "cpu"]) == 0
    out = capsys.readouterr().out
    (row,) = (line.split() for line in out.splitlines() if line.startswith("echo-a4c.dcm"))
    assert row[1:5] == ["A4C", "8", "25.0", "0"]
    alone, average, _, fusion = map(float, row[5:9])
    assert 0 < fusion < alone < 0.05
    assert 0 < average < alone


def test_wrong_usage_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--frames", "1"]) == 1
    assert "expected 2 or more, got 1" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 1
    assert "found none that open" in capsys.readouterr().err
    assert clip_flicker.parser().parse_args(["x"]).frames == 0
