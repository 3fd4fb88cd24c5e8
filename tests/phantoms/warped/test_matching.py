import numpy as np
import pytest

from kinecor_phantoms.warped.frame import APICAL, SHORT_AXIS, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.matching import long_axis, match_lines, short_axis
from kinecor_phantoms.warped.outline import outlines
from tests.models.warped_fields import pair


def _lines(view: str, twist_deg: float = 0.0) -> dict[str, list]:
    ed, es, anatomy = pair(view)
    found: dict[str, list] = {}
    borders = [outlines(frame.label, anatomy.regions) for frame in (ed, es)]
    for line in match_lines(*borders, anatomy, twist_deg):
        found.setdefault(line.structure, []).append(line)
    return found


def test_long_axis_lines_run_from_hinge_point_to_hinge_point() -> None:
    lines = _lines("apical")
    for name in ("lv_endo", "lv_epi", "la"):
        ed, es = lines[name][0].ed, lines[name][0].es
        for line, base, half in ((ed, 105, 24), (es, 93, 16)):
            assert line[0] == pytest.approx((65 - half, base), abs=2.5)
            assert line[-1] == pytest.approx((65 + half, base), abs=2.5)


def test_the_apex_stays_the_apex_and_corners_stay_corners() -> None:
    lines = _lines("apical")
    one, other = lines["lv_endo"][0].landmarks()
    apex = one[:, 1].argmin()
    assert other[apex] == pytest.approx((65, 30), abs=2)
    epi = lines["lv_epi"][0]
    assert len(epi.anchors) == 5
    corner = epi.landmarks()[1][np.linalg.norm(epi.landmarks()[0] - (65 + 33, 105), axis=1).argmin()]
    assert corner == pytest.approx((65 + 29, 93), abs=2.5)


def test_the_angle_of_short_axis_lines_is_preserved() -> None:
    for name in ("lv_endo", "lv_epi"):
        one, other = _lines("short axis")[name][0].landmarks()
        angles = [np.unwrap(np.arctan2(p[:, 1] - 60, p[:, 0] - 74)) for p in (one, other)]
        assert angles[0] == pytest.approx(angles[1], abs=0.12)


def test_a_twist_turns_the_ventricle_on_its_way() -> None:
    one, other = _lines("short axis", 12.0)["lv_endo"][0].landmarks()
    angles = [np.unwrap(np.arctan2(p[:, 1] - 60, p[:, 0] - 74)) for p in (one, other)]
    turn = np.degrees(np.mean(angles[1] - angles[0]))
    assert (turn + 180) % 360 - 180 == pytest.approx(12, abs=2.5)


def test_the_right_ventricle_has_septum_and_free_wall() -> None:
    septum, free = _lines("short axis")["rv"]
    assert septum.ed[:, 0].mean() > free.ed[:, 0].mean()
    assert np.linalg.norm(septum.ed[-1] - free.ed[0]) < 1


def test_a_slice_without_cavity_is_refused() -> None:
    label = pair("short axis")[0].label.copy()
    label[label == 3] = 2
    with pytest.raises(NoMatchError, match="left ventricle with wall at ES"):
        short_axis(outlines(label, SHORT_AXIS.regions), SHORT_AXIS, "ES")


def test_a_cavity_without_valve_is_refused() -> None:
    label = np.zeros((60, 60), np.uint8)
    label[10:50, 10:50], label[20:40, 20:40] = 2, 1
    with pytest.raises(NoMatchError, match="three sides at ED"):
        long_axis(outlines(label, APICAL.regions), APICAL, "ED")


def test_frames_are_checked() -> None:
    with pytest.raises(ValueError, match="of its size"):
        LabelledFrame(np.zeros((4, 5), np.uint8), np.zeros((5, 4), np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        LabelledFrame(np.zeros((4, 5), np.float32), np.zeros((4, 5), np.uint8))  # type: ignore[arg-type]
