import gc
import threading
from weakref import ref

import pytest

from kinecor.core.values.derived import KEPT, Derived
from kinecor.core.values.reading import compute_once
from kinecor.core.values.track import Structure
from tests.readings import cine, read


class Part:
    pass


def test_the_same_parts_give_the_same_value_without_work():
    made, part, derived = [], Part(), Derived()

    def make():
        made.append(1)
        return Part()

    first = derived.value("a", (part, 0.5, None), make)
    assert derived.value("a", (part, 0.5, None), make) is first
    assert derived.known("a", (part, 0.5, None))
    assert len(made) == 1


def test_another_part_name_or_number_is_another_value():
    part, derived = Part(), Derived()
    first = derived.value("a", (part, 0.5), Part)
    assert not derived.known("a", (Part(), 0.5))
    assert derived.value("a", (Part(), 0.5), Part) is not first
    assert derived.value("b", (part, 0.5), Part) is not first
    assert derived.value("a", (part, 0.25), Part) is not first
    assert derived.value("a", (part,), Part) is not first


def test_an_object_in_the_place_of_one_that_has_gone_is_not_taken_for_it():
    values, derived = [], Derived()
    for number in range(300):  # more than are kept, so that places of memory come again
        values.append(derived.value("a", (Part(),), lambda number=number: number))
        gc.collect(0)
    assert values == list(range(300))


def test_of_a_value_those_used_last_are_kept():
    parts, derived = [Part() for _ in range(KEPT + 1)], Derived()
    for part in parts[:-1]:
        derived.value("a", (part,), Part)
    derived.value("a", (parts[0],), Part)  # used again
    derived.value("a", (parts[-1],), Part)
    assert [derived.known("a", (part,)) for part in parts] == [True, False, *[True] * (KEPT - 1)]


def test_the_next_reading_takes_over_what_rests_on_parts_that_stay():
    first = read(cine())
    endo = first.tracks[Structure.LV_ENDO]
    value = compute_once(first, "a", (endo,), Part)
    after = first.with_(notes="another Reading")
    assert compute_once(after, "a", (after.tracks[Structure.LV_ENDO],), Part) is value
    assert compute_once(read(cine()), "a", (endo,), Part) is not value, "of another recording"


def test_what_is_derived_goes_with_the_last_reading():
    first = read(cine())
    after = first.with_(notes="another Reading")
    gone = (
        ref(compute_once(first, "whole", (first,), Part)),
        ref(compute_once(after, "part", (after.facts,), Part)),
        ref(first),
    )
    gc.disable()
    try:
        del first
        assert gone[2]() is None, "what is derived does not hold a Reading that was superseded"
        del after
        assert [one() for one in gone] == [None, None, None]
    finally:
        gc.enable()


def test_a_value_that_one_thread_computes_is_waited_for_by_another():
    derived, begun, go_on, made = Derived(), threading.Event(), threading.Event(), []

    def make():
        begun.set()
        go_on.wait(10)
        made.append(Part())
        return made[-1]

    found = []
    ask = lambda: found.append(derived.value("a", (1,), make))  # noqa: E731
    first = threading.Thread(target=ask)
    first.start()
    begun.wait(10)
    second = threading.Thread(target=ask)
    second.start()
    assert not derived.known("a", (1,))
    go_on.set()
    first.join()
    second.join()
    assert found == [made[0], made[0]]
    assert len(made) == 1


def test_what_fails_is_tried_again():
    derived = Derived()

    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        derived.value("a", (1,), fail)
    assert derived.value("a", (1,), Part) is derived.value("a", (1,), Part)
