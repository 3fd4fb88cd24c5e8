import numpy as np

from kinecor.core.phase_curve import PhaseCurve
from kinecor.core.reading import first_reading
from kinecor.io.result import cine_entry, document, stack_entry, write_result
from tests import stacks
from tests.readings import cine, read
from tests.result_schema import read_result


def test_the_regressed_curve_stands_beside_the_others(tmp_path):
    recording, stack = cine(calibrated=False), stacks.stack()
    curve = PhaseCurve(np.linspace(1, 0, 12), (0,), (11,), "model:phases@1+ab")
    round_ = PhaseCurve(np.linspace(1, 0, 20), (0,), (19,), "model:phases@1+ab")
    entries = [
        cine_entry("a", recording, read(recording).with_(phase_curve=curve)),
        cine_entry("b", recording, first_reading(recording)),
        stack_entry("c", stack, stacks.read(stack).with_(phase_curve=round_)),
    ]
    write_result(tmp_path / "r.json", document(entries, ["s"] * 3))
    loop, bare, whole = read_result(tmp_path / "r.json")["recordings"]
    assert loop["curves"]["phase_regression"][::11] == [1.0, 0.0]
    # The marks in force stay the Reading's.
    assert loop["events"] == {"beats": [{"ed": 0, "es": 6}], "origin": "model"}
    assert "phase_regression" not in bare["curves"]
    assert len(whole["curves"]["phase_regression"]) == 20
