import pytest

from kinecor.core.values.reading import ModelAuthor, is_person, model_author, short_author


@pytest.mark.parametrize(
    ("author", "model", "short"),
    [
        ("model:a4c@2.0+abc", ModelAuthor("a4c", "2.0", "abc"), "a4c@2.0"),
        ("model:a4c@2.0", ModelAuthor("a4c", "2.0", ""), "a4c@2.0"),
        ("model:a4c", ModelAuthor("a4c", "", ""), "a4c"),
        ("Dr. Ada Lovelace", None, "Dr. Ada Lovelace"),
        ("ada@hospital.org", None, "ada@hospital.org"),
        ("", None, ""),
    ],
)
def test_a_person_is_not_a_model(author: str, model: ModelAuthor | None, short: str) -> None:
    assert model_author(author) == model
    assert short_author(author) == short


@pytest.mark.parametrize(
    ("name", "person"), [("Dr Grey", True), ("model:unet@1", False), (" Model:unet", False), ("", False), ("  ", False)]
)
def test_a_person_is_never_taken_for_a_model(name, person):
    assert is_person(name) is person
