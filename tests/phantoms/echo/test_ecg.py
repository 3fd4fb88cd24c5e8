import numpy as np
import pytest

from kinecor_phantoms.echo.ecg import trace_rows, voltage


def test_r_is_the_highest_and_p_and_t_follow_in_order() -> None:
    phase = np.linspace(0, 1, 1000, endpoint=False)
    beat = voltage(phase)
    assert beat.argmax() == 0
    assert beat[0] == pytest.approx(1, abs=0.05)
    assert phase[200 + beat[200:450].argmax()] == pytest.approx(0.30, abs=0.01)
    assert phase[750 + beat[750:900].argmax()] == pytest.approx(0.83, abs=0.01)
    assert np.allclose(voltage(phase + 3), beat)


def test_the_trace_stays_in_its_box() -> None:
    rows = trace_rows(np.linspace(0, 2, 500), 80, 100)
    assert rows.min() >= 80
    assert rows.max() <= 99
    assert rows[0] == rows.min()
