import os
import subprocess
import sys
import tempfile
import time

import pytest

from kinecor.io.files.atomic import TemporaryFolder, clear_stale

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nothing is cleared on Windows")


@pytest.fixture
def temp(tmp_path, monkeypatch):
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def aged(folder, days):
    (folder / "a.dcm").write_bytes(b"x") if folder.is_dir() and not folder.is_symlink() else None
    then = time.time() - days * 24 * 3600
    os.utime(folder, (then, then))
    return folder


def dead_process():
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_what_a_killed_process_left_is_cleared_and_nothing_else(temp):
    dead = dead_process()
    names = {
        "old": f"kinecor-{dead}-abcdefgh",
        "unnumbered": "kinecor-abcdefgh",
        "young": f"kinecor-{dead}-ijklmnop",
        "in use": f"kinecor-{os.getpid()}-abcdefgh",
        "other": "kinecor-notes of mine",
        "file": f"kinecor-{dead}-qrstuvwx",
    }
    for what, name in names.items():
        (temp / name).touch() if what == "file" else (temp / name).mkdir()
        aged(temp / name, 0.5 if what == "young" else 2)
    (temp / f"kinecor-{dead}-linklink").symlink_to(temp / names["other"])
    clear_stale()
    left = {what for what, name in names.items() if (temp / name).exists()}
    assert left == {"young", "in use", "other", "file"}
    assert (temp / names["other"] / "a.dcm").exists()


def test_a_folder_names_its_process(temp):
    folder = TemporaryFolder()
    assert folder.path.name.startswith(f"kinecor-{os.getpid()}-")
    aged(folder.path, 2)
    clear_stale()
    assert folder.path.is_dir()
    folder.remove()
    assert not folder.path.exists()
