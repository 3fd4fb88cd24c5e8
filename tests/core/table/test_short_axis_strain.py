import numpy as np
import pytest

from kinecor.core.strain.short_axis import short_axis_regions, why_no_short_axis_strain
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import StrainChoices
from kinecor.core.volumes.loop_volumes import curves, volume_events
from tests import sax_stacks
from tests.core.strain.test_short_axis_loop import loop


def rows(one):
    return {row.code: row for row in measurements(one)}


def test_a_loop_gives_strain_and_no_volumes():
    reported = rows(loop())
    assert set(reported) == {"GCS", "GRS", "HR"}
    assert reported["GCS"].quantity.value == pytest.approx(-20, abs=0.5)
    assert reported["GCS"].method == (
        "mid-wall, contours and motion; one mid-ventricular slice; ES at the smallest volume; mean of 2 beats"
    )
    assert reported["GCS"].by == ("model:flow@1",)
    assert reported["GRS"].note.startswith("exploratory")


def test_it_is_withheld_with_the_reason():
    still = loop().with_(motion=None)
    assert "motion" in rows(still)["GCS"].note
    assert rows(loop().with_(strain=StrainChoices(excluded=tuple(range(6, 12)))))["GCS"].note.startswith("every")
    assert why_no_short_axis_strain(loop().with_(withheld="colour")) == "colour"
    assert short_axis_regions(loop().with_(withheld="colour")) is None


def test_the_curve_and_the_marks_of_a_loop_are_its_areas():
    found = curves(loop())
    assert found.volume_unit == "relative %"
    assert found.lv_volume[[0, 6]] == pytest.approx([100, 64], abs=0.5)
    assert [(beat.ed, beat.es) for beat in volume_events(loop()).beats][:2] == [(0, 6), (12, 18)]


def test_a_stack_has_the_same_words():
    assert short_axis_regions(sax_stacks.reading()) is not None
    assert why_no_short_axis_strain(sax_stacks.reading()) is None
    assert "3 slices" in why_no_short_axis_strain(sax_stacks.reading(slices=2))
    assert np.isfinite(short_axis_regions(sax_stacks.reading()).quality).all()
