"""What an install into an empty environment brings: wheel and source distribution, built here and installed by pip.

    python benchmarks/fresh_install.py [--torch-index URL] [--of wheel sdist] [--extra NAME ...] [--out FILE.json]

For each of the two: its own size, how many libraries came and how large they are, the largest of them, the seconds that
pip took, whether `import kinecor` and `kinecor --version` answer, what the import takes, and whether anything of the
tests came with it. `--torch-index` installs PyTorch from there first, as docs/installing.md says for a machine without
a GPU. Where twine is installed here, `twine check` judges both, too: whether their description renders on an index.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
LARGE_BYTES = 50_000_000
_MEASURE = """
import json
from importlib.metadata import distributions
from pathlib import Path

def size(one):
    return sum(p.stat().st_size for f in one.files or () if (p := Path(str(one.locate_file(f)))).is_file())

print(json.dumps({one.metadata["Name"]: size(one) for one in distributions()}))
"""
_IMPORT = "import time; start = time.perf_counter(); import kinecor; print(time.perf_counter() - start)"
OF_TESTS = {"pytest", "mypy", "ruff", "hypothesis", "import-linter", "mkdocs", "highdicom", "nibabel", "pandas"}


def build(folder: Path) -> dict[str, Path]:
    """Wheel and source distribution, by kind."""
    for target in ("sdist", "wheel"):
        subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder], cwd=ROOT, check=True)
    return {"wheel": next(folder.glob("*.whl")), "sdist": next(folder.glob("*.tar.gz"))}


def installed(file: Path, folder: Path, torch_index: str, extras: list[str]) -> dict[str, object]:
    """Install one file into an empty environment in a folder, and what came."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    start_s = time.monotonic()
    if torch_index:
        pip(python, "torch", "--index-url", torch_index)
    pip(python, str(file) + (f"[{','.join(extras)}]" if extras else ""))
    took_s = time.monotonic() - start_s

    def said(code: str) -> str:
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        ended = subprocess.run([python, "-c", code], cwd=folder, env=clean, check=True, capture_output=True, text=True)
        return ended.stdout.strip()

    sizes = {name: size for name, size in json.loads(said(_MEASURE)).items() if name not in ("pip", "setuptools")}
    imports_s = sorted(float(said(_IMPORT)) for _ in range(5))
    return {
        "file_mb": round(file.stat().st_size / 1e6, 1),
        "libraries": len(sizes),
        "installed_mb": round(sum(sizes.values()) / 1e6),
        "without_torch_mb": round(sum(size for name, size in sizes.items() if name != "torch") / 1e6),
        "large_mb": {
            name: round(size / 1e6)
            for name, size in sorted(sizes.items(), key=lambda one: -one[1])
            if size > LARGE_BYTES
        },
        "of_tests": sorted(OF_TESTS & {name.lower() for name in sizes}),
        "pip_s": round(took_s),
        "import_s": [round(imports_s[0], 3), round(imports_s[2], 3), round(imports_s[-1], 3)],
        "version": said("import kinecor; print(kinecor.__version__)"),
    }


def pip(python: Path, *arguments: str) -> None:
    """Install by an environment's pip, quietly."""
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def main() -> None:
    """Print what came, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch-index", default="", metavar="URL", help="where PyTorch comes from, first")
    parser.add_argument("--of", nargs="+", choices=("wheel", "sdist"), default=["wheel", "sdist"])
    parser.add_argument("--extra", action="append", default=[], metavar="NAME", help="with an extra")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="also write it there")
    chosen = parser.parse_args()
    found: dict[str, object] = {"python": sys.version.split()[0], "platform": sys.platform}
    with TemporaryDirectory(prefix="kinecor-install-") as folder:
        built = build(Path(folder))
        if importlib.util.find_spec("twine"):
            checked = subprocess.run(
                [sys.executable, "-m", "twine", "check", "--strict", *built.values()], capture_output=True, text=True
            )
            found["twine_check"] = "passed" if not checked.returncode else checked.stdout.strip()
        for kind in chosen.of:
            place = Path(folder) / f"environment-{kind}"
            found[kind] = installed(built[kind], place, chosen.torch_index, chosen.extra)
            print(json.dumps({kind: found[kind]}), file=sys.stderr, flush=True)
    text = json.dumps(found, indent=1)
    print(text)
    if chosen.out is not None:
        chosen.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
