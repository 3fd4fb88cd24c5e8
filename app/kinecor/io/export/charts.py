"""Curves as SVG: one panel for volumes, one for areas where there are no volumes, one for strain, ED and ES marked."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import kinecor
from kinecor.core.strain.drawing import ticks
from kinecor.core.values.colours import ON_WHITE
from kinecor.core.values.events import marks
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.io.export.tables import curve_columns
from kinecor.io.files.atomic import write_text

_WIDTH, _HIGH, _LEFT, _RIGHT, _TOP, _FOOT = 720, 230, 62, 160, 38, 34
_INK, _GRID = "#1a1a1a", "#dddddd"
_LINES: Final = {
    "lv": ON_WHITE[Structure.LV_ENDO],
    "la": ON_WHITE[Structure.LA],
    "rv": ON_WHITE[Structure.RV],
    "longitudinal": _INK,
}
_OTHERS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")


def write_charts(path: Path, reading: Reading) -> None:
    """Write the curves of `write_curves` as one SVG with text as text, times in seconds.

    Args:
        path: of the SVG.
        reading: of a recording of any kind.

    Raises:
        KinecorError: the file cannot be written there.

    """
    columns = {name: [float(value) for value in values] for name, values in curve_columns(reading).items()}
    time_s = columns.pop("time_s")
    columns.pop("frame")
    panels = [
        (title, unit, chosen)
        for title, unit, text in (
            ("Volume", "ml", "_volume_ml"),
            ("Volume, of the largest", "%", "_volume_relative_percent"),
            ("Strain", "%", "strain"),
        )
        if (chosen := {name: values for name, values in columns.items() if text in name and _known(values)})
    ]
    if not panels:
        area = next((name for name in columns if name.startswith("lv_area")), "")
        panels = [("LV area", area.rsplit("_", 1)[-1], {area: columns[area]} if area else {})]
    drawn = [
        f'<g transform="translate(0 {number * _HIGH})">{_panel(title, unit, time_s, lines, reading)}</g>'
        for number, (title, unit, lines) in enumerate(panels)
    ]
    high = _HIGH * len(panels) + 18
    write_text(
        path,
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {high}" font-family="sans-serif" '
        f'font-size="11"><title>Curves</title><desc>{kinecor.RESEARCH_USE}</desc>'
        f'<rect width="{_WIDTH}" height="{high}" fill="#ffffff"/>{"".join(drawn)}'
        f'<text x="{_WIDTH - 6}" y="{high - 6}" text-anchor="end" fill="#555555">{kinecor.RESEARCH_USE}</text></svg>\n',
        private=True,
    )


def _known(values: Sequence[float]) -> bool:
    return any(math.isfinite(value) for value in values)


def _panel(title: str, unit: str, time_s: Sequence[float], lines: dict[str, list[float]], reading: Reading) -> str:
    every = [value for values in lines.values() for value in values if math.isfinite(value)]
    low, high = min([0.0, *every]), max([0.0, *every])
    high = high if high > low else low + 1.0
    first, last = time_s[0], max(time_s[-1], time_s[0] + 1e-3)
    wide, tall = _WIDTH - _LEFT - _RIGHT, _HIGH - _TOP - _FOOT

    def x(at_s: float) -> float:
        return _LEFT + (at_s - first) / (last - first) * wide

    def y(value: float) -> float:
        return _TOP + (high - value) / (high - low) * tall

    out = [f'<text x="8" y="16" font-weight="bold" fill="{_INK}">{title}, {unit}</text>']
    for value in ticks(low, high, 5):
        out.append(f'<path d="M{_LEFT} {y(value):.1f}h{wide}" stroke="{_GRID}"/>')
        out.append(f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" fill="{_INK}">{value:g}</text>')
    out += [
        f'<text x="{x(at_s):.1f}" y="{_HIGH - 18}" text-anchor="middle" fill="{_INK}">{at_s:g} s</text>'
        for at_s in ticks(first, last, 8)
    ]
    for _, mark, frame in marks(reading.events):
        place = x(time_s[frame])
        out.append(f'<path d="M{place:.1f} {_TOP}v{tall}" stroke="#555555" stroke-dasharray="3 3"/>')
        out.append(f'<text x="{place:.1f}" y="{_TOP - 3}" text-anchor="middle" fill="{_INK}">{mark.upper()}</text>')
    for number, (name, values) in enumerate(lines.items()):
        colour = _LINES.get(name.split("_")[0], _OTHERS[number % len(_OTHERS)])
        out.append(f'<path d="{_path(values, time_s, x, y)}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        text = escape(_words(name))
        row = _TOP + 10 + 14 * number
        out.append(f'<text x="{_WIDTH - _RIGHT + 10}" y="{row}" fill="{colour}">{text}</text>')
    return "".join(out)


def _words(column: str) -> str:
    """A column's name without its unit, as people write it."""
    texts = column.replace("_relative_percent", "").rsplit("_", 1)[0].split("_")
    return " ".join(word.upper() if word in ("lv", "la", "rv") else word for word in texts)


def _path(
    values: Sequence[float], time_s: Sequence[float], x: Callable[[float], float], y: Callable[[float], float]
) -> str:
    """A line through known values; a gap where one is missing."""
    out, pen = [], "M"
    for value, at_s in zip(values, time_s, strict=True):
        if math.isfinite(value):
            out.append(f"{pen}{x(at_s):.1f} {y(value):.1f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(out)
