from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kinecor.session.store import readings_folder, study_file


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "here"))
    assert study_file("1.2.840.113619.2").parent == tmp_path / "here"


def test_without_it_the_systems_folder_is_used(monkeypatch, tmp_path):
    monkeypatch.delenv("KINECOR_DATA_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = readings_folder()
    assert folder.name == "readings"
    assert folder.parent.name == "kinecor"


def test_a_uid_is_the_file_name_and_other_ids_are_distinguished():
    assert study_file("1.2.840.113619.2").name == "1.2.840.113619.2.kinecor"
    hard = ["A", "a", "../../etc/passwd", "con", "a/b", "a\\b", "a b", "1.", ".1", "ß" * 300, "\udcff", "1.2\n", "."]
    names = [study_file(one).name.lower() for one in hard]
    assert len(set(names)) == len(hard)


def test_an_empty_id_is_refused():
    with pytest.raises(ValueError, match="needs an id"):
        study_file("")


@given(st.text(min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_id_gives_one_plain_file_name(study_id):
    path = study_file(study_id)
    assert path.parent == readings_folder()
    assert path.name == Path(path.name).name
    assert len(path.name) < 100
    assert path.name.isascii()
    assert path.name[0].isalnum()
