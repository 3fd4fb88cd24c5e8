"""Everything that `kinecor analyse --anonymise` writes and says, searched for what identifies a person."""

import gzip
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from kinecor.cli import main
from kinecor.cli.batch import recordings
from tests.cli.test_analyse_command import propose
from tests.io.write.sources import write_sector
from tests.io.write.test_anonymise import plant, secrets_of
from tests.results import read_result


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recordings, "propose", propose)
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file under its name, and what packed ones hold."""
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        name, content = str(file.relative_to(folder)), file.read_bytes()
        yield name, name.encode() + content
        if file.suffix == ".gz":
            yield name, gzip.decompress(content)
        if file.suffix == ".zip":
            with zipfile.ZipFile(file) as packed:
                yield from ((f"{name}/{one}", one.encode() + packed.read(one)) for one in packed.namelist())
        if file.suffix == ".pdf":
            document = pypdfium2.PdfDocument(file)
            words = " ".join(page.get_textpage().get_text_range() for page in document)
            yield name, f"{words} {document.get_metadata_dict()}".encode()
            document.close()


def test_nothing_that_identifies_is_in_any_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "PLANTFOLDER"
    folder.mkdir()
    clips = [plant(write_sector(folder / f"PLANTFILE-{view}.dcm", view)) for view in ("A4C", "A2C")]
    (folder / "PLANTVIDEO.mp4").write_bytes(b"\0\0\0\x18ftypmp42PLANT")
    (folder / "PLANTBROKEN.dcm").write_bytes(clips[0].read_bytes()[:900])
    out = tmp_path / "out"
    asked = ["--masks", "--csv", "--pdf", "--sr", "--seg", "--dicom", "--contours", "--pictures", "--film", "gif"]
    status = main(["analyse", str(folder), "--out", str(out), "--anonymise", *asked, "--zip"])
    said = capfd.readouterr()
    assert status == 1  # the video and the broken file are left out
    secrets = {one for clip in clips for one in secrets_of(clip)}
    everything = {**dict(contents(out)), "said": (said.out + said.err).replace(str(out), "").encode()}
    assert len(everything) > 30
    leaks = {(name, secret) for name, content in everything.items() for secret in secrets if secret in content}
    assert leaks == set()
    assert "file 3 of 4: left out" in said.err or "file 4 of 4: left out" in said.err
    result = read_result(out / "result.json")
    assert all(one["source"].startswith("anonymised/2.25.") for one in result["recordings"])
    assert all(one["error"] is None for one in result["recordings"])
    changes = json.loads((out / "anonymised.json").read_text("utf-8"))
    assert changes["removed"]["InstitutionName"] == changes["replaced"]["PatientName"] == 2
    assert len(changes["left_out"]) == 2
    assert {one["picture"] for one in changes["files"]} == {"sector"}
    modes = {(one.is_dir(), one.stat().st_mode & 0o777) for one in [out, *out.rglob("*")]}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_retaining_without_anonymising_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["analyse", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main([*asked, "--retain", "dates"]) == 2
    assert "belong to --anonymise" in capsys.readouterr().err
    assert main([*asked, "--anonymise", "--retain", "names"]) == 2
    assert "expected dates or characteristics, got 'names'" in capsys.readouterr().err


def test_a_dry_run_shows_values_and_writes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    clip = plant(write_sector(tmp_path / "in" / "clip.dcm", "A4C"))
    (tmp_path / "in" / "notes.txt").write_text("text")
    asked = ["analyse", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--anonymise", "--dry-run"]
    assert main([*asked, "--retain", "dates"]) == 0
    said = capfd.readouterr().out
    assert str(clip) in said
    assert "InstitutionName: 'PLANTINSTITUTION' removed" in said
    assert "PatientName: 'PLANTNAME^Jane' -> 'ANON-" in said
    assert "days earlier" in said
    assert "pixels blanked in every frame" in said
    assert not (tmp_path / "out").exists()


def test_a_dry_run_without_anonymise_is_bad_usage(tmp_path: Path) -> None:
    assert main(["analyse", str(tmp_path), "--out", str(tmp_path / "out"), "--dry-run"]) == 2
