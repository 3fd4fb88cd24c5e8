"""Parts of the packages: what can be checked without building them."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from kinecor.session.schema import APPLICATION_ID

ROOT = Path(__file__).parents[2]
INSTALLER = ROOT / "installer"


@pytest.fixture(scope="module")
def deb():
    spec = importlib.util.spec_from_file_location("deb", INSTALLER / "deb.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_building_needs_is_looked_for_first(deb, monkeypatch, capsys):
    monkeypatch.setattr(deb.shutil, "which", lambda name: None)
    monkeypatch.setattr(deb, "build", lambda *_: pytest.fail("it began"))
    assert deb.main([]) == 2
    said = capsys.readouterr().err
    assert "dpkg-deb" in said


def test_the_package_depends_on_what_the_program_asks_of_the_system(deb):
    from kinecor.cli.doctor import _LIBRARIES, _SCREEN_LIBRARIES

    assert {*_LIBRARIES.values(), *_SCREEN_LIBRARIES.values()} <= set(deb.DEPENDS)


def test_saved_studies_are_known_by_the_mark_in_their_header():
    name = "{http://www.freedesktop.org/standards/shared-mime-info}match"
    inner = list(ET.parse(INSTALLER / "debian/kinecor.xml").iter(name))[1]
    assert int(inner.get("value"), 16) == APPLICATION_ID
    assert inner.get("offset") == "68"


def test_the_menu_entry_says_what_the_program_is_not_for():
    entry = (INSTALLER / "debian/kinecor.desktop").read_text(encoding="utf-8")
    assert "not for diagnosis" in entry
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", INSTALLER / "debian/kinecor.desktop"], check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize("name", ["debian/kinecor", "debian/postrm", "recipes/appimage.sh", "recipes/macos.sh"])
def test_scripts_are_valid(name):
    subprocess.run(["sh", "-n", INSTALLER / name], check=True)


def test_recipes_that_were_not_run_say_so():
    for path in (INSTALLER / "recipes").iterdir():
        assert re.search(r"not run", path.read_text(encoding="utf-8"), re.IGNORECASE), path.name
    compile((INSTALLER / "recipes/kinecor.spec").read_text(encoding="utf-8"), "kinecor.spec", "exec")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"AppVersion={version}" in (INSTALLER / "recipes/windows.iss").read_text(encoding="utf-8")
    yaml = pytest.importorskip("yaml")
    jobs = yaml.safe_load((INSTALLER / "recipes/release.yml").read_text(encoding="utf-8"))["jobs"]
    assert set(jobs) == {"python", "debian", "windows", "macos"}
    assert all(step.keys() <= {"uses", "run", "with"} for job in jobs.values() for step in job["steps"])
