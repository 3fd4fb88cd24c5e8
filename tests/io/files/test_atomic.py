import errno
import os
import stat
from pathlib import Path

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.io.files.atomic import whole, whole_folder, write_bytes, write_text
from tests.readings import names


def test_writes_and_makes_the_folder(tmp_path: Path) -> None:
    write_text(tmp_path / "new" / "a.json", "é\n")
    assert (tmp_path / "new" / "a.json").read_bytes() == "é\n".encode()


def test_the_temporary_name_has_the_same_folder_and_ending(tmp_path: Path) -> None:
    with whole(tmp_path / "mask.nii.gz") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.endswith(".nii.gz")
        temporary.write_bytes(b"x")
        assert not (tmp_path / "mask.nii.gz").exists()
    assert names(tmp_path) == ["mask.nii.gz"]


@pytest.mark.parametrize("trouble", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_and_the_old_file_stays(tmp_path: Path, trouble: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def half() -> None:
        with whole(target) as temporary:
            temporary.write_text("half")
            raise trouble

    with pytest.raises(trouble):
        half()
    assert names(tmp_path) == ["a.txt"]
    assert target.read_text() == "old"


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KinecorError, match=r"cannot be written .*: choose a folder"):
        write_bytes(tmp_path / "file" / "a", b"")


def test_a_folder_of_that_name_is_refused_and_left_unchanged(tmp_path: Path) -> None:
    (tmp_path / "a" / "inside").mkdir(parents=True)
    with pytest.raises(KinecorError):
        write_bytes(tmp_path / "a", b"x")
    assert names(tmp_path) == ["a"]


def test_a_folder_appears_whole(tmp_path):
    there = tmp_path / "new" / "study"
    with whole_folder(there) as folder:
        (folder / "sax").mkdir()
        (folder / "sax" / "a.dcm").write_bytes(b"1")
        assert not there.exists()
    assert (there / "sax" / "a.dcm").read_bytes() == b"1"
    assert [one.name for one in there.parent.iterdir()] == ["study"]


def test_an_empty_folder_is_filled_and_a_full_one_is_refused(tmp_path):
    with whole_folder(tmp_path / "study") as folder:
        (folder / "a").write_text("1")
    (tmp_path / "empty").mkdir()
    with whole_folder(tmp_path / "empty") as folder:
        (folder / "a").write_text("1")
    assert names(tmp_path / "empty") == ["a"]
    with pytest.raises(KinecorError, match="not empty"), whole_folder(tmp_path / "study"):
        pass
    assert (tmp_path / "study" / "a").read_text() == "1"


def test_nothing_is_left_of_a_folder_that_was_given_up(tmp_path):
    def half() -> None:
        with whole_folder(tmp_path / "study") as folder:
            (folder / "a").write_text("1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_created_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KinecorError, match="cannot be written"), whole_folder(tmp_path / "file" / "study"):
        pass


def test_the_folder_one_stands_in_may_be_filled(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with whole_folder(Path()) as folder:
        (folder / "sax").mkdir()
        (folder / "sax" / "a").write_text("1")
    assert (tmp_path / "here" / "sax" / "a").is_file()
    assert names(Path.cwd()) == ["sax"]


def test_an_empty_folder_stays_empty_when_given_up(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path) as folder:
        (folder / str(1 // 0)).write_text("")
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_private_file_is_its_owners_alone_from_the_first_byte_on(tmp_path: Path) -> None:
    with whole(tmp_path / "new" / "report.pdf", private=True) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        temporary.write_bytes(b"x")
    assert stat.S_IMODE((tmp_path / "new" / "report.pdf").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_what_is_written_is_for_its_owner_only_and_what_was_there_stays_open(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    write_text(tmp_path / "there" / "new" / "deep" / "result.json", "{}")
    with whole_folder(tmp_path / "there" / "copies") as folder:
        (folder / "a").write_text("")
    modes = {
        str(one.relative_to(tmp_path)): stat.S_IMODE(one.stat().st_mode) for one in tmp_path.rglob("*") if one.is_dir()
    }
    assert modes == {"there": 0o755, "there/new": 0o700, "there/new/deep": 0o700, "there/copies": 0o700}
    assert stat.S_IMODE((tmp_path / "there/new/deep/result.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EDQUOT])
def test_a_folder_that_refuses_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refuses)
    with pytest.raises(KinecorError, match=rf"cannot be written \({os.strerror(number)}\): choose a folder"):
        write_text(tmp_path / "new" / "a.json", "{}")
