"""Half precision for training and its validation, where it is worth having."""

from functools import cache

import torch


@cache
def has_bfloat16(device: str) -> bool:
    """Whether a device computes in bfloat16. A processor that does not imitates it twenty times slower."""
    if device != "cpu":
        return True
    told = torch.cpu.get_capabilities()
    # Of x86-64 processors the first two, of Arm's the last.
    return any(bool(told.get(name)) for name in ("amx_bf16", "avx512_bf16", "bf16"))


def reduced(device: str = "cpu", *, wanted: bool = True) -> torch.autocast:
    """A context in which networks compute in bfloat16 where the device does, else as they are.

    Args:
        device: "cpu" or "cuda".
        wanted: False leaves them as they are everywhere.

    """
    return torch.autocast(device, torch.bfloat16, enabled=wanted and has_bfloat16(device))
