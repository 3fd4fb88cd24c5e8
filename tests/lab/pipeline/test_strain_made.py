import numpy as np
import pytest

from kinecor.core.values.contour import Contour
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.pipeline import strain_command, strain_made
from kinecor_lab.pipeline.strain_acquisitions import Acquisition
from kinecor_lab.pipeline.strain_made import GROUP, MadeFrom, case_of, made_cases
from kinecor_lab.pipeline.strain_made_table import made_table
from kinecor_phantoms.heart.rhythm import sinus
from kinecor_phantoms.warped.cine import make_cine
from kinecor_phantoms.warped.texture import UNCHANGED
from tests.analysis.strain_looks import looks
from tests.models.made_fields import path

ABOUT = Acquisition(GROUP, "patient0001", 1)


def cine(until_s=1.05):
    times_s = np.arange(0, until_s, 0.07)
    return make_cine(path("apical"), sinus(60, 2), times_s, np.random.default_rng(3), look=UNCHANGED)


def test_truth_is_material_points_between_true_outlines():
    made = cine()
    case = case_of(ABOUT, made, 0.5)
    assert (case.eds, case.ess) == (made.ed, made.es)
    assert case.rate_per_min == pytest.approx(60)
    assert case.motion_px.shape[0] == len(made.frames) - 1
    assert np.isfinite(case.motion_px).all()
    # A point of mid-wall at ES is where the path took it, and between the outlines there.
    ed, es = made.ed[0], made.es[0]
    middle = case.wall_mm[..., :2] / 0.5
    np.testing.assert_allclose(made.carried(middle[ed], ed, es), middle[es], atol=0.05)
    inner, outer = Contour(case.endo[es]), Contour(case.epi[es])
    nearer = [abs(np.linalg.norm(one.points[:, None] - middle[es][30], axis=2)).min() for one in (inner, outer)]
    across = np.linalg.norm(inner.points[len(inner.points) // 2] - outer.points, axis=1).min()
    assert max(nearer) < 1.2 * across
    assert -60 < case.gls_percent < -3
    assert case.segments_percent.mean() == pytest.approx(case.gls_percent, abs=4)


def test_less_than_a_beat_is_refused():
    with pytest.raises(ValueError, match="whole beat"):
        case_of(ABOUT, cine(0.6), 0.5)


def test_cases_are_those_of_patients_whose_frames_match(tmp_path, monkeypatch):
    found = path("apical")
    samples = [
        Sample(f"patient{number:04}", phase, frame.image, frame.label, 0.6)
        for number in (7, 9, 12)
        for phase, frame in (("ED", found.ed), ("ES", found.es))
    ]
    monkeypatch.setattr(strain_made, "labelled_frames", lambda folder, splits: samples)
    asked = []
    monkeypatch.setattr(strain_made, "paths_of", lambda pairs, folder, say: asked.extend(pairs) or [])
    assert list(made_cases(MadeFrom(tmp_path, "valid", tmp_path, limit=2), print)) == []
    assert [ed.patient for ed, _ in asked] == ["patient0007", "patient0009"]


def test_the_table_tells_bias_spread_and_number():
    found = [one for one in looks(off=1.0) if one.case.about.group == "main"]
    text = made_table(found)
    line = next(one for one in text.splitlines() if one.startswith("whole pipeline"))
    assert "GLS +0.0 +- 0.5 (n 6)" in line
    assert "segments +0.0 +- 1.0 (n 36), mean absolute 1.0" in line
    assert "true GLS from -20.0 to -16.0 %" in text


def test_the_command_measures_made_cines_or_says_what_is_missing(tmp_path, monkeypatch, capsys):
    found = {one.case.about.name: one for one in looks() if one.case.about.group == "main"}
    monkeypatch.setattr(strain_command, "made_cases", lambda wanted, say: [one.case for one in found.values()])
    monkeypatch.setattr(strain_command, "looked_at", lambda one, device: found[one.about.name])
    assert strain_command.main(["--made", "somewhere", "--out", str(tmp_path)]) == 0
    assert "less that of true material points" in capsys.readouterr().out
    assert len((tmp_path / "strain-made.csv").read_text().splitlines()) > len(found)
    assert "made cines" in (tmp_path / "strain-made-bland-altman.svg").read_text()
    monkeypatch.setattr(strain_command, "made_cases", lambda wanted, say: [])
    assert strain_command.main(["--made", "somewhere", "--out", str(tmp_path)]) == 1
    assert "somewhere" in capsys.readouterr().err
