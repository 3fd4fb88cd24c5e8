import json
import subprocess

import pytest

from kinecor.cli import doctor as module
from kinecor.cli.doctor import Finding, doctor


def test_says_what_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    doctor()
    text = capsys.readouterr().out
    for name in ("kinecor", "python", "processor", "gpu", "display", "numpy", "torch", "codecs", "readings", "log"):
        assert any(line.startswith(f"{name} ") for line in text.splitlines()), name
    assert "JPEG 2000" in text


def test_programs_get_every_finding_with_three_strings(capsys: pytest.CaptureFixture[str]) -> None:
    doctor(as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert all(set(one) == {"name", "text", "missing"} for one in found)
    assert all(isinstance(value, str) for one in found for value in one.values())
    names = [one["name"] for one in found]
    assert len(set(names)) == len(names)
    assert {"kinecor", "codecs", "models", "readings", "log", "audit log"} <= set(names)


def test_says_what_is_missing_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "_version", lambda package: None if package == "scipy" else "1.0")
    monkeypatch.setattr(module, "_loads", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(module.sys, "platform", "linux")
    assert doctor() == 1
    error = capsys.readouterr().err
    assert "scipy: pip install scipy" in error
    assert "apt-get install --no-install-recommends libegl1" in error


def test_a_cuda_card_with_a_cpu_build_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*args: object, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, "NVIDIA X, 8192 MiB, 550.1\n", "")

    monkeypatch.setattr(module.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(module.subprocess, "run", ask)
    monkeypatch.setattr(module, "_version", lambda package: "2.9.0+cpu")
    (finding,) = module._gpu()
    assert finding == Finding(
        "gpu",
        "NVIDIA X, 8192 MiB, 550.1; torch here is built for the processor only: install a CUDA build to use it",
    )
