import json
from datetime import UTC, datetime

import pytest

from kinecor.cli.commands import main
from kinecor.io.open.recordings import open_path
from kinecor.io.write.anchors import heads_in
from kinecor.io.write.derived import Series, derived_object, save_derived
from kinecor.session import audit
from kinecor.session.store import Store, study_file
from tests.io import make_dicom as make


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))


def fill(name="1.2.3", count=3):
    with Store.open(study_file(name)) as store:
        for number in range(count):
            audit.note(store.path, store.append("Anna", "r", "set-notes/1", b'{"text":"%d"}' % number))
    return study_file(name)


def test_all_studies_are_copied_also_while_one_is_open(tmp_path, capsys):
    one, two = fill("1.2.3"), fill("1.2.4")
    with Store.open(one) as store:
        store.append("Anna", "r", "set-notes/1", b"{}")
        assert main(["backup", "--out", str(tmp_path / "copies")]) == 0
        store.append("Anna", "r", "set-notes/1", b"{}")
    copies = [tmp_path / "copies" / path.name for path in (one, two)]
    assert capsys.readouterr().out.split() == list(map(str, copies))
    counts = []
    for path in copies:
        assert path.stat().st_mode & 0o077 == 0
        with Store.read(path) as store:
            assert store.verify() is None
            counts.append(len(store.entries()))
    assert counts == [4, 3]
    assert sorted(path.name for path in (tmp_path / "copies").iterdir()) == [path.name for path in copies]


def test_a_copy_is_brought_up_to_date_but_a_better_one_stays(tmp_path, capsys):
    path, out = fill(), tmp_path / "copies"
    assert main(["backup", str(path), "--out", str(out)]) == 0
    before = path.read_bytes()
    fill(count=2)
    assert main(["backup", str(path), "--out", str(out)]) == 0
    with Store.read(out / path.name) as store:
        assert len(store.entries()) == 5
    path.write_bytes(before)  # entries were lost: the copy is the better one
    capsys.readouterr()
    assert main(["backup", str(path), "--out", str(out)]) == 1
    assert "holds entries that 1.2.3.kinecor does not have (its entry 5)" in capsys.readouterr().err
    with Store.read(out / path.name) as store:
        assert len(store.entries()) == 5


def test_a_restored_backup_is_the_study(tmp_path):
    path = fill()
    assert main(["backup", "--out", str(tmp_path / "copies")]) == 0
    path.unlink()
    (tmp_path / "copies" / path.name).rename(path)
    with Store.open(path) as store:
        assert len(store.entries()) == 3
        assert store.append("Anna", "r", "set-notes/1", b"{}").number == 4
        assert store.verify() is None


def test_nothing_to_copy_or_to_check_is_a_sentence(tmp_path, capsys):
    assert main(["backup", "--out", str(tmp_path / "copies")]) == 1
    assert main(["verify", str(tmp_path / "none.kinecor")]) == 1
    error = capsys.readouterr().err
    assert "holds no saved studies" in error
    assert "there is none" in error


def test_verify_names_what_is_missing(capsys):
    path = fill()
    assert main(["verify"]) == 0
    assert "as it was written; 3 entries" in capsys.readouterr().out
    before = path.read_bytes()
    fill(count=1)
    path.write_bytes(before)
    assert main(["verify", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == 1
    assert found["files"][0]["faults"] == ["Entries 4 to 4 are missing: the audit log names them."]
    path.write_bytes(b"no database at all" * 100)
    assert main(["verify"]) == 1
    assert "does not agree" in capsys.readouterr().out


def test_documents_name_the_head(tmp_path, capsys):
    clip = make.write_loop(tmp_path / "a.dcm")
    (cine,) = open_path(clip).recordings
    study = cine.source.study_id
    path = fill(study, 4)
    made = derived_object(
        cine.cines[0].instances[0], "1.2.840.10008.5.1.4.1.1.88.33", Series("SR", 1, "x"), datetime.now(UTC)
    )
    save_derived(made, tmp_path / "sr.dcm")
    assert heads_in(tmp_path / "sr.dcm") == [(study, audit.saved_head(study))]
    assert main(["verify", "--against", str(tmp_path / "sr.dcm")]) == 0
    audit.audit_log().unlink()
    path.unlink()
    fill(study, 2)
    audit.audit_log().unlink()
    capsys.readouterr()
    assert main(["verify", "--against", str(tmp_path / "sr.dcm")]) == 1
    assert "Entries 3 to 4 are missing: sr.dcm names them." in capsys.readouterr().out
    result = {"studies": [{"id": study, "journal": {"entries": 2, "head": "0" * 64}}, {"id": "other"}]}
    (tmp_path / "result.json").write_text(json.dumps(result))
    assert main(["verify", "--against", str(tmp_path / "result.json")]) == 1
    assert "Entry 2 is another one than result.json names" in capsys.readouterr().out
    (tmp_path / "sr.dcm").write_bytes(b"x")
    assert main(["verify", "--against", str(tmp_path / "sr.dcm")]) == 1
    assert "cannot be read" in capsys.readouterr().err
