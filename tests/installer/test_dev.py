import importlib.util
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "installer" / "dev.py"
PROJECT = """[project]
dependencies = ["numpy>=2,<3", "torch>=2.6,<2.14"]
[project.optional-dependencies]
test = ["hatchling>=1.25"]
"""
TORCH_ALONE = ("--no-deps", "--progress-bar", "off", "torch==2.13.0")


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """The script as a module, about a checkout that is not this one."""
    spec = importlib.util.spec_from_file_location("dev_under_test", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / "checkout" / ".venv"
    venv.parent.mkdir()
    (venv.parent / "pyproject.toml").write_text(PROJECT)
    monkeypatch.setattr(module, "ROOT", venv.parent)
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(module, "STAMP", venv / "kinecor-complete")
    monkeypatch.setattr(module, "MAKING", venv / "kinecor-making")
    monkeypatch.setattr(module, "DEMO_OUT", venv.parent / "out" / "demo")
    return module


@pytest.fixture
def steps(dev, monkeypatch):
    """What provide_environment does, without doing it."""
    done = []

    def make_venv():
        done.append("venv")
        dev.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        dev.PYTHON.touch()
        dev.MAKING.unlink(missing_ok=True)

    monkeypatch.setattr(dev, "sound", lambda python: python.exists())
    monkeypatch.setattr(dev, "make_venv", make_venv)
    monkeypatch.setattr(dev, "install_everything", lambda: done.append("everything"))
    return done


def test_it_stands_on_the_standard_library_alone():
    ended = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), "--help"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0
    assert "dev.py run" in ended.stdout


@pytest.mark.parametrize("arguments", [[], ["fly"]])
def test_what_it_does_not_know_is_bad_usage(dev, arguments, capsys):
    assert dev.main(arguments) == 2
    assert "dev.py test" in capsys.readouterr().out


def test_the_first_time_all_is_set_up_and_the_second_time_nothing(dev, steps):
    dev.provide_environment()
    assert steps == ["venv", "everything"]
    dev.provide_environment()
    assert steps == ["venv", "everything"]
    assert not dev.MAKING.exists()


def test_a_changed_project_is_brought_up_to_date_in_the_same_environment(dev, steps):
    dev.provide_environment()
    (dev.ROOT / "pyproject.toml").write_text(PROJECT + "docs = []\n")
    dev.provide_environment()
    assert steps == ["venv", "everything", "everything"]


def test_a_killed_set_up_is_repeated(dev, steps, monkeypatch):
    def killed():
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "install_everything", killed)
    with pytest.raises(KeyboardInterrupt):
        dev.provide_environment()
    assert dev.MAKING.exists()
    monkeypatch.setattr(dev, "install_everything", lambda: steps.append("everything"))
    dev.provide_environment()
    assert steps == ["venv", "venv", "everything"]
    assert dev.STAMP.exists()


def test_an_environment_created_by_hand_is_taken_over(dev, steps):
    dev.PYTHON.parent.mkdir(parents=True)
    dev.PYTHON.touch()
    dev.provide_environment()
    assert steps == ["everything"]


def test_pytorch_is_installed_beside_the_others_and_kinecor_after_both(dev, monkeypatch):
    calls = []
    monkeypatch.setattr(dev, "has_cuda", lambda: True)
    monkeypatch.setattr(dev, "pip", lambda *arguments, quiet=False: calls.append(arguments) or 0)
    dev.install_everything()
    others = ("--no-warn-conflicts", "numpy>=2,<3", "hatchling>=1.25", *dev.EDITABLE)
    assert sorted(calls[:2]) == [TORCH_ALONE, others]
    assert calls[2:] == [("--no-build-isolation", "--editable", f"{dev.ROOT}[test]")]


LOCKED = ["numpy==2.4.6 --hash=sha256:" + "0" * 64, "torch==2.13.0+cpu --hash=sha256:" + "1" * 64]


def locked(dev, first=None):
    words = f"{platform.python_implementation()} {sys.version_info[0]}.{sys.version_info[1]}, {sys.platform}, "
    first = first or f"# Written by x: for {words}{platform.machine().lower()}."
    (dev.ROOT / "requirements.lock").write_text("\n".join([first, *LOCKED, ""]))


def test_what_is_locked_is_installed_by_its_hashes_and_nothing_else(dev, monkeypatch):
    calls = []

    def pip(*arguments, quiet=False):
        listed = [Path(one).read_text() for one in arguments if one.endswith("requirements.txt")]
        calls.append(([one for one in arguments if "requirements.txt" not in one], listed))
        return 0

    locked(dev)
    monkeypatch.setattr(dev, "has_cuda", lambda: False)
    monkeypatch.setattr(dev, "answers", lambda url: False)
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev, "pip", pip)
    dev.install_everything()
    assert sorted(listed for _, listed in calls[:2]) == [[f"{line}\n"] for line in LOCKED]
    assert all("--require-hashes" in arguments and "--no-deps" in arguments for arguments, _ in calls[:2])
    assert calls[2] == (["--no-build-isolation", "--no-deps", "--editable", str(dev.ROOT)], [])


def test_a_lock_of_another_machine_or_one_that_is_not_wanted_does_not_count(dev, monkeypatch):
    locked(dev)
    assert dev.lock_lines() == LOCKED
    monkeypatch.setattr(dev, "use_lock", False)
    assert dev.lock_lines() == []
    monkeypatch.setattr(dev, "use_lock", True)
    locked(dev, "# Written by x: for CPython 2.7, plan9, z80.")
    assert dev.lock_lines() == []


def test_a_changed_lock_is_brought_up_to_date(dev, steps):
    dev.provide_environment()
    locked(dev)
    dev.provide_environment()
    dev.provide_environment()
    assert steps == ["venv", "everything", "everything"]


@pytest.mark.parametrize("part", ["torch==2.13.0", "numpy>=2,<3", "--editable"])
def test_a_failed_install_leaves_no_stamp(dev, monkeypatch, part):
    dev.VENV.mkdir()
    monkeypatch.setattr(dev, "sound", lambda python: True)
    monkeypatch.setattr(dev, "has_cuda", lambda: True)
    monkeypatch.setattr(dev, "pip", lambda *arguments, quiet=False: int(part in arguments))
    with pytest.raises(dev.SetupError, match="same command again"):
        dev.provide_environment()
    assert not dev.STAMP.exists()
    assert dev.MAKING.exists()


def test_a_stamp_distinguishes_projects_versions_and_locations(dev):
    base = (b"a", (3, 11), Path("/x"))
    stamps = {
        dev.stamp(*base),
        dev.stamp(b"b", *base[1:]),
        dev.stamp(b"a", (3, 12), Path("/x")),
        dev.stamp(b"a", (3, 11), Path("/y")),
    }
    assert len(stamps) == 4
    assert dev.stamp(*base) in stamps


def test_this_interpreter_is_sound_and_nothing_is_not(dev, tmp_path):
    assert dev.sound(Path(sys.executable))
    assert not dev.sound(tmp_path / "python")
    (tmp_path / "python").touch()
    assert not dev.sound(tmp_path / "python")


@pytest.mark.parametrize(
    ("platform", "cuda", "index", "attempts"),
    [
        ("linux", True, True, [["torch==2.13.0"]]),
        ("darwin", False, True, [["torch==2.13.0"]]),
        ("win32", False, True, [["torch==2.13.0"]]),
        ("linux", False, False, [["torch==2.13.0+cpu"], ["torch==2.13.0"]]),
        (
            "linux", False, True,
            [["torch==2.13.0+cpu", "--extra-index-url", "https://download.pytorch.org/whl/cpu"], ["torch==2.13.0"]],
        ),
    ],
)  # fmt: skip
def test_pytorch_comes_without_cuda_where_there_is_no_gpu(dev, platform, cuda, index, attempts):
    assert dev.torch_attempts(platform, cuda, index) == attempts


def test_without_a_cpu_build_the_usual_one_is_taken(dev, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev, "has_cuda", lambda: False)
    monkeypatch.setattr(dev, "answers", lambda url: False)
    monkeypatch.setattr(dev, "pip", lambda *arguments, quiet: calls.append((arguments, quiet)) or len(calls) < 2)
    dev.install_torch()
    assert calls == [((*TORCH_ALONE[:-1], "torch==2.13.0+cpu"), True), (TORCH_ALONE, False)]
    assert "gigabytes" in capsys.readouterr().err


def test_an_address_that_does_not_answer_is_reported_quickly(dev, monkeypatch):
    monkeypatch.setattr(dev, "PROBE_S", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert not dev.answers(f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert not dev.answers("http://127.0.0.1:1")


def test_a_library_and_a_program_are_found_or_missed(dev):
    assert dev.present("sh")
    assert not dev.present("no-such-program")
    assert not dev.present("libno-such.so.7")
    if sys.platform == "linux":
        assert dev.present("libc.so.6")


def test_a_window_needs_more_of_the_system_and_tests_most(dev):
    headless, window, tests = (
        dev.system_parts("run", False), dev.system_parts("run", True), dev.system_parts("test", False)
    )  # fmt: skip
    assert headless.keys() < window.keys() < tests.keys()
    assert "libxcb-cursor0" in window
    assert "xvfb" in tests


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="apt-get is a thing of Debian")
class TestPackages:
    def test_without_root_the_exact_command_is_printed(self, dev, monkeypatch):
        monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
        with pytest.raises(dev.SetupError) as reported:
            dev.install_packages(["libegl1", "xvfb"])
        command = "sudo apt-get update && sudo apt-get install --yes --no-install-recommends libegl1 xvfb"
        assert str(reported.value).endswith(f"\n  {command}")

    def test_root_updates_then_installs(self, dev, monkeypatch):
        ran = []

        def remember(command, **how):
            ran.append(command)
            return subprocess.CompletedProcess(command, 0)

        monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(dev.os, "geteuid", lambda: 0)
        monkeypatch.setattr(dev.subprocess, "run", remember)
        dev.install_packages(["xvfb"])
        assert ran == [["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "xvfb"]]

    def test_a_failing_apt_get_is_reported(self, dev, monkeypatch):
        monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(dev.os, "geteuid", lambda: 0)
        monkeypatch.setattr(dev.subprocess, "run", lambda command, **how: subprocess.CompletedProcess(command, 100))
        with pytest.raises(dev.SetupError, match="could not install xvfb"):
            dev.install_packages(["xvfb"])

    def test_without_apt_get_the_parts_are_named(self, dev, monkeypatch):
        monkeypatch.setattr(dev.shutil, "which", lambda name: None)
        with pytest.raises(dev.SetupError, match="Debian's names: xvfb"):
            dev.install_packages(["xvfb"])

    def test_what_is_missing_ends_with_status_2(self, dev, monkeypatch, capsys):
        def refuse(wanted):
            raise dev.SetupError("type this")

        monkeypatch.setattr(dev, "provide_system_libraries", refuse)
        assert dev.main(["run"]) == 2
        assert capsys.readouterr().err == "type this\n"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (":0", ("unix", "/tmp/.X11-unix/X0")),
        ("unix:1.0", ("unix", "/tmp/.X11-unix/X1")),
        ("localhost:10.0", ("tcp", ("localhost", 6010))),
    ],
)
def test_a_display_has_an_address(dev, name, address):
    assert dev.display_address(name) == address


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ""}, {"DISPLAY": "nonsense"}, {"DISPLAY": ":54321"}])
def test_a_display_without_a_server_is_none(dev, environment):
    assert not dev.has_display("linux", environment)


def test_other_systems_have_a_screen(dev):
    assert dev.has_display("darwin", {})
    assert dev.has_display("win32", {})


def test_a_display_with_a_server_is_one(dev, tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "w-0"))
        server.listen()
        assert dev.has_display("linux", {"WAYLAND_DISPLAY": "w-0", "XDG_RUNTIME_DIR": str(tmp_path)})
    assert not dev.has_display("linux", {"WAYLAND_DISPLAY": "w-0", "XDG_RUNTIME_DIR": str(tmp_path)})


def test_with_a_display_the_demo_opens_and_arguments_are_passed_on(dev, monkeypatch):
    ran = []
    monkeypatch.setattr(dev, "become", lambda command: ran.append(command[1:]) or 0)
    dev.run([], True)
    dev.run(["doctor"], False)
    assert ran == [["demo"], ["doctor"]]


def test_without_a_display_the_same_job_is_done_and_its_files_listed(dev, monkeypatch, capsys):
    ran = []

    def pretend(command, env, check):
        assert env["QT_QPA_PLATFORM"] == "offscreen"
        ran.append(command[1:])
        dev.DEMO_OUT.mkdir(parents=True, exist_ok=True)
        (dev.DEMO_OUT / "result.json").touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(dev.subprocess, "run", pretend)
    assert dev.run([], False) == 0
    out = str(dev.DEMO_OUT)
    assert ran == [
        ["analyse", "demo", "--out", out, "--pdf", "--masks"],
        ["shot", "demo", "--out", str(dev.DEMO_OUT / "window.png")],
    ]
    reported = capsys.readouterr().err
    assert reported.startswith("No display here")
    assert str(dev.DEMO_OUT / "result.json") in reported


def test_a_failing_demo_gives_its_status(dev, monkeypatch, capsys):
    monkeypatch.setattr(dev.subprocess, "run", lambda command, **how: subprocess.CompletedProcess(command, 1))
    assert dev.run([], False) == 1
    assert "failed with status 1" in capsys.readouterr().err


def test_the_suite_runs_off_screen_with_further_arguments(dev, monkeypatch):
    ran = []
    monkeypatch.setattr(dev, "become", lambda command: ran.append(command) or 5)
    monkeypatch.chdir(dev.ROOT)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert dev.test(["-k", "journal"]) == 5
    two = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    assert ran[0][1:] == ["-m", "pytest", *two, "-k", "journal"]
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


def test_an_old_python_hands_over_to_a_fitting_one_or_says_so(dev, monkeypatch):
    started = []
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    monkeypatch.setattr(dev.os, "execv", lambda program, arguments: started.append(program))
    with pytest.raises(dev.SetupError):  # execv does not come back in life
        dev.restart_under_a_fitting_python()
    assert started == ["/usr/bin/python3.12"]
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    with pytest.raises(dev.SetupError, match=r"this is 3\.9"):
        dev.restart_under_a_fitting_python()
