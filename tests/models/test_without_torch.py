"""Where torch is not installed short axes are contoured, and networks that need it report so.

The default analysis without torch is in tests/cli/test_demo_study.py.
"""

import os
import subprocess
import sys

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


def test_short_axes_and_their_motion_need_no_torch(tmp_path):
    ended = run(MRI, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["3", "2"]


def test_networks_that_need_torch_say_so(tmp_path):
    """All in one process, since starting one takes longer than what it says."""
    code = """
from kinecor.cli import main
from kinecor_models.registry import open_model
for network in sys.argv[2:]:
    print("STATUS", network, main(["analyse", "sample", "--network", network, "--out", sys.argv[1] + network]))
print("CALLED", file=sys.stderr)
open_model("sax-circular")
"""
    networks = ["lv-ral", "lv-convlstm"]
    ended = run(code, tmp_path, str(tmp_path / "out"), *networks)
    for network in networks:
        assert f"STATUS {network} 1" in ended.stdout
        assert f"{network} needs PyTorch, which is not installed: install it (pip install torch)" in ended.stderr
    assert "TorchMissingError: sax-circular needs PyTorch, which is not installed" in ended.stderr
    assert "Traceback" not in ended.stderr.partition("CALLED")[0]
