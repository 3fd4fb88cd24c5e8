"""The lock of all libraries, its parts list, and the monthly list."""

import hashlib
import http.server
import importlib.util
import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TODAY = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def lock():
    spec = importlib.util.spec_from_file_location("lock", ROOT / "installer" / "lock.py")
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["lock"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["lock"]


def test_every_library_of_program_tests_and_build_is_locked_with_a_hash(lock):
    pins = {pin.name: pin for pin in lock.read()}
    assert lock.closure(lock.LOCKED_EXTRAS, also=lock.BUILD).keys() == pins.keys()
    assert all(pin.sha256 for pin in pins.values())
    assert len(pins) == len(lock.read())
    first = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# Written by `python installer/lock.py --write`: for CPython 3.11, linux, x86_64")


def test_versions_of_the_lock_fit_the_project(lock):
    requirements = pytest.importorskip("packaging.requirements")
    pins = {pin.name: pin.version for pin in lock.read()}
    project = lock.project()
    for text in (*project["dependencies"], *project["optional-dependencies"]["test"]):
        one = requirements.Requirement(text)
        assert one.specifier.contains(pins[one.name.lower()], prereleases=True), text


def test_the_lock_names_no_index(lock):
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_the_debian_package_has_no_torch_and_no_tests(lock):
    names = {pin.name for pin in lock.packaged()}
    assert {"numpy", "pynetdicom", "requests", "openvino"} <= names
    assert not names & {"torch", "pytest", "mypy", "sympy"}


@pytest.mark.parametrize("line", ["numpy", "numpy==1.0", "numpy==1.0 --hash=md5:00", "-r other.txt", "git+https://x"])
def test_a_line_without_version_and_hash_is_refused(lock, tmp_path, line):
    path = tmp_path / "requirements.lock"
    path.write_text(f"# head\n{line}\n")
    with pytest.raises(ValueError, match=r"requirements\.lock, line 2: expected NAME==VERSION"):
        lock.read(path)


def test_the_parts_list_names_each_library_with_its_hash_and_is_the_same_every_time(lock, tmp_path, capsys):
    assert lock.main(["--sbom", str(tmp_path / "a.json")]) == 0
    assert lock.main(["--sbom", str(tmp_path / "b.json")]) == 0
    content = (tmp_path / "a.json").read_bytes()
    assert content == (tmp_path / "b.json").read_bytes()
    found = json.loads(content)
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.5")
    pins = lock.read()
    assert [(one["name"], one["version"], one["hashes"][0]["content"]) for one in found["components"]] == [
        (pin.name, pin.version, pin.sha256[0]) for pin in pins
    ]
    references = {one["bom-ref"] for one in found["components"]}
    assert len(references) == len(pins)
    assert set(found["dependencies"][0]["dependsOn"]) == references
    numpy = next(one for one in found["components"] if one["name"] == "numpy")
    assert numpy["purl"].startswith("pkg:pypi/numpy@")
    assert numpy["licenses"]
    assert found["serialNumber"].startswith("urn:uuid:")


def answer(*files):
    return {"files": [{"filename": name, "upload-time": day, "yanked": yanked} for name, day, yanked in files]}


def test_the_last_release_is_the_newest_that_counts(lock):
    found = lock.last_release(
        answer(
            ("a-1.9.tar.gz", "2024-01-01T00:00:00Z", False),
            ("a-1.10-py3-none-any.whl", "2024-03-02T00:00:00Z", False),
            ("a-1.10.tar.gz", "2024-03-01T00:00:00Z", False),
            ("a-2.0rc1.tar.gz", "2026-01-01T00:00:00Z", False),
            ("a-1.11.tar.gz", "2026-01-01T00:00:00Z", "broken"),
            ("a-1.0.exe", "2026-01-01T00:00:00Z", False),
        )
    )
    assert found == ("1.10", "2024-03-02")
    assert lock.last_release({}) == ("", "")


def test_the_list_marks_what_is_old_and_what_has_no_release_any_more(lock):
    answers = {
        "kept": answer(("kept-1.0.tar.gz", "2026-10-01", False)),
        "newer": answer(("newer-2.0.tar.gz", "2026-10-01", False)),
        "left": answer(("left-1.0.tar.gz", "2020-10-01", False)),
        "dateless": answer(("dateless-1.0.tar.gz", "", False)),
    }
    rows, reason = lock.releases([lock.Pin(name, "1.0", ("0",)) for name in answers], answers.__getitem__, TODAY)
    assert reason == ""
    assert {row[0]: row[4] for row in rows} == {
        "kept": "",
        "newer": "a newer version",
        "left": "no release for 6 years: look whether it is still maintained",
        "dateless": "",
    }
    assert {row[0]: row[3] for row in rows}["dateless"] == "?"


def test_without_an_index_the_list_says_so_and_stops_asking(lock, capsys, monkeypatch):
    asked = []

    def ask(address, name):
        asked.append(name)
        raise OSError("no route to the index")

    monkeypatch.setattr(lock, "ask_index", ask)
    monkeypatch.setattr(lock, "index", lambda: "x")
    assert lock.main(["--releases"]) == 1
    said = capsys.readouterr()
    assert "Expected an answer of the package index" in said.err
    assert "no route to the index" in said.err
    assert len(asked) == 3
    assert said.out.count("\n") == len(lock.read()) + 2


def test_an_index_is_asked_in_json_and_what_is_none_is_an_error(lock):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            good = self.path == "/simple/numpy/" and "simple.v1+json" in self.headers["Accept"]
            content = json.dumps(answer(("numpy-1.0.tar.gz", "2026-01-01", False))).encode() if good else b"<html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/simple/"
        try:
            assert lock.last_release(lock.ask_index(address, "numpy")) == ("1.0", "2026-01-01")
            with pytest.raises(OSError, match="not of this form"):
                lock.ask_index(address, "other")
        finally:
            server.shutdown()
            thread.join()
    with pytest.raises(OSError, match=r"refused|reset"):
        lock.ask_index(address, "numpy")


def test_the_lock_is_written_from_what_pip_downloads(lock, tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(lock, "closure", lambda *_, **__: {"alpha": "1.0", "beta-two": "2.0"})

    def pip(*arguments):
        files = Path(arguments[arguments.index("--dest") + 1])
        files.mkdir(exist_ok=True)
        (files / "alpha-1.0-py3-none-any.whl").write_bytes(b"alpha")

        class Ended:
            returncode = 1

        return Ended()

    monkeypatch.setattr(lock, "pip", pip)
    assert lock.write(tmp_path) == (1, ["beta-two"])
    (pin,) = lock.read(tmp_path / "requirements.lock")
    assert (pin.name, pin.sha256) == ("alpha", (hashlib.sha256(b"alpha").hexdigest(),))
