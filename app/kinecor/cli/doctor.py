"""`kinecor doctor`: what this machine has, what is missing, and what to do about it."""

import ctypes
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import kinecor
from kinecor.cli.outcomes import DONE, FAILED
from kinecor.core.values.errors import KinecorError

_PACKAGES = (
    *("numpy", "scipy", "pydicom", "imagecodecs", "simplejpeg", "SimpleITK", "opencv-python-headless", "reportlab"),
    *("PySide6-Essentials", "openvino", "safetensors", "msgspec", "platformdirs"),
)
# What Qt loads at start on Linux, and the Debian package that holds it (libxcb-cursor0 only where there is a screen).
_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
_SCREEN_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line; `missing` says what to do where something that is needed is not there."""

    name: str
    text: str
    missing: str = ""


def doctor(*, as_json: bool = False) -> int:
    """Print every finding; 0 if nothing that is needed is missing, else 1."""
    findings = [*_machine(), *_gpu(), *_display(), *_packages(), *_codecs(), *_models(), *_folders()]
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
        return FAILED if any(finding.missing for finding in findings) else DONE
    width = max(len(finding.name) for finding in findings)
    for single_finding in findings:
        print(f"{single_finding.name:<{width}}  {single_finding.text}")
    missing = [finding for finding in findings if finding.missing]
    for single_finding in missing:
        print(f"kinecor: {single_finding.name}: {single_finding.missing}", file=sys.stderr)
    if not missing:
        print("Nothing that Kinecor needs is missing.")
    return FAILED if missing else DONE


def _machine() -> Iterator[Finding]:
    yield Finding("kinecor", f"{kinecor.__version__} ({Path(kinecor.__file__).parent})")
    python = platform.python_version()
    old = "needs Python 3.11 or later" if sys.version_info < (3, 11) else ""
    yield Finding("python", f"{python} ({sys.executable})", old)
    yield Finding("platform", platform.platform())
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding("processor", f"{_processor()}, {usable} cores")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _gpu() -> Iterator[Finding]:
    """Asks the driver; importing torch for it would take seconds."""
    cards = ""
    if tool := shutil.which("nvidia-smi"):
        ask = [tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
        try:
            done = subprocess.run(ask, capture_output=True, text=True, timeout=10, check=False)
            cards = "; ".join(done.stdout.split("\n")).strip("; ") if done.returncode == 0 else ""
        except (OSError, subprocess.TimeoutExpired):
            cards = ""
    if not cards:
        yield Finding("gpu", "none found; the models run on the processor")
        return
    torch = _version("torch") or ""
    hint = "; torch here is built for the processor only: install a CUDA build to use it" if "+cpu" in torch else ""
    yield Finding("gpu", cards + hint)


def _display() -> Iterator[Finding]:
    if not sys.platform.startswith("linux"):
        yield Finding("display", "the system's own")
        return
    set_here = [name for name in ("WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM") if os.environ.get(name)]
    shown = ", ".join(f"{name}={os.environ[name]}" for name in set_here)
    yield Finding("display", shown or "none: the window cannot open here; `kinecor analyse` and `kinecor shot` work")
    wanted = _LIBRARIES | (_SCREEN_LIBRARIES if os.environ.get("DISPLAY") else {})
    lacking = [package for library, package in wanted.items() if not _loads(library)]
    text = "all there" if not lacking else f"missing: {', '.join(lacking)}"
    do = f"apt-get install --no-install-recommends {' '.join(lacking)}" if lacking else ""
    yield Finding("system libraries", text, do)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        version = _version(name)
        yield Finding(name, version or "missing", "" if version else f"pip install {name}")
    torch = _version("torch")
    yield Finding("torch", torch or "not installed: training, CUDA and networks other than the default ones need it")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _codecs() -> Iterator[Finding]:
    from kinecor.io.dicom.layout import codecs

    found = codecs()
    lacking = [name for name, there in found if not there]
    text = ", ".join(name for name, there in found if there) or "none"
    yield Finding("codecs", text, f"{', '.join(lacking)} missing: pip install imagecodecs" if lacking else "")


def _models() -> Iterator[Finding]:
    """The cards only: opening the weights would load an inference engine."""
    try:
        from kinecor.analysis.models import describe

        names = ", ".join(f"{card.name} {card.version}" for card in describe())
    except (ImportError, OSError, KinecorError) as error:
        yield Finding("models", "none", f"{error}: install Kinecor again")
        return
    yield Finding("models", names or "none", "" if names else "no model is installed: install Kinecor again")


def _audit_key() -> Finding:
    """The public key that signs this user's entries and lines of the audit log, for others to know it by."""
    from kinecor.session import keys

    try:
        key = keys.own_keys()[0]
    except KinecorError as error:
        return Finding("audit key", "none", str(error))
    return Finding("audit key", f"{key.public} ({key.place or 'system keyring'})")


def _folders() -> Iterator[Finding]:
    from kinecor.session.audit import audit_log
    from kinecor.session.store import log_file, readings_folder

    folder = readings_folder()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    do = "" if os.access(there, os.W_OK) else "cannot be written to: set KINECOR_DATA_DIR to a folder that can"
    yield Finding("readings", f"{folder}{'' if folder.exists() else ' (made when first needed)'}", do)
    yield Finding("log", str(log_file()))
    yield Finding("audit log", str(audit_log()))
    yield _audit_key()
