import pytest

from kinecor.core.values.choices import Body, Extent, Insertion, Papillaries, StrainChoices
from kinecor.core.values.reading import Decision
from kinecor.core.values.track import Structure
from kinecor.session.edits import (
    Decide,
    OnSlice,
    SetBody,
    SetContours,
    SetExcluded,
    SetExtent,
    SetInsertion,
    SetMotion,
    SetNotes,
    SetPapillaries,
    SetStrainChoices,
)
from tests import sax_stacks
from tests.deep import same
from tests.session.samples import ALL_STACK_EDITS, FRAMES, circle, first, first_stack


@pytest.mark.parametrize("edit", ALL_STACK_EDITS, ids=lambda edit: edit.summary)
def test_an_edit_leaves_the_reading_it_starts_from_untouched(edit):
    start, twin = first_stack(), first_stack()
    edit.apply(start, "Anna")
    assert same(start, twin)


def test_only_the_slice_that_is_meant_changes():
    start = first_stack()
    after = OnSlice(1, SetContours(Structure.RV, 2, (circle(),))).apply(start, "Anna")
    assert [one is two for one, two in zip(start.slices, after.slices, strict=True)] == [True, False, True]
    assert after.slices[1].tracks[Structure.RV].contours[2] == circle()
    assert after.slices[1].authors == {"tracks/rv/edited": "Anna"}


def test_a_contour_opens_accepted_numbers_of_the_stack_again():
    accepted = {"EF": Decision("EF", True, None, "Ann"), "EDV": Decision("EDV", True, 120.0, "Ann")}
    start = first_stack().with_(decisions=accepted)
    assert set(OnSlice(0, SetContours(Structure.RV, 0, (circle(),))).apply(start, "B").decisions) == {"EDV"}
    assert set(OnSlice(0, SetNotes("x")).apply(start, "B").decisions) == {"EF", "EDV"}
    for edit in (SetExtent(Extent((0,) * FRAMES, (1,) * FRAMES)), SetExcluded((1,)), SetBody(Body(180, 80))):
        assert set(edit.apply(start, "B").decisions) == {"EDV"}


def test_who_chose_what():
    reading = SetExcluded((1,)).apply(SetPapillaries(Papillaries.MYOCARDIUM).apply(first_stack(), "Ann"), "Ben")
    assert reading.authors == {"short_axis/papillaries": "Ann", "short_axis/excluded": "Ben"}
    assert reading.short_axis.excluded == (1,)
    assert reading.short_axis.papillaries is Papillaries.MYOCARDIUM


@pytest.mark.parametrize(
    "edit",
    [
        OnSlice(3, SetNotes("x")),
        OnSlice(-1, SetNotes("x")),
        OnSlice(0, SetContours(Structure.RV, FRAMES, (circle(),))),
        SetExcluded((3,)),
        SetExtent(Extent((0,), (1,))),
        SetExtent(Extent((0,) * FRAMES, (3,) * FRAMES)),
    ],
)
def test_what_does_not_fit_is_refused(edit):
    with pytest.raises(ValueError, match=r"slice|frames|phases"):
        edit.apply(first_stack(), "Anna")


@pytest.mark.parametrize("edit", [SetExcluded(()), SetPapillaries(Papillaries.CAVITY), SetBody(Body())])
def test_a_loop_has_nothing_of_a_stack(edit):
    with pytest.raises(ValueError, match="is a loop"):
        edit.apply(first(), "Anna")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (SetExtent(None), "basal and apical slice: automatic"),
        (SetExtent(Extent((0, 1), (5, 5))), "basal slice 1–2, apical slice 6"),
        (SetInsertion(Insertion(99.6)), "anterior RV insertion at 100°"),
        (SetBody(Body(171.5, None)), "171.5 cm, weight unknown, Mosteller"),
    ],
)
def test_the_history_says_it_in_a_few_words(edit, words):
    assert edit.summary == words


def test_other_motion_opens_what_was_accepted_of_strain():
    one = sax_stacks.reading()
    for code in ("GCS", "EDV"):
        one = Decide(code, accepted=True).apply(one, "Dr Doe")
    after = OnSlice(0, SetMotion(None)).apply(one, "model:x@1")
    assert set(after.decisions) == {"EDV"}
    left_out = SetStrainChoices(StrainChoices(excluded=(15,))).apply(one, "Dr Doe")
    assert set(left_out.decisions) == {"EDV"}


def test_a_loop_may_have_an_insertion_but_no_slices():
    loop = sax_stacks.reading().slices[0]
    assert SetInsertion(Insertion(100.0)).apply(loop, "Dr Doe").short_axis.insertion.angle_deg == 100
    with pytest.raises(ValueError, match="is a loop"):
        SetExcluded((0,)).apply(loop, "Dr Doe")
