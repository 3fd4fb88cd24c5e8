import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def test_what_a_killed_process_left_is_cleared_at_the_next_start_and_nothing_else(temp):
    """Killed a moment ago: nothing of a patient stays until tomorrow."""
    script = "import os; from kinecor.io.files.atomic import TemporaryFolder; t = TemporaryFolder(); print(t.path); "
    script += "(t.path / 'a.dcm').write_bytes(b'x'); import sys; sys.stdout.flush(); os.kill(os.getpid(), 9)"
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "TMPDIR": str(temp)}, capture_output=True, text=True
    )
    left = Path(done.stdout.strip())
    assert (left / "a.dcm").exists()
    names = {
        "old": "kinecor-1-abcdefgh",
        "unnumbered": "kinecor-abcdefgh",
        "young": "kinecor-1-ijklmnop",
        "other": "kinecor-notes of mine",
        "file": "kinecor-1-qrstuvwx",
    }
    for what, name in names.items():
        (temp / name).touch() if what == "file" else (temp / name).mkdir()
        aged(temp / name, 0.5 if what == "young" else 2)
    (temp / "kinecor-1-linklink").symlink_to(temp / names["other"])
    in_use = TemporaryFolder()
    aged(in_use.path.parent, 2)
    clear_stale()
    assert not left.parent.exists()
    assert {what for what, name in names.items() if (temp / name).exists()} == {"young", "other", "file"}
    assert (temp / names["other"] / "a.dcm").exists()
    assert in_use.path.is_dir()
    in_use.remove()
    assert not in_use.path.parent.exists()


def test_it_is_removed_at_the_end_of_a_block_and_when_it_is_collected(temp):
    with TemporaryFolder() as folder:
        (folder / "a").touch()
    assert not folder.parent.exists()
    path = TemporaryFolder().path
    assert not path.parent.exists()
