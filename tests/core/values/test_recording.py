"""What the images show: runs of frozen frames, and which frames can be measured."""

from kinecor.core.values.recording import ImageFacts


def test_a_run_of_repeats_is_frozen_and_a_single_one_is_not() -> None:
    facts = ImageFacts(measured=True, repeated=(3, 7, 8, 9, 12, 13))

    assert facts.frozen == ((7, 9), (12, 13))


def test_nothing_is_frozen_where_nothing_repeats() -> None:
    assert ImageFacts().frozen == ()


def test_damaged_and_repeated_frames_are_not_sound() -> None:
    sound = ImageFacts(damaged=(1,), repeated=(3,)).sound(5)

    assert sound.tolist() == [True, False, True, False, True]
