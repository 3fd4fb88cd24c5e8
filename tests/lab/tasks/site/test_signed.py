"""Signed studies with their images become frames to learn from; what is not signed or not genuine does not count."""

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kinecor
from kinecor.analysis.models import gain_at_site
from kinecor.cli import main
from kinecor.core.study.conclusions import parts_of
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import View, first_reading_of
from kinecor.core.values.study import first_study_reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.io.open.recordings import open_path
from kinecor.session.edits import AddAddendum, SetEvents, SetTrack, SetView, Sign
from kinecor.session.journal import Journal
from kinecor.session.store import Store, readings_folder, study_file
from kinecor_lab.tasks.site import train as site_train
from kinecor_lab.tasks.site.compare import Comparison, PatientPair, PatientScore
from kinecor_lab.tasks.site.learn import APICAL
from kinecor_lab.tasks.site.signed import read_signed
from kinecor_models.contract import load_card, load_weights, look_in
from tests.lab.camus import write_camus

FRAMES = 4
SIDE = 96


@pytest.fixture(autouse=True)
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    return readings_folder()


def sign(phantom: kinecor.Phantom, *, wider: float = 1.0, signed: bool = True, addendum: bool = False) -> Path:
    """Sign the study with its true contours, the cavity drawn wider by a factor; the study file."""
    (recording,) = open_path(phantom.recording.path).recordings
    first = first_reading_of(recording)
    count = first.facts.frames
    with Store.open(study_file(recording.source.study_id)) as store:
        journal = Journal(store)
        study = journal.open_study(first_study_reading(recording.source.study_id, [recording]))
        journal.open(first)
        for structure in (Structure.LV_ENDO, Structure.LV_EPI, Structure.LA):
            lines = []
            for frame in range(count):
                points = phantom.contour(structure.value, frame)
                assert points is not None
                if structure is Structure.LV_ENDO:
                    points = points.mean(axis=0) + wider * (points - points.mean(axis=0))
                lines.append(Contour(points))
            track = ContourTrack(structure, tuple(lines), (Origin.EDITED,) * count, np.ones(count))
            journal.do(recording.source.recording_id, SetTrack(track), "Anna")
        journal.do(recording.source.recording_id, SetEvents(CardiacEvents((Beat(0, 2),), Origin.EDITED)), "Anna")
        reading = journal.do(recording.source.recording_id, SetView(View("A4C", None, "Anna")), "Anna")
        if signed:
            at = "2026-11-24T10:00:00+00:00"
            journal.sign(Sign(at, parts_of([reading], study), language="en"), b"%PDF-1.4", "Anna")
            if addendum:
                journal.do_study(AddAddendum(at, "late clip"), "Anna")
        return Path(store.path)


def site(tmp_path: Path, count: int) -> list[kinecor.Phantom]:
    return [
        kinecor.phantom("a4c", seed=seed, frames=FRAMES, size=(SIDE, SIDE), out=tmp_path / f"images/{seed}")
        for seed in range(count)
    ]


def test_signed_contours_come_with_their_images(tmp_path: Path, data: Path) -> None:
    (phantom,) = site(tmp_path, 1)
    exact = read_signed([sign(phantom)], [tmp_path / "images"])
    assert [one.phase for one in exact.apical] == ["ED", "ES"]
    assert exact.drawn == 2
    assert not exact.left_out
    for one in exact.apical:
        assert one.image.shape == one.label.shape
        assert set(np.unique(one.label)) == {0, 1, 2, 3}
        # The cavity is darker than the wall around it, so that label and image belong together.
        assert one.image[one.label == 1].mean() < one.image[one.label == 2].mean()
    cavity_px = (exact.apical[0].label == 1).sum()
    assert cavity_px == pytest.approx((phantom.mask(0) == 1).sum(), rel=0.03)


def test_what_is_not_signed_or_not_genuine_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    hearts = site(tmp_path, 4)
    files = [
        sign(hearts[0], signed=False),
        sign(hearts[1], addendum=True),
        sign(hearts[2]),
        sign(hearts[3]),
    ]
    connection = sqlite3.connect(files[2])
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute("UPDATE entry SET actor = 'Ben' WHERE number = 3")
    connection.commit()
    connection.close()
    found = read_signed(files, [tmp_path / f"images/{number}" for number in range(3)])
    assert not found.apical
    said = {one.file: one.words for one in found.left_out}
    assert said[files[0].name] == "It is not signed."
    assert said[files[1].name] == "It is open to changes since it was signed."
    assert said[files[3].name] == "Its images were not found: name their folder by --images."
    assert len(said) == 4


def test_fewer_than_twenty_patients_are_refused(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for phantom in site(tmp_path, 2):
        sign(phantom)
    assert main(["train", "lv-apical", "--signed", str(data), "--images", str(tmp_path / "images")]) == 1
    assert "at least 20 patients, got 2: sign more studies" in capsys.readouterr().err
    assert main(["train", "sax-cine", "--signed", str(tmp_path / "images")]) == 1
    assert "expected a folder with saved studies" in capsys.readouterr().err


def compared_as(before: float, after: float, ef_after: float = 5.1) -> Comparison:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.01, (24, 2))
    return Comparison(
        tuple(
            PatientPair(str(n), PatientScore(before + a, 6.3), PatientScore(after + b, ef_after))
            for n, (a, b) in enumerate(noise)
        )
    )


def test_better_needs_overlap_and_no_larger_error_of_ef() -> None:
    assert compared_as(0.90, 0.94).better
    assert not compared_as(0.92, 0.92).better
    assert not compared_as(0.94, 0.90).better
    assert not compared_as(0.90, 0.94, ef_after=6.4).better


def test_the_interval_of_the_change_of_ef_is_of_patients() -> None:
    pairs = [PatientPair(str(n), PatientScore(0.9, 6.0), PatientScore(0.92, 6.0 + n % 3 - 1.0)) for n in range(30)]
    low, high = Comparison(tuple(pairs)).ef_change
    assert -0.4 < low < 0 < high < 0.4
    unknown = [PatientPair("a", PatientScore(0.9, float("nan")), PatientScore(0.9, 5.0))]
    assert np.isnan(Comparison(tuple(unknown)).ef_change).all()


@pytest.mark.parametrize("gain", [0.04, 0.0])
def test_a_network_is_written_only_where_it_is_better(
    tmp_path: Path,
    data: Path,
    gain: float,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two real patients and one epoch: the measured comparison is replaced by one that is known to pass or to fail."""
    for phantom in site(tmp_path, 2):
        sign(phantom, wider=1.1)
    monkeypatch.setattr(site_train, "MIN_PATIENTS", 2)
    monkeypatch.setattr(site_train, "compared", lambda *args, **options: compared_as(0.9, 0.9 + gain))
    models = tmp_path / "models"
    models.mkdir()
    camus = write_camus(tmp_path / "camus", patients=6)
    command = ["train", "lv-apical", "--signed", str(data), "--images", str(tmp_path / "images"), "--epochs", "1"]
    command += ["--camus", str(camus)]
    status = main([*command, "--folder", str(models), "--device", "cpu"])
    said = capsys.readouterr()
    if not gain:
        assert status == 1
        assert "not better on held-out patients" in said.err
        assert not list(models.iterdir())
        return
    assert status == 0, said.err
    look_in(lambda: models)
    try:
        card = load_card("lv-apical-site")
        weights, shipped = load_weights(card), APICAL.shipped()
    finally:
        from kinecor.analysis.own_models import models_folder

        look_in(models_folder)
    assert weights.keys() == shipped.keys()
    assert any(not np.array_equal(weights[name], shipped[name]) for name in weights)
    assert card.task == "apical"
    assert card.licence == "CC BY-NC-SA 4.0"
    # What is lost or gained elsewhere stands in the card, with its interval.
    assert set(card.figures) == {"held-out patients of the site", "CAMUS valid"}
    for line in card.figures.values():
        assert re.fullmatch(
            r"EF error .+ instead of .+ points \(change .+ to .+\), "
            r"Dice 0\.\d{3} instead of 0\.\d{3} \(p .+\), n = \d+",
            line,
        )
    words = str(gain_at_site(card))
    assert words.startswith("this site (n 24): EF error 5.1 instead of 6.3 points, Dice 0.9")
    assert not gain_at_site(replace(card, site={}))
    assert main([*command, "--folder", str(models), "--device", "cpu"]) == 1
    assert "no network is overwritten" in capsys.readouterr().err
    monkeypatch.setenv("KINECOR_MODELS", str(models))
    assert main(["models"]) == 0
    assert f"measured: {words}" in capsys.readouterr().out
