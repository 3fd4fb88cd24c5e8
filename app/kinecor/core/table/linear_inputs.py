"""What callipers give to the table: named distances, with who measured them on which frame."""

from collections.abc import Mapping
from typing import Final

from kinecor.core.table.evaluation import Basis, Given, Inputs, Scaling
from kinecor.core.table.loop_inputs import NO_SCALE, REGION_MARGIN_PX, SQUARE_PIXELS
from kinecor.core.table.measures import Source
from kinecor.core.table.technique import Kind, Technique
from kinecor.core.values.callipers import Calliper
from kinecor.core.values.message import Message, joined, message, number, plural, verbatim
from kinecor.core.values.reading import Reading

SOURCES: Final[Mapping[str, Source]] = {
    "IVSd": Source.IVS_ED,
    "LVIDd": Source.LVID_ED,
    "PWd": Source.PW_ED,
    "LVIDs": Source.LVID_ES,
    "LAD": Source.LA_DIAMETER,
    "AoR": Source.AORTIC_ROOT,
    "LVOT": Source.OUTFLOW,
}
"""By the name of the calliper."""
_CALLIPER: Final = message("calliper")


def linear_inputs(reading: Reading) -> Inputs:
    """The named distances that a reader measured; without a scale in widths of a pixel, for ratios only."""
    found = ((SOURCES[name], one) for name, one in reading.callipers.items() if name in SOURCES)
    return {source: _given(reading, one) for source, one in found}


def _given(reading: Reading, one: Calliper) -> Given:
    scale, by = reading.calibration, reading.authors.get(f"callipers/{one.name}")
    scaled_by = reading.authors.get("calibration")
    return Given(
        value=one.value(*reading.spacing),
        basis=Basis(
            frames=(one.frame,),
            marked_by=(by,) if by else (),
            scaled_by=(scaled_by,) if scaled_by else (),
            edited=True,
        ),
        method=_CALLIPER,
        scaling=Scaling(missing=no_millimetres(reading, one), ratio=None if scale else SQUARE_PIXELS),
        technique=Technique(Kind.CALLIPER, words=_CALLIPER),
    )


def no_millimetres(reading: Reading, one: Calliper) -> Message | None:
    """Reason a calliper has no length in millimetres, or None."""
    if reading.calibration is None:
        return NO_SCALE
    region = reading.facts.region
    if region is None or "calibration" in reading.authors:  # a person's scale is for the whole image
        return None
    margin = REGION_MARGIN_PX
    within = all(
        region.x0 - margin <= x <= region.x1 - 1 + margin and region.y0 - margin <= y <= region.y1 - 1 + margin
        for x, y in one.points
    )
    if within:
        return None
    return message("{calliper} leaves the part of the image that the scale is for", calliper=verbatim(one.name))


def calliper_ms(reading: Reading, one: Calliper) -> float | None:
    """The length of a time in ms; None where the times of the frames are assumed, or it is no time."""
    facts = reading.facts
    if one.until is None or facts.times_origin == "assumed":
        return None
    return 1000 * float(facts.times_s[one.until] - facts.times_s[one.frame])


def calliper_words(reading: Reading, one: Calliper) -> Message:
    """Its value as a reader is shown it: "48.2 mm", "12.1 cm²", "90°", "312 ms"; without a scale "62 px"."""
    if one.until is not None:
        length_ms = calliper_ms(reading, one)
        if length_ms is None:
            return plural("{count} frame", "{count} frames", one.until - one.frame)
        return joined(number(length_ms, ".0f"), " ms")
    value, scaled = one.value(*reading.spacing), no_millimetres(reading, one) is None
    if one.shape == "angle":
        return joined(number(value, ".0f"), "°")
    if one.shape == "area":
        return joined(number(value / 100, ".1f"), " cm²") if scaled else joined(number(value, ".0f"), " px²")
    return joined(number(value, ".1f"), " mm") if scaled else joined(number(value, ".0f"), " px")
