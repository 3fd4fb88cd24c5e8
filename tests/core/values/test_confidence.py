import pytest

from kinecor.core.values.confidence import (
    LOOP_CONTOURS,
    SINGLE_KEYFRAME,
    STACK_CONTOURS,
    TRACKING_QUALITY,
    Floors,
    Trust,
)


@pytest.mark.parametrize("floors", [LOOP_CONTOURS, STACK_CONTOURS, TRACKING_QUALITY])
def test_trust_falls_with_confidence_and_is_ok_without_one(floors: Floors) -> None:
    assert floors.trust(floors.check) is Trust.OK
    assert floors.trust(floors.withheld - 0.01) is Trust.WITHHELD
    assert floors.trust(None) is Trust.OK
    assert floors.check == floors.withheld or floors.trust(floors.withheld) is Trust.CHECK


def test_values_at_a_contour_propagated_from_one_frame_are_withheld() -> None:
    assert LOOP_CONTOURS.trust(SINGLE_KEYFRAME) is Trust.WITHHELD


def test_the_floors_are_in_order() -> None:
    with pytest.raises(ValueError, match="withheld <= check"):
        Floors(check=0.6, withheld=0.7, gates="", source="")
