"""Builds the Debian package: Kinecor with its libraries under /opt/kinecor, for Debian 12 (Python 3.11, x86-64).

python installer/deb.py --lock       pin the libraries in installer/locked.txt with their SHA-256, as installed here
python installer/deb.py [--out DIR]  build DIR/kinecor_VERSION_amd64.deb, its SBOM (CycloneDX) and their checksums

The package has no PyTorch: the default networks run on OpenVINO. Wheels come from the package index, each compared with
its hash in locked.txt. Needs dpkg-deb, pip, and the package cyclonedx-bom in the Python that runs this.
"""

import argparse
import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = Path(__file__).with_name("debian")
LOCKED = Path(__file__).with_name("locked.txt")
LEFT_OUT = ("torch",)
EXTRAS = ("archive",)
"""Of the project's extras; nothing can be added to a package that is installed."""
DEPENDS = (
    "python3.11", "libgl1", "libegl1", "libglib2.0-0", "libdbus-1-3", "libfontconfig1", "libxkbcommon0",
    "libxcb-cursor0", "libxkbcommon-x11-0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0", "libgomp1",
)  # fmt: skip
CONTROL = """\
Package: kinecor
Version: {version}
Architecture: amd64
Maintainer: The Kinecor developers <nobody@localhost>
Installed-Size: {size_kb}
Depends: {depends}
Section: science
Priority: optional
Description: Viewer for echocardiography and cine MRI
 LV contours, volumes, ejection fraction and strain, with a report.
 .
 Research use only - not for diagnosis.
"""


def project() -> dict[str, object]:
    """The table [project] of pyproject.toml."""
    found: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def pins() -> list[str]:
    """Kinecor's libraries and theirs as they are installed here: "name==version", with EXTRAS, without LEFT_OUT."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    wanted = project()
    waiting = list(wanted["dependencies"])  # type: ignore[call-overload]
    for extra in EXTRAS:
        waiting += wanted["optional-dependencies"][extra]  # type: ignore[index]
    while waiting:
        one = Requirement(waiting.pop())
        name = canonicalize_name(one.name)
        if name in found or name in LEFT_OUT or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        found[name] = version(name)
        waiting += requires(name) or []
    return [f"{name}=={found[name]}" for name in sorted(found)]


def lock(folder: Path) -> None:
    """Download what `pins` names and write it with its hashes to locked.txt."""
    from packaging.utils import canonicalize_name

    listed = folder / "pins.txt"
    listed.write_text("\n".join(pins()) + "\n", encoding="utf-8")
    downloaded = folder / "wheels"
    pip("download", "--no-deps", "--no-build-isolation", "--dest", str(downloaded), "--requirement", str(listed))
    hashes = {}
    for file in downloaded.iterdir():
        name = canonicalize_name(file.name.removesuffix(".tar.gz").split("-")[0])
        hashes[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    lines = [f"{one} --hash=sha256:{hashes[one.partition('==')[0]]}" for one in pins()]
    head = "# Written by `python installer/deb.py --lock`: for CPython 3.11 on Linux, x86-64.\n"
    LOCKED.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def pip(*arguments: str) -> None:
    """Run pip of this Python."""
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments], check=True)


def missing() -> list[str]:
    """What building needs and is not here: said at once, not after the libraries were fetched."""
    lacking = [] if shutil.which("dpkg-deb") else ["dpkg-deb (package dpkg)"]
    return lacking + ([] if importlib.util.find_spec("cyclonedx_py") else ["cyclonedx_py (pip install cyclonedx-bom)"])


def build(out: Path, folder: Path) -> Path:
    """The package, built in `folder`; it and its checksums are in `out`."""
    tree = folder / "tree"
    lib = tree / "opt/kinecor/lib"
    # sdists among them are built with the setuptools that is here.
    pip("install", "--quiet", "--no-deps", "--require-hashes", "--no-build-isolation", "--requirement", str(LOCKED),
        "--target", str(lib))  # fmt: skip
    pip("wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("kinecor-*.whl")
    pip("install", "--quiet", "--no-deps", "--no-index", "--target", str(lib), str(wheel))
    shutil.rmtree(lib / "bin", ignore_errors=True)
    _share(tree)
    name = f"kinecor_{project()['version']}_amd64"
    out.mkdir(parents=True, exist_ok=True)
    sbom = out / f"{name}.cdx.json"
    tool = [
        sys.executable,
        "-m",
        "cyclonedx_py",
        "requirements",
        str(LOCKED),
        "--pyproject",
        str(ROOT / "pyproject.toml"),
    ]
    subprocess.run([*tool, "--output-reproducible", "--output-file", str(sbom)], check=True)
    shutil.copyfile(sbom, tree / "opt/kinecor/sbom.cdx.json")
    package = out / f"{name}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(tree), str(package)], check=True)
    lines = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}" for one in (package, sbom)]
    (out / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="ascii")
    return package


def _share(tree: Path) -> None:
    """All files but the libraries: launcher, menu entry, icon, type of saved studies, documents, control files."""
    share = tree / "usr/share"
    for source, target, mode in (
        (PARTS / "kinecor", tree / "usr/bin/kinecor", 0o755),
        (PARTS / "kinecor.desktop", share / "applications/kinecor.desktop", 0o644),
        (PARTS / "kinecor.xml", share / "mime/packages/kinecor.xml", 0o644),
        (ROOT / "resources/kinecor_resources/icons/app.svg", share / "icons/hicolor/scalable/apps/kinecor.svg", 0o644),
        (ROOT / "LICENSE", share / "doc/kinecor/copyright", 0o644),
        (PARTS / "postrm", tree / "DEBIAN/postrm", 0o755),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(mode)
    changes = gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0)
    (share / "doc/kinecor/changelog.gz").write_bytes(changes)
    size_kb = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file()) // 1024
    control = CONTROL.format(version=project()["version"], size_kb=size_kb, depends=", ".join(DEPENDS))
    (tree / "DEBIAN/control").write_text(control, encoding="utf-8")
    for path in tree.rglob("*"):
        if path.is_dir() or not os.access(path, os.X_OK):
            path.chmod(0o755 if path.is_dir() else 0o644)


def main(arguments: list[str]) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lock", action="store_true", help="write installer/locked.txt")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the package goes (default: dist)")
    chosen = parser.parse_args(arguments)
    if not chosen.lock and (lacking := missing()):
        print(f"Expected {' and '.join(lacking)}, not found here; install them first", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        if chosen.lock:
            lock(Path(folder))
        else:
            print(build(chosen.out, Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
