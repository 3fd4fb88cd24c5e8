import cv2
import numpy as np
import pytest

from kinecor_models.localisation.lv_localisation import SIDE_MM, canvas, first_harmonic, localise_ventricle


def beating(x: float, y: float, frames: int = 12, side: int = SIDE_MM) -> np.ndarray:
    """A bright beating cavity in a dark wall on grey, and a still bright disk that is as round."""
    out = np.full((frames, side, side), 90, np.uint8)
    for number, frame in enumerate(out):
        inner = 17 + 5 * np.cos(2 * np.pi * number / frames)
        for radius, grey in ((inner + 9, 45), (inner, 200)):
            cv2.circle(frame, (round(x * 16), round(y * 16)), round(radius * 16), (grey,), -1, cv2.LINE_AA, 4)
        cv2.circle(frame, (150, 150), 26, (45,), -1, cv2.LINE_AA)
        cv2.circle(frame, (150, 150), 17, (200,), -1, cv2.LINE_AA)
    return out


@pytest.mark.parametrize(("x", "y"), [(92, 92), (60, 110), (120, 50)])
def test_the_beating_circle_is_found_and_not_the_still_one(x: float, y: float) -> None:
    found = localise_ventricle(beating(x, y))
    assert found is not None
    assert (found.x, found.y) == pytest.approx((x, y), abs=5)
    assert 10 < found.radius < 34
    assert found.confidence > 0.6


def test_where_nothing_beats_nothing_is_found() -> None:
    still = np.repeat(beating(92, 92)[:1], 8, axis=0)
    assert localise_ventricle(still) is None
    assert localise_ventricle(beating(92, 92)[:3]) is None


def test_the_first_harmonic_is_the_amplitude_of_what_beats_once() -> None:
    turn = 2 * np.pi * np.arange(16) / 16
    frames = np.zeros((16, 60, 60), np.uint8)
    frames[:, 10:30, 10:30] = (100 + 40 * np.cos(turn + 1)).round()[:, None, None]
    frames[:, 40:55, 40:55] = (100 + 40 * np.cos(2 * turn)).round()[:, None, None]
    amplitude = first_harmonic(frames)
    assert amplitude[20, 20] == pytest.approx(40, abs=1)
    assert amplitude[47, 47] == pytest.approx(0, abs=1)


@pytest.mark.parametrize(("row_mm", "column_mm"), [(1.0, 1.0), (1.5, 1.5), (0.8, 1.2), (2.0, 2.0)])
def test_the_canvas_is_1_mm_a_pixel_around_the_centre(row_mm: float, column_mm: float) -> None:
    frames = np.zeros((2, 120, 120), np.uint8)
    frames[:, 50:70, 50:70] = 255
    out = canvas(frames, row_mm, column_mm)
    assert out.shape == (2, SIDE_MM, SIDE_MM)
    rows, columns = (np.flatnonzero(out[0].max(axis=axis) > 127) for axis in (1, 0))
    assert len(rows) == pytest.approx(20 * row_mm, abs=2)
    assert len(columns) == pytest.approx(20 * column_mm, abs=2)
    assert rows.mean() == pytest.approx((SIDE_MM - 1) / 2, abs=1)
