import numpy as np
import pytest

from kinecor_phantoms.scanner.machine import loss_db


def test_tissue_takes_more_than_blood() -> None:
    field = np.ones((200, 40), np.complex64)
    field[50:150, :20] = 0.02
    lost = loss_db(field, 0.5, 1.0, 0.0)
    # 100 mm of tissue at 1 dB/cm, attenuating by 1 / 1.12; on the left 50 mm of it are blood.
    assert lost[-1, -5] == pytest.approx(10 / 1.12, rel=0.01)
    assert lost[-1, 5] == pytest.approx(5 / 1.12, rel=0.03)


def test_a_bright_echo_casts_a_streak_below_it_and_nowhere_else() -> None:
    field = np.ones((200, 41), np.complex64)
    field[:20, 5:8] = 9  # the chest wall's layers cast none
    field[80:90, 18:23] = 9
    lost = loss_db(field, 0.5, 0.0, 2.0)
    assert lost[150, 20] > 3
    assert lost[79].max() == 0
    assert lost[150, [5, 35]].max() == 0
