import numpy as np
import pytest

from kinecor_lab.tasks.sax.networks import tried


def test_a_tried_network_is_what_would_be_published() -> None:
    shipped = {"last.bias": np.zeros(4, np.float32), "last.weight": np.ones((4, 2), np.float32)}
    new = {"last.bias": np.ones(4, np.float32), "last.weight": np.full((4, 2), 3.0, np.float32)}
    found = tried(shipped, new, 0.5, (0.0, 0.25, 0.0, 0.0))
    assert found["last.bias"] == pytest.approx([0.5, 0.75, 0.5, 0.5])
    assert found["last.weight"] == pytest.approx(np.full((4, 2), 2.0))
    assert tried(shipped, new, 1.0, ())["last.bias"] == pytest.approx(new["last.bias"])
