"""Findings of an independent DICOM checker, where it is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest


def standard_errors(path: Path) -> list[str]:
    """Lines of dciodvfy that start with Error; skips the test without the program (Debian: dicom3tools)."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy is not installed")
    done = subprocess.run([program, "-new", str(path)], capture_output=True, text=True, check=False)
    return [line for line in (done.stderr + done.stdout).splitlines() if line.startswith("Error")]


def program(name: str) -> str:
    """Path of a checker; skips the test where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: dcmtk or dicom3tools)")
    return found
