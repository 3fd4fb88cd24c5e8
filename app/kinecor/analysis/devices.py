"""Where the networks of this workstation run, as its reader chose: on which device, and in which precision.

What an analysis is asked for by an option of a command counts before it.
"""

import os
from typing import Final

from kinecor_models.engines.precision import FLOAT, INT8, PRECISION

DEVICES: Final = ("auto", "cpu", "cuda")
PRECISIONS: Final = ("", FLOAT, INT8)
"""The first is what the environment says, else what a self-test finds faster."""
_of_environment: Final = os.environ.get(PRECISION)
_chosen = DEVICES[0]


def use_devices(device: str, precision: str) -> None:
    """Run networks there from now on; those that are open already stay where they are until they are opened again.

    Args:
        device: one of `DEVICES`.
        precision: one of `PRECISIONS`.

    Raises:
        ValueError: another device or precision.

    """
    global _chosen
    if device not in DEVICES or precision not in PRECISIONS:
        raise ValueError(f"expected one of {DEVICES} and of {PRECISIONS}, got {device!r} and {precision!r}")
    _chosen = device
    if precision:
        os.environ[PRECISION] = precision
    elif _of_environment is not None:
        os.environ[PRECISION] = _of_environment
    else:
        os.environ.pop(PRECISION, None)


def resolve_device(device: str) -> str:
    """The device that "auto" stands for on this workstation; any other as it is."""
    return _chosen if device == DEVICES[0] else device


def precision_in_force() -> str:
    """The precision that counts now, "" where a self-test decides."""
    return os.environ.get(PRECISION, "")


def gpu_found() -> bool:
    """Whether there is a CUDA GPU; asks its driver."""
    from kinecor_models.engines.engine import cuda_found  # with OpenCV, which a window that starts does not need

    return cuda_found()
