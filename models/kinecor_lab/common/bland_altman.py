"""Bland-Altman plots as SVG: differences over means, with their bias and limits of agreement."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from kinecor.core.values.geometry import FloatArray
from kinecor.io.files.atomic import write_text

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 420, 64, 150, 40, 52
# Distinguishable with every common colour vision deficiency (Okabe and Ito 2008).
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def write_bland_altman(
    path: Path, pairs: Mapping[str, tuple[Sequence[float], Sequence[float]]], *, title: str, unit: str
) -> None:
    """Write a plot of measured less true over their mean (Bland and Altman, Lancet 1986;327:307).

    Args:
        path: of the SVG.
        pairs: true and measured values by group; each group has its own colour.
        title: above the plot.
        unit: of all values.

    Raises:
        KinecorError: the file cannot be written there.
        ValueError: fewer than two pairs are finite.

    """
    groups = {name: _finite(*values) for name, values in pairs.items()}
    true, measured = (np.concatenate([group[i] for group in groups.values()]) for i in (0, 1))
    if len(true) < 2:
        raise ValueError(f"a Bland-Altman plot needs two pairs or more, got {len(true)}")
    mean, off = (true + measured) / 2, measured - true
    bias, spread = float(off.mean()), float(off.std(ddof=1))
    lines = {"bias": bias, "+1.96 SD": bias + 1.96 * spread, "-1.96 SD": bias - 1.96 * spread}
    x, y = _Axis(mean, _LEFT, _WIDE - _RIGHT), _Axis(np.append(off, [*lines.values(), 0]), _HIGH - _BOTTOM, _TOP)
    parts = [_frame(x, y, f"{title} (n = {len(true)})", unit)]
    for name, value in lines.items():
        dashes = "" if name == "bias" else ' stroke-dasharray="6 4"'
        at = y(value)
        parts.append(f'<path d="M{_LEFT} {at:.1f}H{_WIDE - _RIGHT}" stroke="#333"{dashes}/>')
        parts.append(_text(_WIDE - _RIGHT + 6, at + 4, f"{name} {value:+.1f}"))
    for number, (name, (first, second)) in enumerate(groups.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        parts += [
            f'<circle cx="{x((a + b) / 2):.1f}" cy="{y(b - a):.1f}" r="4" fill="{colour}" fill-opacity="0.8"/>'
            for a, b in zip(first, second, strict=True)
        ]
        parts.append(f'<circle cx="{_WIDE - _RIGHT + 12}" cy="{_HIGH - 16 - 18 * number}" r="4" fill="{colour}"/>')
        parts.append(_text(_WIDE - _RIGHT + 22, _HIGH - 12 - 18 * number, name))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" font-family="sans-serif">'
    write_text(
        path, "\n".join([head, f'<rect width="{_WIDE}" height="{_HIGH}" fill="#fff"/>', *parts, "</svg>"]) + "\n"
    )


def _finite(true: Sequence[float], measured: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    both = np.array([true, measured], dtype=np.float64).reshape(2, -1)
    good = np.isfinite(both).all(axis=0)
    return both[0, good], both[1, good]


class _Axis:
    """Values to places between two edges, with round ticks."""

    def __init__(self, values: FloatArray, start: float, stop: float) -> None:
        low, high = float(values.min()), float(values.max())
        room = max(high - low, 1.0) * 0.08
        self.low, self.high, self._start, self._stop = low - room, high + room, start, stop
        size = 10 ** np.floor(np.log10((self.high - self.low) / 4))
        step = float(next(size * k for k in (1, 2, 5, 10) if (self.high - self.low) / (size * k) <= 7))
        self.ticks = np.arange(np.ceil(self.low / step), np.floor(self.high / step) + 1) * step

    def __call__(self, value: float) -> float:
        return self._start + (value - self.low) / (self.high - self.low) * (self._stop - self._start)


def _frame(x: _Axis, y: _Axis, title: str, unit: str) -> str:
    right, foot = _WIDE - _RIGHT, _HIGH - _BOTTOM
    parts = [f'<path d="M{_LEFT} {_TOP}V{foot}H{right}" fill="none" stroke="#000"/>']
    parts.append(_text(_LEFT, _TOP - 16, title, size=14))
    for tick in x.ticks:
        parts.append(f'<path d="M{x(tick):.1f} {foot}v5" stroke="#000"/>')
        parts.append(_text(x(tick), foot + 18, f"{tick:g}", anchor="middle"))
    for tick in y.ticks:
        parts.append(f'<path d="M{_LEFT} {y(tick):.1f}h-5" stroke="#000"/>')
        parts.append(_text(_LEFT - 8, y(tick) + 4, f"{tick:g}", anchor="end"))
    parts.append(_text((_LEFT + right) / 2, _HIGH - 14, f"mean of true and measured ({unit})", anchor="middle"))
    middle = (_TOP + foot) / 2
    parts.append(
        f'<text transform="translate(18 {middle}) rotate(-90)" text-anchor="middle" font-size="12">'
        f"measured less true ({escape(unit)})</text>"
    )
    return "\n".join(parts)


def _text(x: float, y: float, words: str, *, size: int = 12, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{escape(words)}</text>'
