from hypothesis import given
from hypothesis import strategies as st

from kinecor.io.files.atomic import safe_name, safe_names


def test_a_uid_stays_as_it_is() -> None:
    assert safe_name("1.2.840.113619.2.5") == "1.2.840.113619.2.5"


@given(st.text())
def test_no_identifier_leaves_the_folder(recording_id: str) -> None:
    name = safe_name(recording_id)
    assert name
    assert not name.startswith(".")
    assert not set(name) & set("/\\:\0 ")
    assert len(name) < 120


@given(st.lists(st.sampled_from(["a", "A", "a/b", "a_b", "../a", "a-2"]), max_size=8))
def test_names_differ_even_where_case_does_not_count(recording_ids: list[str]) -> None:
    names = safe_names(recording_ids)
    assert len({name.casefold() for name in names}) == len(recording_ids)


def test_cleaned_identifiers_stay_apart() -> None:
    assert safe_name("a/b") != safe_name("a?b") != safe_name("a_b")


def test_a_repeated_identifier_is_numbered() -> None:
    assert safe_names(["1.2", "1.2", "1.2"]) == ("1.2", "1.2-2", "1.2-3")
