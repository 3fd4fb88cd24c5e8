import numpy as np
import pytest

from kinecor.core.values.geometry import Contour
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.pipeline import strain, strain_case
from kinecor_lab.pipeline.strain import warped_tables
from kinecor_lab.pipeline.strain_case import GROUP, Acquisition, WarpedFrom, case_of, warped_cases
from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.warped.cine import make_cine
from kinecor_phantoms.warped.texture import UNCHANGED
from tests.analysis.strain_results import looks
from tests.models.warped_fields import path

ABOUT = Acquisition(GROUP, "patient0001", 1)


def cine(until_s=1.05):
    times_s = np.arange(0, until_s, 0.07)
    return make_cine(path("apical"), sinus_rhythm(60, 2), times_s, np.random.default_rng(3), look=UNCHANGED)


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
    monkeypatch.setattr(strain_case, "labelled_frames", lambda folder, splits: samples)
    requested = []
    monkeypatch.setattr(strain_case, "paths_of", lambda pairs, folder, say: requested.extend(pairs) or [])
    assert list(warped_cases(WarpedFrom(tmp_path, "valid", tmp_path, limit=2), print)) == []
    assert [ed.patient for ed, _ in requested] == ["patient0007", "patient0009"]


def test_the_table_shows_bias_spread_and_number():
    found = [one for one in looks(off=1.0) if one.case.about.group == "main"]
    points, _ = warped_tables(found)
    row = next(row for row in points.rows if row[0] == "whole pipeline")
    cells = [column.text(cell) for column, cell in zip(points.columns, row, strict=True)]
    assert cells[1:] == ["+0.0 ± 0.5 (6)", "+0.0 ± 1.0 (36)", "1.0"]
    assert "true GLS from -20.0 to -16.0 %" in "\n".join(table.text() for table in warped_tables(found))


def test_the_command_measures_warped_cines_or_names_what_is_missing(tmp_path, monkeypatch, capsys):
    found = {one.case.about.name: one for one in looks() if one.case.about.group == "main"}
    monkeypatch.setattr(strain, "warped_cases", lambda wanted, say: [one.case for one in found.values()])
    monkeypatch.setattr(strain, "looked_at", lambda one, device: found[one.about.name])
    assert strain.main(["--warped", "somewhere", "--out", str(tmp_path)]) == 0
    assert "less that of true material points" in capsys.readouterr().out
    assert len((tmp_path / "strain-warped.csv").read_text().splitlines()) > len(found)
    assert "warped cines" in (tmp_path / "strain-warped-bland-altman.svg").read_text()
    monkeypatch.setattr(strain, "warped_cases", lambda wanted, say: [])
    assert strain.main(["--warped", "somewhere", "--out", str(tmp_path)]) == 1
    assert "somewhere" in capsys.readouterr().err
