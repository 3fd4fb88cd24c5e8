import numpy as np

from kinecor.core.values.events import PhaseCurve
from kinecor.core.values.reading import first_reading
from kinecor.io.export.result import cine_entry, document, stack_entry, write_result
from tests import stacks
from tests.readings import cine, read
from tests.results import read_result


def test_the_regressed_curve_is_written_with_the_others(tmp_path):
    recording, stack = cine(calibrated=False), stacks.stack()
    curve = PhaseCurve(np.linspace(1, 0, 12), (0,), (11,), "model:phases@1+ab")
    round_ = PhaseCurve(np.linspace(1, 0, 20), (0,), (19,), "model:phases@1+ab")
    placed = PhaseCurve(np.linspace(1, 0, 12), (0,), (11,), curve.by, (0.25,), (10.75,))
    round_at = PhaseCurve(np.linspace(1, 0, 20), (0,), (19,), curve.by, (19.5,), (19.25,))
    entries = [
        cine_entry("a", recording, read(recording).with_(phase_curve=curve)),
        cine_entry("b", recording, first_reading(recording)),
        stack_entry("c", stack, stacks.read(stack).with_(phase_curve=round_)),
        cine_entry("d", recording, read(recording).with_(phase_curve=placed)),
        stack_entry("e", stack, stacks.read(stack).with_(phase_curve=round_at)),
    ]
    write_result(tmp_path / "r.json", document(entries, ["s"] * 5))
    loop, bare, whole, *parts = read_result(tmp_path / "r.json")["recordings"]
    assert loop["curves"]["phase_regression"][::11] == [1.0, 0.0]
    # The marks in force stay the Reading's.
    assert loop["events"] == {"beats": [{"ed": 0, "es": 6}], "origin": "model"}
    step_ms = 1000 * float(recording.times_s[1] - recording.times_s[0])
    assert parts[0]["events"] == loop["events"] | {
        "regression_ms": {"ed": [round(0.25 * step_ms, 1)], "es": [round(10.75 * step_ms, 1)]}
    }
    assert parts[1]["events"]["regression_ms"] == {"ed": [19.5 * 40], "es": [19.25 * 40]}
    assert "phase_regression" not in bare["curves"]
    assert len(whole["curves"]["phase_regression"]) == 20
