"""Sets Kinecor up in this checkout and runs it, or its tests. Needs Python 3.11 to 3.13 and nothing else.

python3 installer/dev.py run [ARGUMENTS OF kinecor]   without arguments: the demo study
python3 installer/dev.py test [ARGUMENTS OF pytest]   the whole suite, off screen
python3 installer/dev.py coverage [ARGUMENTS OF pytest]   the same, with the share of lines each file has tested
python3 installer/dev.py --unlocked COMMAND ...   libraries by the ranges in pyproject.toml, not by requirements.lock

Everything goes into .venv next to this folder. What is set up already is not repeated; a set-up that was interrupted
is made again. Where requirements.lock is for this Python and machine, exactly its libraries are installed, each
compared with its SHA-256.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
KINECOR = BIN / ("kinecor.exe" if os.name == "nt" else "kinecor")
# Written last, so it stands only in a complete environment; the other stands in one that is being made.
STAMP, MAKING = VENV / "kinecor-complete", VENV / "kinecor-making"
DEMO_OUT = ROOT / "out" / "demo"
use_lock = True
"""Whether requirements.lock counts; not with --unlocked."""

VERSIONS = ((3, 11), (3, 12), (3, 13))
TORCH = "torch==2.13.0"
# On Linux, PyPI's torch brings gigabytes of CUDA; PyTorch's own index has it without.
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PROBE_S = 4.0
# With which hatchling installs a project from its folder.
EDITABLE = ("editables>=0.5",)

# Debian's packages by what shows that they are installed: a library's name for the loader, or a program.
OFF_SCREEN = {
    "libgl1": "libGL.so.1",
    "libegl1": "libEGL.so.1",
    "libglib2.0-0": "libglib-2.0.so.0",
    "libdbus-1-3": "libdbus-1.so.3",
    "libfontconfig1": "libfontconfig.so.1",
    "libxkbcommon0": "libxkbcommon.so.0",
}
ON_SCREEN = {
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-shape0": "libxcb-shape.so.0",
}
FOR_TESTS = {"xvfb": "Xvfb", "poppler-utils": "pdftoppm"}


class SetupError(Exception):
    """What is missing and what to do, in words."""


def main(arguments: list[str]) -> int:
    """Runs one command; the exit status is that of what it started, 2 where the set-up cannot go on."""
    global use_lock
    if arguments[:1] == ["--unlocked"]:
        use_lock, arguments = False, arguments[1:]
    if not arguments or arguments[0] not in ("run", "test", "coverage"):
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    command, rest = arguments[0], arguments[1:]
    try:
        restart_under_a_fitting_python()
        display = has_display(sys.platform, dict(os.environ))
        provide_system_libraries(system_parts(command, display))
        provide_environment()
        if command == "coverage":
            # The configuration in pyproject.toml lists the files least covered first.
            rest = ["--cov", "--cov-report=term:skip-covered", *rest]
        return run(rest, display) if command == "run" else test(rest)
    except SetupError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("Stopped. Give the same command again to go on.")
        return 130


def say(words: str) -> None:
    """Tells on stderr; stdout belongs to the program."""
    print(words, file=sys.stderr, flush=True)


# --- Python ---


def restart_under_a_fitting_python() -> None:
    """Goes on in this interpreter if it fits, else in one on PATH that does."""
    if sys.version_info[:2] in VERSIONS:
        return
    for major, minor in VERSIONS:
        other = shutil.which(f"python{major}.{minor}")
        if other:
            os.execv(other, [other, str(Path(__file__).resolve()), *sys.argv[1:]])
    mine = ".".join(map(str, sys.version_info[:2]))
    raise SetupError(f"Kinecor needs Python 3.11, 3.12 or 3.13, this is {mine}: install one of them and try again.")


# --- System libraries ---


def present(mark: str) -> bool:
    """Whether the loader finds a library (*.so.N), or PATH a program."""
    if ".so" not in mark:
        return shutil.which(mark) is not None
    try:
        ctypes.CDLL(mark)
    except OSError:
        return False
    return True


def apt_command(packages: list[str]) -> list[str]:
    """The command that installs Debian packages."""
    return ["apt-get", "install", "--yes", "--no-install-recommends", *packages]


def system_parts(command: str, display: bool) -> dict[str, str]:
    """The packages a command needs: those of a screen only where there is one, or where the tests make one."""
    if command != "run":
        return {**OFF_SCREEN, **ON_SCREEN, **FOR_TESTS}
    return {**OFF_SCREEN, **ON_SCREEN} if display else OFF_SCREEN


def provide_system_libraries(wanted: dict[str, str]) -> None:
    """Installs what Qt and the tests need of the system, or says the command that does."""
    if sys.platform != "linux":
        return
    missing = [package for package, mark in wanted.items() if not present(mark)]
    if missing:
        install_packages(missing)


def install_packages(packages: list[str]) -> None:
    """apt-get as root; else, and where it fails, a SetupError with the command to type."""
    typed = f"sudo apt-get update && sudo {shlex.join(apt_command(packages))}"
    if shutil.which("apt-get") is None:
        raise SetupError(
            f"Missing on this system, by Debian's names: {' '.join(packages)}. Install them and try again."
        )
    if os.geteuid() != 0:
        raise SetupError(
            f"Missing on this system: {' '.join(packages)}. Type this, then the same command again:\n  {typed}"
        )
    say(f"Installing {' '.join(packages)} with apt-get ...")
    quietly: dict[str, Any] = {"stdout": subprocess.DEVNULL, "check": False}
    quietly["env"] = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # An update that fails in part still lets most packages be installed.
    subprocess.run(["apt-get", "update"], **quietly)
    if subprocess.run(apt_command(packages), **quietly).returncode:
        raise SetupError(f"apt-get could not install {' '.join(packages)}. See what it says to:\n  {typed}")


# --- The environment ---


def stamp(pyproject: bytes, version: tuple[int, ...], root: Path) -> str:
    """What an environment was made for; another stamp means it has to be brought up to date."""
    made_for = [hashlib.sha256(pyproject).hexdigest(), ".".join(map(str, version)), str(root), TORCH]
    return "\n".join(made_for) + "\n"


def torch_attempts(platform: str, cuda: bool, index_answers: bool) -> list[list[str]]:
    """What to ask pip for, the best first: without CUDA's libraries where there is no GPU for them.

    Only on Linux does PyPI's torch bring CUDA. The CPU build is asked for by its full version also where PyTorch's
    index does not answer, since a mirror or a folder of wheels may hold it.
    """
    if platform != "linux" or cuda:
        return [[TORCH]]
    index = ["--extra-index-url", CPU_INDEX] if index_answers else []
    return [[f"{TORCH}+cpu", *index], [TORCH]]


def provide_environment() -> None:
    """Makes .venv, or brings it up to date, or does nothing where it is."""
    made_from = (ROOT / "pyproject.toml").read_bytes() + "".join(lock_lines()).encode()
    wanted = stamp(made_from, tuple(sys.version_info[:2]), ROOT)
    if not MAKING.exists() and read(STAMP) == wanted and PYTHON.exists():
        return
    say(f"Setting up {VENV} (a few minutes the first time) ...")
    if MAKING.exists() or not sound(PYTHON):
        make_venv()
    STAMP.unlink(missing_ok=True)
    MAKING.touch()
    install_everything()
    STAMP.write_text(wanted, encoding="utf-8")
    MAKING.unlink()


def install_everything() -> None:
    """PyTorch while the others install, since unpacking keeps one processor busy; then Kinecor, which needs both.

    PyTorch comes without what it needs itself, so that the two never write the same package; the last step adds it.
    """
    problems: list[SetupError] = []

    def torch() -> None:
        try:
            install_torch()
        except SetupError as error:
            problems.append(error)

    beside = threading.Thread(target=torch)
    beside.start()
    say("Installing Kinecor and what it stands on ...")
    locked = [line for line in lock_lines() if not line.startswith("torch==")]
    if locked:
        failed = pip_locked("--no-deps", "--no-build-isolation", lines=locked)
    else:
        # PyTorch lacks what the last step adds.
        failed = pip("--no-warn-conflicts", *libraries(ROOT / "pyproject.toml"))
    beside.join()
    if problems:
        raise problems[0]
    # Hatchling is among the libraries: pip need not download it again for the build.
    own = ("--no-deps", str(ROOT)) if locked else (f"{ROOT}[test]",)
    if failed or pip("--no-build-isolation", *own[:-1], "--editable", own[-1]):
        other = "; --unlocked installs other versions where the index lacks these" if locked else ""
        raise SetupError(
            f"pip could not install Kinecor: see its words above, then give the same command again{other}."
        )


def lock_lines() -> list[str]:
    """The libraries of requirements.lock, a line each; none for another Python or machine, or with --unlocked."""
    first, _, rest = read(ROOT / "requirements.lock").partition("\n")
    here = f"{platform.python_implementation()} {sys.version_info[0]}.{sys.version_info[1]}, {sys.platform}, "
    fits = f"{here}{platform.machine().lower()}." in first
    return [line for line in rest.splitlines() if "==" in line] if use_lock and fits else []


def pip_locked(*arguments: str, lines: list[str], quiet: bool = False) -> int:
    """As `pip`, for lines of the lock: nothing is installed with another SHA-256."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return pip(*arguments, "--require-hashes", "--requirement", str(listed), quiet=quiet)


def libraries(pyproject: Path) -> list[str]:
    """What Kinecor, its tests and its build need, for pip; without PyTorch, which has a source of its own."""
    import tomllib  # not in the older Pythons that this script starts in

    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"], *EDITABLE]
    return [one for one in wanted if not one.startswith("torch")]


def read(path: Path) -> str:
    """The text of a small file, empty where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def sound(python: Path) -> bool:
    """Whether this is a working interpreter of our version with a working pip."""
    version = ".".join(map(str, sys.version_info[:2]))
    code = f"import sys, pip; sys.exit('.'.join(map(str, sys.version_info[:2])) != {version!r})"
    try:
        return subprocess.run([str(python), "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """A new, empty .venv in place of whatever was there."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        # Debian keeps them in a package of their own.
        install_packages([f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"])
    base = getattr(sys, "_base_executable", None) or sys.executable
    if subprocess.run([base, "-m", "venv", "--clear", str(VENV)], check=False).returncode:
        raise SetupError(f"{base} could not make {VENV}: see its words above.")


def install_torch() -> None:
    """PyTorch, for the CPU unless a CUDA GPU is found."""
    cuda = has_cuda()
    say(f"Installing PyTorch for {'CUDA' if cuda else 'the CPU'} ...")
    attempts = torch_attempts(sys.platform, cuda, sys.platform == "linux" and not cuda and answers(CPU_INDEX))
    for number, attempt in enumerate(attempts):
        last = number == len(attempts) - 1
        if number:
            say("No CPU-only build of PyTorch within reach: taking the usual one, which may be some gigabytes.")
        # One progress bar at a time: that of the other libraries, installed at the same time.
        options = ("--no-deps", "--progress-bar", "off")
        locked = [line for line in lock_lines() if line.startswith(f"{attempt[0]} ")]
        if (
            pip_locked(*options, *attempt[1:], lines=locked, quiet=not last)
            if locked
            else pip(*options, *attempt, quiet=not last)
        ) == 0:
            return
    raise SetupError("pip could not install PyTorch: see its words above, then give the same command again.")


def has_cuda() -> bool:
    """Whether NVIDIA's driver is there and sees a GPU."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        found = subprocess.run([program, "-L"], capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0 and "GPU" in found.stdout


def answers(url: str) -> bool:
    """Whether a web address answers within PROBE_S; a name look-up that hangs counts as no answer."""
    heard: list[bool] = []

    def ask() -> None:
        # Whatever goes wrong here, pip does without the address.
        with contextlib.suppress(Exception), urllib.request.urlopen(f"{url}/torch/", timeout=PROBE_S) as reply:
            heard.append(reply.status == 200)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PROBE_S)
    return heard == [True]


def pip(*arguments: str, quiet: bool = False) -> int:
    """Runs pip's install in .venv and gives its exit status; with its progress only on a terminal.

    Python compiles what is imported; all that is installed would take a minute, most of it for nothing.
    """
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]
    # Twice: errors only, no messages about every index.
    silent = ["--quiet", "--quiet"] if quiet or not sys.stderr.isatty() else []
    swallowed = subprocess.DEVNULL if quiet else None
    # Its output is no result of ours: to stderr with it.
    ended = subprocess.run([*command, *silent, *arguments], check=False, stdout=sys.stderr, stderr=swallowed)
    return ended.returncode


# --- Running ---


def display_address(name: str) -> tuple[str, str | tuple[str, int]]:
    """Where the X server of a DISPLAY listens: ("unix", path) or ("tcp", (host, port))."""
    host, _, numbers = name.rpartition(":")
    number = int(numbers.partition(".")[0])
    if host in ("", "unix"):
        return "unix", f"/tmp/.X11-unix/X{number}"
    return "tcp", (host, 6000 + number)


def has_display(platform: str, environment: dict[str, str]) -> bool:
    """Whether a window can be shown: a server answers at the address in the environment."""
    if platform != "linux":
        return True
    wayland = environment.get("WAYLAND_DISPLAY")
    if wayland and listens("unix", str(Path(environment.get("XDG_RUNTIME_DIR", "/")) / wayland)):
        return True
    try:
        kind, address = display_address(environment.get("DISPLAY", ""))
    except ValueError:
        return False
    # A Linux X server may listen in the abstract namespace alone.
    return listens(kind, address) or (isinstance(address, str) and listens(kind, "\0" + address))


def listens(kind: str, address: str | tuple[str, int]) -> bool:
    """Whether a socket takes a connection within two seconds."""
    try:
        with socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET) as connection:
            connection.settimeout(2)
            connection.connect(address)
    except OSError:
        return False
    return True


def run(arguments: list[str], display: bool) -> int:
    """Opens Kinecor; on the demo study without arguments, and without a window where there is no screen."""
    if arguments or display:
        return become([str(KINECOR), *(arguments or ["demo"])])
    say(f"No display here: analysing the demo study without a window, into {DEMO_OUT} ...")
    picture = DEMO_OUT / "window.png"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    for step in demo_steps(DEMO_OUT, picture):
        status = subprocess.run([str(KINECOR), *step], env=environment, check=False).returncode
        if status:
            say(f"`kinecor {shlex.join(step)}` failed with status {status}.")
            return status
    say("Done:")
    for path in sorted(path for path in DEMO_OUT.rglob("*") if path.is_file()):
        say(f"  {path}")
    return 0


def demo_steps(folder: Path, picture: Path) -> list[list[str]]:
    """The arguments of kinecor that do the demo's job without a screen."""
    return [
        ["analyse", "demo", "--out", str(folder), "--pdf", "--masks"],
        ["shot", "demo", "--out", str(picture)],
    ]


def test(arguments: list[str]) -> int:
    """The whole suite, off screen, on two processes."""
    os.chdir(ROOT)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # Both processes and the programs that tests start import the same modules: compiled once, from then on read.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # In the order of tests/conftest.py, which puts slow files first; xdist would put those with few tests last.
    two = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    return become([str(PYTHON), "-m", "pytest", *two, *arguments])


def become(command: list[str]) -> int:
    """Ends as that program; Windows cannot, and waits for it."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
