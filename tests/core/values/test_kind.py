import pytest

from kinecor.core.values import kind
from kinecor.core.values.kind import KINDS, kind_of


@pytest.mark.parametrize(
    ("modality", "view", "expected"),
    [
        ("US", None, kind.APICAL_LOOP),
        ("", "unknown", kind.APICAL_LOOP),
        ("US", "A3C", kind.APICAL_LOOP),
        ("US", "PLAX", kind.OTHER_VIEW),
        ("US", "PSAX base", kind.SHORT_AXIS_LOOP),
        ("US", "SAX", kind.SHORT_AXIS_LOOP),
        ("MR", "SAX", kind.SHORT_AXIS_MRI),
        ("MR", "A2C", kind.LONG_AXIS_MRI),
        ("MR", None, kind.OTHER_MRI),
        ("MR", "PLAX", kind.OTHER_MRI),
        ("XA", "A4C", kind.OTHER_MODALITY),
    ],
)
def test_a_loop_is_of_the_kind_that_its_modality_and_view_say(modality, view, expected):
    assert kind_of(stack=False, stack_slice=False, modality=modality, view=view) is expected


def test_a_stack_and_its_slices_are_short_axes_whatever_their_view_is_called():
    assert kind_of(stack=True, stack_slice=False, modality="", view="SAX") is kind.SHORT_AXIS_STACK
    assert kind_of(stack=False, stack_slice=True, modality="MR", view="A4C") is kind.STACK_SLICE


def test_kinds_are_consistent():
    assert len({one.name for one in KINDS}) == len(KINDS)
    for one in KINDS:
        assert (one.strain == "short-axis") is one.closed
        assert one.headline_strain == ("GCS" if one.closed else "GLS")
        assert one.network is None or one.automatic


def test_long_axes_are_named_as_readers_of_mri_do():
    assert kind.LONG_AXIS_MRI.view_name("A4C") == "4CH"
    assert kind.APICAL_LOOP.view_name("A4C") == "A4C"
