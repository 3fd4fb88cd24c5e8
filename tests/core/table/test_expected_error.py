from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.table.expected_error import REASONS, SIGNALS, apart, correlation, doubt_at, expected_error, signals
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.edits import SetContours
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def loop(confidence: float = 0.95, half_width: float = 25.0) -> Reading:
    widths = beating() * half_width / 25
    return reading_of(widths, calibration=HALF_MM, events=two_beats(), confidence=confidence)


def with_atrium(reading: Reading, times: float) -> Reading:
    endo = reading.tracks[Structure.LV_ENDO]
    smaller = tuple(one if one is None else replace(one, points=one.points * times) for one in endo.contours)
    atrium = ContourTrack(Structure.LA, smaller, endo.origins, endo.confidence)
    return reading.with_(tracks={Structure.LV_ENDO: endo, Structure.LA: atrium})


def test_the_data_file_has_every_signal_and_says_what_it_was_fitted_on() -> None:
    model = expected_error()
    assert set(model.powers) == set(model.ranges) == set(SIGNALS)
    assert set(REASONS) <= set(SIGNALS)
    assert 1.6 < model.within["90"] < model.within["95"] < 3.0
    assert 0 <= model.together < 1
    assert {"fitted_on", "holds_for", "limits", "model", "command"} <= set(model.card)


def test_doubt_a_wide_cavity_and_a_small_atrium_widen_it() -> None:
    sure = doubt_at(loop(), (0,)).scale
    assert doubt_at(loop(0.91), (0,)).scale > 1.5 * sure
    assert doubt_at(loop(half_width=29.0), (0,)).scale > sure
    large, small = (doubt_at(with_atrium(loop(), times), (0,)).scale for times in (0.8, 0.4))
    assert small > large


def test_the_reason_is_what_widens_it_most_at_the_frame_most_in_doubt() -> None:
    reading = loop(0.9)
    endo = reading.tracks[Structure.LV_ENDO]
    unsure = endo.confidence.copy()
    unsure[20] = 0.88
    doubt = doubt_at(reading.with_(tracks={Structure.LV_ENDO: replace(endo, confidence=unsure)}), (0, 20))
    assert (doubt.frame, doubt.reason) == (20, "unsure")


def test_beyond_what_was_seen_the_nearest_end_holds() -> None:
    assert doubt_at(loop(0.3), (0,)).scale == pytest.approx(doubt_at(loop(0.5), (0,)).scale)


def test_a_contour_that_a_person_drew_has_the_error_of_observers() -> None:
    reading = loop(0.8)
    contour = reading.tracks[Structure.LV_ENDO].contours[0]
    drawn = SetContours(Structure.LV_ENDO, 0, (contour,)).apply(reading, "Ada")
    assert drawn.tracks[Structure.LV_ENDO].origins[0] is Origin.EDITED
    assert signals(drawn, 0) is None
    doubt = doubt_at(drawn, (0,))
    assert (doubt.scale, doubt.frame) == (expected_error().drawn, None)
    assert doubt_at(drawn, (0, 20)).frame == 20


def together(at_ed: float, at_es: float, left: float) -> float:
    return apart(at_ed, at_es, correlation(expected_error().together, left))


def test_errors_that_go_together_cancel_in_part_and_more_the_less_is_ejected() -> None:
    assert together(0.2, 0.2, 0.4) < np.hypot(0.2, 0.2)
    assert together(0.0, 0.2, 0.4) == pytest.approx(0.2)
    assert together(0.2, 0.2, 1.0) == 0.0
    assert together(0.2, 0.2, 0.9) < together(0.2, 0.2, 0.7) < together(0.2, 0.2, 0.5)
    assert correlation(0.5, 0.5) == correlation(0.5, 0.3) == pytest.approx(0.5)
