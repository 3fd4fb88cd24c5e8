"""Builds the Debian package: Kinecor with its libraries under /opt/kinecor, for Debian 12 (Python 3.11, x86-64).

python installer/deb.py [--out DIR]  build DIR/kinecor_VERSION_amd64.deb, its SBOM (CycloneDX) and their checksums

The package has no PyTorch: the default networks run on OpenVINO. Wheels come from the package index, each compared with
its hash in requirements.lock (`installer/lock.py`). Needs dpkg-deb and pip.
"""

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import lock

ROOT = Path(__file__).resolve().parents[1]
PARTS = Path(__file__).with_name("debian")
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


def pip(*arguments: str) -> None:
    """Run pip of this Python."""
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments], check=True)


def missing() -> list[str]:
    """What building needs and is not here: said at once, not after the libraries were fetched."""
    return [] if shutil.which("dpkg-deb") else ["dpkg-deb (package dpkg)"]


def build(out: Path, folder: Path) -> Path:
    """The package, built in `folder`; it and its checksums are in `out`."""
    tree = folder / "tree"
    lib = tree / "opt/kinecor/lib"
    locked = folder / "locked.txt"
    pins = lock.packaged()
    locked.write_text("".join(f"{pin.line}\n" for pin in pins), encoding="utf-8")
    # sdists among them are built with the setuptools that is here.
    pip("install", "--quiet", "--no-deps", "--require-hashes", "--no-build-isolation", "--requirement", str(locked),
        "--target", str(lib))  # fmt: skip
    pip("wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("kinecor-*.whl")
    pip("install", "--quiet", "--no-deps", "--no-index", "--target", str(lib), str(wheel))
    shutil.rmtree(lib / "bin", ignore_errors=True)
    _share(tree)
    name = f"kinecor_{lock.project()['version']}_amd64"
    out.mkdir(parents=True, exist_ok=True)
    sbom = out / f"{name}.cdx.json"
    sbom.write_text(json.dumps(lock.sbom(pins), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
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
    control = CONTROL.format(version=lock.project()["version"], size_kb=size_kb, depends=", ".join(DEPENDS))
    (tree / "DEBIAN/control").write_text(control, encoding="utf-8")
    for path in tree.rglob("*"):
        if path.is_dir() or not os.access(path, os.X_OK):
            path.chmod(0o755 if path.is_dir() else 0o644)


def main(arguments: list[str]) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the package goes (default: dist)")
    chosen = parser.parse_args(arguments)
    if lacking := missing():
        print(f"Expected {' and '.join(lacking)}, not found here; install them first", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        print(build(chosen.out, Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
