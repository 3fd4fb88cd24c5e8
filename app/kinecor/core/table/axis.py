"""Round numbers for the axes of charts."""

import math


def round_step(least: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that is `least` (above 0) or more."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(one * power for one in (1.0, 2.0, 5.0, 10.0) if one * power >= least * 0.999)


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) between `low` and `high`, roughly `about` of them."""
    if not high > low:
        return [low]
    step = round_step((high - low) / max(about, 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(one * step, 10) for one in range(first, last + 1)]
