"""OpenVINO without its telemetry.

On import, OpenVINO starts a thread that reports its use to its maker, unless the package openvino_telemetry is not
there. A program that reads patients' recordings reports to nobody, so that package is kept from being found. Whoever
needs OpenVINO imports it from here.
"""

import sys

# None in this table makes an import fail as if the package were not installed; OpenVINO then goes on without.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

import openvino as ov  # noqa: E402
from openvino import opset13 as op  # noqa: E402

__all__ = ["op", "ov"]
