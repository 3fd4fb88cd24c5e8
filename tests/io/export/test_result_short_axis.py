import numpy as np
import pytest

from kinecor.core.values.choices import StrainChoices
from kinecor.io.export.result import document, stack_entry, write_result
from tests import sax_stacks, stacks
from tests.results import read_result


def entry(tmp_path, reading):
    recording = stacks.stack(np.arange(sax_stacks.SLICES) * 10.0, phases=sax_stacks.PHASES)
    write_result(tmp_path / "r.json", document([stack_entry("a", recording, reading)], ["s"]))
    (one,) = read_result(tmp_path / "r.json")["recordings"]
    return one


def test_segments_and_curves_of_a_stack(tmp_path):
    one = entry(tmp_path, sax_stacks.reading().with_(strain=StrainChoices(excluded=(15,))))
    strain = one["short_axis_strain"]
    assert strain["slices"] == [0, 1, 2, 3, 4, 5]
    assert strain["withheld"] == [None] * 15 + ["excluded by the reader"]
    assert strain["end_systolic_circumferential_percent"][0] < -20
    assert strain["end_systolic_radial_percent"][0] == pytest.approx(-20, abs=1)
    assert strain["time_to_peak_ms"][0] == pytest.approx(420)
    assert len(one["curves"]["circumferential_strain_percent"]) == sax_stacks.PHASES
    gcs = next(row for row in one["measurements"] if row["name"] == "GCS")
    assert one["curves"]["circumferential_strain_percent"][sax_stacks.ES] == pytest.approx(gcs["value"], abs=0.01)


def test_without_motion_the_reason_is_given(tmp_path):
    strain = entry(tmp_path, sax_stacks.reading(moving=False))["short_axis_strain"]
    assert strain["status"] == "withheld"
    assert "needs motion" in strain["why"]
