"""What a fresh install brings: the size on disk of Kinecor's libraries and theirs, as they are installed here.

    python benchmarks/install_size.py [--extra NAME ...]

Prints the sum, each library of more than 10 MB, and the sum without torch and what only torch needs. Bytecode that was
compiled since counts too, where the installer recorded it.
"""

import argparse
import importlib.util
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
LARGE_BYTES = 10_000_000


def lock() -> object:
    """installer/lock.py, which knows what needs what."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / "installer" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["lock"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def size_of(name: str) -> int:
    """Bytes of the files of a library."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    return sum(path.stat().st_size for one in files if (path := Path(str(one.locate()))).is_file())


def main() -> None:
    """Print the sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extra", action="append", default=[], metavar="NAME", help="with the libraries of an extra")
    chosen = parser.parse_args()
    closure = lock().closure  # type: ignore[attr-defined]
    sizes = {name: size_of(name) for name in closure(chosen.extra)}
    small = closure(chosen.extra, without=("torch",))
    print(f"{sum(sizes.values()) / 1e6:.0f} MB in {len(sizes)} libraries")
    print(f"{sum(sizes[name] for name in small) / 1e6:.0f} MB in {len(small)} without torch and what only it needs")
    for name, size in sorted(sizes.items(), key=lambda one: -one[1]):
        if size > LARGE_BYTES:
            print(f"{size / 1e6:8.0f} MB  {name}")


if __name__ == "__main__":
    main()
