import pytest

from kinecor.core.table.measures import BY_CODE, EXPLORATORY, STRAIN_CODES, Status, digits
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Decision, View
from kinecor.core.values.track import Origin, Structure
from tests.core.strains import FRAMES, reading


def rows(one):
    return {row.code: row for row in measurements(one) if row.code in STRAIN_CODES}


def test_gls_is_reported_with_its_inputs():
    gls = rows(reading())["GLS"]
    assert gls.quantity.value == pytest.approx(-20, abs=0.4)
    assert digits(gls.quantity, "GLS") == f"−{-gls.quantity.value:.1f}"
    assert gls.method.startswith("mid-wall; contours and motion; ES at the smallest volume; drift ")
    assert gls.method.endswith("% compensated; mean of 2 beats")
    assert gls.frames == (0, 10, 20, 30)
    assert "model:flow@1" in gls.by
    assert gls.status is Status.AUTO
    assert gls.note is None


def test_all_rows_have_a_name_and_what_is_exploratory_says_so():
    found = rows(reading())
    assert set(found) == STRAIN_CODES
    for code, row in found.items():
        assert BY_CODE[code].name
        assert ("exploratory" in (row.note or "")) == (code in EXPLORATORY)
    assert found["LS1"].method == "Basal inferoseptal"
    assert found["LS6"].quantity.value == pytest.approx(-20, abs=0.8)
    assert found["TTP"].quantity.value == pytest.approx(400, abs=45)
    assert found["MD"].quantity.value < 40
    assert found["GLSRS"].quantity.value == pytest.approx(-0.79, abs=0.1)
    assert found["GLSRE"].quantity.value == pytest.approx(0.79, abs=0.1)


def test_contours_alone_have_no_segments_and_say_so():
    found = rows(reading(moving=False))
    assert not any(code.startswith("LS") for code in found)
    assert "MD" not in found
    assert "contours alone" in found["GLS"].method


def test_a_segment_left_out_is_reported():
    one = reading().with_(strain=StrainChoices((0,)), authors={"strain": "Anna"})
    found = rows(one)
    assert found["LS1"].note == "excluded by the reader"
    assert "without basal inferoseptal" in found["GLS"].method
    assert found["GLS"].status is Status.EDITED
    assert "Anna" in found["GLS"].by


def test_unreliable_strain_leaves_only_a_withheld_gls():
    one = reading().with_(view=View("unknown", 0.3, "x"))
    found = rows(one)
    assert list(found) == ["GLS"]
    assert found["GLS"].status is Status.WITHHELD
    assert "name it" in found["GLS"].note


def test_doubtful_contours_withhold_it():
    found = rows(reading(confidence=0.5))
    assert "(0.50)" in found["GLS"].note


def test_poor_tracking_withholds_it():
    found = rows(reading(error=6.0))
    assert "could be followed well" in found["GLS"].note


def test_without_frame_times_there_are_no_rates():
    found = rows(reading(times_origin="assumed"))
    assert found["GLS"].quantity is not None
    for code in ("TTP", "MD", "GLSRS", "GLSRE"):
        assert "assumed" in found[code].note


def test_drift_may_be_left_in_or_unknown():
    left = rows(reading().with_(strain=StrainChoices(compensate_drift=False)))["GLS"]
    assert "not compensated" in left.method
    one = reading().with_(events=CardiacEvents((Beat(20, 30),), Origin.EDITED))
    assert "drift unknown" in rows(one)["GLS"].method
    assert "ES as marked" in rows(one)["GLS"].method


def test_a_loop_that_begins_in_systole_has_no_times():
    one = reading().with_(events=CardiacEvents((Beat(20, 10),), Origin.MODEL))
    found = rows(one)
    assert found["GLS"].quantity.value == pytest.approx(-20, abs=0.6)
    for code in ("TTP", "MD", "GLSRS"):
        assert "begins in systole" in found[code].note
    assert found["GLSRE"].quantity.value > 0.5


def test_strain_needs_no_scale_and_the_reader_s_word_counts():
    one = reading().with_(calibration=Calibration(0.4, 0.4, "x"))
    assert rows(one)["GLS"].quantity.value == pytest.approx(rows(reading())["GLS"].quantity.value)
    mine = one.with_(decisions={"GLS": Decision("GLS", True, -17.5, "Anna")})
    assert rows(mine)["GLS"].quantity.value == -17.5


def test_a_loop_without_epicardium_has_no_rows_of_strain():
    one = reading()
    assert rows(one.with_(tracks={Structure.LV_ENDO: one.tracks[Structure.LV_ENDO]})) == {}


def test_what_comes_after_es_is_withheld_where_the_loop_ends_there():
    one = reading().with_(events=CardiacEvents((Beat(20, FRAMES - 1),), Origin.EDITED))
    found = rows(one)
    for code in ("PSI", "TTP", "MD", "GLSRE"):
        assert found[code].quantity is None
        assert found[code].note == "the loop ends too soon after ES"
    assert found["GLSRS"].quantity is not None
    assert found["GLS"].quantity is not None


def test_whole_beats_show_late_peaks_although_one_beat_is_cut_short():
    one = reading().with_(events=CardiacEvents((Beat(0, 10), Beat(20, FRAMES - 2)), Origin.EDITED))
    found, whole = rows(one), rows(reading().with_(events=CardiacEvents((Beat(0, 10),), Origin.EDITED)))
    assert found["TTP"].quantity.value == pytest.approx(400, abs=45)
    assert found["GLSRE"].quantity.value == pytest.approx(whole["GLSRE"].quantity.value, abs=0.1)
