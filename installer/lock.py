"""The lock of all libraries: versions with their SHA-256, for pip, the Debian package and the parts list.

python installer/lock.py --write           pin what is installed here in requirements.lock, with its SHA-256
python installer/lock.py --sbom FILE       write the parts list (CycloneDX 1.5, JSON) of requirements.lock
python installer/lock.py --releases        list the libraries with their last release: to be looked through once a month

requirements.lock is for one Python and one kind of machine, which its first line names; `installer/dev.py` and
`installer/deb.py` install from it. --write and --releases ask the package index that pip is set up for.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
TORCH = "torch"
PACKAGED_EXTRAS = ("archive",)
"""Extras of the Debian package: nothing can be added to one that is installed."""
LOCKED_EXTRAS = ("archive", "test")
BUILD = ("editables", "hatchling")
UNKEPT_DAYS = 730
"""After this time without a release, a person looks whether a library is still maintained."""
_ANSWER_S = 10.0
_LINE = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][^ ]*)(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)")
_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class Pin:
    """One library of the lock.

    Attributes:
        name: as indices write it.
        version: with a local part where it has one ("2.13.0+cpu").
        sha256: of the files that may be installed.

    """

    name: str
    version: str
    sha256: tuple[str, ...]

    @property
    def line(self) -> str:
        """As pip reads it."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash=sha256:{one}" for one in self.sha256)])


def platform_words() -> str:
    """Which Python on which machine this is, as the first line of the lock names it."""
    import platform

    python = ".".join(map(str, sys.version_info[:2]))
    return f"{platform.python_implementation()} {python}, {sys.platform}, {platform.machine().lower()}"


def read(path: Path = LOCK) -> list[Pin]:
    """The pins of a lock.

    Raises:
        ValueError: a line is none.

    """
    pins = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"{path.name}, line {number}: expected NAME==VERSION --hash=sha256:..., got {line!r}")
        hashes = tuple(re.findall(r"sha256:([0-9a-f]{64})", match["hashes"]))
        pins.append(Pin(match["name"], match["version"], hashes))
    return pins


def project() -> dict[str, Any]:
    """The table [project] of pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def closure(extras: Iterable[str], also: Iterable[str] = (), without: Iterable[str] = ()) -> dict[str, str]:
    """Kinecor's libraries and theirs, as they are installed here: version by name.

    Args:
        extras: of the project, whose libraries are added.
        also: names of further libraries.
        without: names of libraries that are left out, with what only they need.

    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    wanted = project()
    waiting = [*wanted["dependencies"], *also]
    for extra in extras:
        waiting += wanted["optional-dependencies"][extra]
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = Requirement(waiting.pop())
        name, chosen = canonicalize_name(requirement.name), frozenset(requirement.extras)
        environments = [{"extra": extra} for extra in ("", *chosen)]
        if (
            name in without
            or (name, chosen) in seen
            or (requirement.marker and not requirement.marker.evaluate({"extra": ""}))
        ):
            continue
        seen.add((name, chosen))
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
        for text in requires(name) or []:
            part = Requirement(text)
            if part.marker is None or any(part.marker.evaluate(one) for one in environments):
                part.marker = None
                waiting.append(str(part))
    return dict(sorted(found.items()))


def packaged() -> list[Pin]:
    """What the Debian package has of the lock: no PyTorch, no libraries of the tests."""
    names = closure(PACKAGED_EXTRAS, without=(TORCH,)).keys()
    return [pin for pin in read() if pin.name in names]


def write(folder: Path) -> tuple[int, list[str]]:
    """Write the lock for what is installed here.

    Args:
        folder: an empty one, for the files whose hashes are taken.

    Returns:
        How many libraries are locked, and the names of those that no index of pip has.

    """
    from packaging.utils import canonicalize_name

    missing, hashes = [], {}
    names = closure(LOCKED_EXTRAS, also=BUILD)
    wanted = [f"{name}=={number}" for name, number in names.items()]
    listed = folder / "pins.txt"
    listed.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    files = folder / "files"
    command = ("download", "--no-deps", "--no-build-isolation", "--dest", str(files))
    if pip(*command, "--requirement", str(listed)).returncode:
        for one in wanted:
            pip(*command, one)
    for file in files.iterdir() if files.exists() else ():
        name = canonicalize_name(file.name.removesuffix(".tar.gz").split("-")[0])
        hashes[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    pins = []
    for name, number in names.items():
        if name in hashes:
            pins.append(Pin(name, number, (hashes[name],)))
        else:
            missing.append(name)
    head = f"# Written by `python installer/lock.py --write`: for {platform_words()}.\n"
    LOCK.write_text(head + "".join(f"{pin.line}\n" for pin in pins), encoding="utf-8")
    return len(pins), missing


def pip(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run pip of this Python."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def sbom(pins: Iterable[Pin]) -> dict[str, Any]:
    """The parts list of Kinecor with these libraries, as CycloneDX 1.5; the same for the same pins."""
    wanted = project()
    components = []
    for pin in pins:
        part: dict[str, Any] = {
            "type": "library",
            "bom-ref": f"{pin.name}=={pin.version}",
            "name": pin.name,
            "version": pin.version,
            "purl": f"pkg:pypi/{pin.name}@{pin.version.replace('+', '%2B')}",
            "hashes": [{"alg": "SHA-256", "content": one} for one in pin.sha256],
        }
        if licence := _licence(pin):
            part["licenses"] = [licence]
        components.append(part)
    content = json.dumps(components, sort_keys=True)
    main = {"type": "application", "bom-ref": "kinecor", "name": "kinecor", "version": wanted["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {"component": {**main, "licenses": [{"expression": wanted["license"]}]}},
        "components": components,
        "dependencies": [{"ref": "kinecor", "dependsOn": [one["bom-ref"] for one in components]}],
    }


def _licence(pin: Pin) -> dict[str, Any] | None:
    """What the library that is installed here says of its licence, where it is the version of the lock."""
    try:
        found = metadata(pin.name)
    except PackageNotFoundError:
        return None
    if found["Version"] != pin.version:
        return None
    if expression := found.get("License-Expression"):
        return {"expression": expression}
    named = [one.rpartition(" :: ")[2] for one in found.get_all("Classifier", []) if one.startswith("License ::")]
    text = " OR ".join(named) or (found.get("License") or "").splitlines()[:1]
    return {"license": {"name": text if isinstance(text, str) else text[0]}} if text else None


def index() -> str:
    """The package index that pip is set up for."""
    for line in pip("config", "list").stdout.splitlines():
        name, _, value = line.partition("=")
        if name in ("global.index-url", "install.index-url", ":env:.index-url"):
            return value.strip("'\"")
    code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


def ask_index(address: str, name: str) -> dict[str, Any]:
    """What an index says of a library (PEP 691).

    Raises:
        OSError: it does not answer, or not in this form.

    """
    request = urllib.request.Request(f"{address.rstrip('/')}/{name}/", headers={"Accept": _JSON})
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_S) as reply:
            found: dict[str, Any] = json.loads(reply.read(64 << 20))
    except (ValueError, RecursionError) as error:
        raise OSError(f"its answer is not of this form: {error}") from error
    return found


def last_release(answer: dict[str, Any]) -> tuple[str, str]:
    """The newest version of a library that is no trial, and its date (YYYY-MM-DD, "" where the index has none)."""
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    newest: Any = None
    dates: dict[Any, str] = {}
    for file in answer.get("files", []):
        if file.get("yanked"):
            continue
        try:
            parse = parse_wheel_filename if file["filename"].endswith(".whl") else parse_sdist_filename
            number = parse(file["filename"])[1]
        except (InvalidWheelFilename, InvalidSdistFilename):
            continue
        dates[number] = max(dates.get(number, ""), str(file.get("upload-time", ""))[:10])
        if not number.is_prerelease and (newest is None or number > newest):
            newest = number
    return ("", "") if newest is None else (str(newest), dates[newest])


def releases(
    pins: Iterable[Pin], ask: Callable[[str], dict[str, Any]], today: datetime
) -> tuple[list[tuple[str, str, str, str, str]], str]:
    """The list for the month: (library, locked version, newest version, its date, remark), and why it is incomplete.

    Args:
        pins: of the lock.
        ask: what an index says of a library; raises OSError where it does not answer.
        today: to compute ages with.

    """
    rows, reason, failures = [], "", 0
    for pin in pins:
        newest = day = ""
        if failures < 3:  # an index that is not reached is not asked for each of a hundred libraries
            try:
                newest, day = last_release(ask(pin.name))
                failures = 0
            except OSError as error:
                failures += 1
                reason = str(getattr(error, "reason", "") or error)
        remark = ""
        if day:
            age = today - datetime.fromisoformat(day).replace(tzinfo=UTC)
            if age.days > UNKEPT_DAYS:
                remark = f"no release for {age.days // 365} years: look whether it is still maintained"
        if not remark and newest and newest != pin.version.partition("+")[0]:
            remark = "a newer version"
        rows.append((pin.name, pin.version, newest or "?", day or "?", remark))
    return rows, reason


def main(arguments: list[str]) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--write", action="store_true")
    chosen.add_argument("--sbom", type=Path, metavar="FILE")
    chosen.add_argument("--releases", action="store_true")
    options = parser.parse_args(arguments)
    if options.write:
        with tempfile.TemporaryDirectory() as folder:
            count, missing = write(Path(folder))
        print(f"{LOCK.name}: {count} libraries")
        if missing:
            print(f"Expected a file of each library, no index of pip has {', '.join(missing)}: install them from "
                  "an index, then repeat it", file=sys.stderr)  # fmt: skip
        return int(bool(missing))
    if options.sbom:
        options.sbom.write_text(json.dumps(sbom(read()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(options.sbom)
        return 0
    address = os.environ.get("PIP_INDEX_URL") or index()
    rows, reason = releases(read(), lambda name: ask_index(address, name), datetime.now(UTC))
    print("| library | locked | newest | of | remark |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    if reason:
        print(f"Expected an answer of the package index of pip for each library, some have none ({reason}): repeat it "
              "with a connection to the index", file=sys.stderr)  # fmt: skip
    return int(bool(reason))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
