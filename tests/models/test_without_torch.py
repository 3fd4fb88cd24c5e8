"""The default analysis runs where torch is not installed, and networks that need it report so."""

import json
import os
import subprocess
import sys

import pytest

# A finder that comes first and finds no torch: the same as an installation without it.
NO_TORCH = """
import sys
class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, NoTorch())
"""
KINECOR = """
from kinecor.__main__ import main
sys.argv[0] = "kinecor"
sys.exit(main())
"""
MRI = """
import numpy as np
from kinecor_models.contract import ClipInput
from kinecor_models.motion.model import open_motion
from kinecor_models.registry import open_model
frames = np.random.default_rng(0).integers(0, 255, (3, 64, 64), dtype=np.uint8)
clip = ClipInput(frames, spacing_mm=2.0)
found = open_model("lv-sax")(clip, lambda *_: None)
print(len(found.contours["lv_endo"]), len(open_motion("network")(clip, lambda *_: None).displacement))
"""


def run(code, folder, *line):
    environment = os.environ | {"KINECOR_DATA_DIR": str(folder / "data")}
    return subprocess.run(
        [sys.executable, "-c", NO_TORCH + code, *line], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_default_analysis_needs_no_torch(tmp_path):
    ended = run(KINECOR, tmp_path, "analyse", "demo", "--out", str(tmp_path / "out"))
    assert ended.returncode == 0, ended.stderr
    (recording,) = json.loads((tmp_path / "out" / "result.json").read_text())["recordings"]
    assert recording["view"]["label"] == "A4C"
    assert recording["events"]["beats"]
    assert len(recording["curves"]["phase_regression"]) == 30
    for track in recording["tracks"].values():
        assert len(track["contours"]) == 30


def test_short_axes_and_their_motion_need_no_torch(tmp_path):
    ended = run(MRI, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["3", "2"]


@pytest.mark.parametrize("network", ["lv-ral", "lv-convlstm"])
def test_a_network_that_needs_torch_says_so(tmp_path, network):
    ended = run(KINECOR, tmp_path, "analyse", "demo", "--network", network, "--out", str(tmp_path / "out"))
    assert ended.returncode != 0
    assert f"{network} needs PyTorch, which is not installed: install it (pip install torch)" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_sax_circular_says_so_too(tmp_path):
    code = "from kinecor_models.registry import open_model; open_model('sax-circular')"
    ended = run(code, tmp_path)
    assert "TorchMissingError: sax-circular needs PyTorch, which is not installed" in ended.stderr
