import gc

from kinecor.core.values.reading import cached


class Part:
    pass


def test_the_same_parts_give_the_same_value_without_work():
    made, part = [], Part()

    def make():
        made.append(1)
        return Part()

    first = cached("a", (part, 0.5, None), make)
    assert cached("a", (part, 0.5, None), make) is first
    assert len(made) == 1


def test_another_part_name_or_number_is_another_value():
    part = Part()
    first = cached("a", (part, 0.5), Part)
    assert cached("a", (Part(), 0.5), Part) is not first
    assert cached("b", (part, 0.5), Part) is not first
    assert cached("a", (part, 0.25), Part) is not first


def test_an_object_in_the_place_of_one_that_has_gone_is_not_taken_for_it():
    values = []
    for number in range(300):  # more than are cached, so that places of memory come again
        values.append(cached("a", (Part(),), lambda number=number: number))
        gc.collect(0)
    assert values == list(range(300))
