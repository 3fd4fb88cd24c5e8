"""What callipers give to the table: named distances, velocities and times, with who measured them on which frame."""

from collections.abc import Callable, Mapping
from typing import Final

from kinecor.core.table.evaluation import Basis, Given, Inputs, Scaling, together, withheld
from kinecor.core.table.loop_inputs import NO_SCALE, REGION_MARGIN_PX, SQUARE_PIXELS
from kinecor.core.table.measures import Source, format_signed
from kinecor.core.table.technique import Kind, Technique
from kinecor.core.values.callipers import Calliper, Shape, named_of
from kinecor.core.values.graph import Graph, graph_of
from kinecor.core.values.message import NOTHING, Message, join_texts, message, number, plural, verbatim
from kinecor.core.values.reading import Reading

SOURCES: Final[Mapping[str, Source]] = {
    "IVSd": Source.IVS_ED,
    "LVIDd": Source.LVID_ED,
    "PWd": Source.PW_ED,
    "LVIDs": Source.LVID_ES,
    "LAD": Source.LA_DIAMETER,
    "AoR": Source.AORTIC_ROOT,
    "LVOT": Source.OUTFLOW,
    "RVD1": Source.RV_BASAL,
    "RVD2": Source.RV_MID,
    "RVD3": Source.RV_LENGTH,
    "TVd": Source.TRICUSPID,
    "TAPSE": Source.TAPSE,
    "MAPSE septal": Source.MAPSE_SEPTAL,
    "MAPSE lateral": Source.MAPSE_LATERAL,
    "RVOT prox": Source.RVOT_PROXIMAL,
    "RVOT dist": Source.RVOT_DISTAL,
    "IVC max": Source.VENA_CAVA_MAX,
    "IVC min": Source.VENA_CAVA_MIN,
    "LVOT VTI": Source.OUTFLOW_INTEGRAL,
    "E": Source.MITRAL_E,
    "A": Source.MITRAL_A,
    "DT": Source.DECELERATION,
    "e' septal": Source.ANNULAR_E_SEPTAL,
    "e' lateral": Source.ANNULAR_E_LATERAL,
    "S'": Source.ANNULAR_S_RIGHT,
    "TR Vmax": Source.TRICUSPID_JET,
}
"""By the name of the calliper."""
_CALLIPER: Final = message("calliper")
_NO_BASELINE: Final = message("the file does not say where velocity 0 is")
_OUTSIDE_SPECTRUM: Final = message("it lies outside the spectrum that the file gives a scale for")
_NO_FALL: Final = message("the slope does not fall to the baseline: drag from the peak along the slope")
_NO_AREA: Final = message("the trace encloses no area: draw it along the envelope, from its beginning to its end")
_MEAN_OF_BOTH: Final = message("calliper, mean of septal and lateral e'")
_SEPTAL_ONLY: Final = message("calliper, septal e' only")
_LATERAL_ONLY: Final = message("calliper, lateral e' only")


def linear_inputs(reading: Reading) -> Inputs:
    """What a reader measured by named callipers; distances without a scale in widths of a pixel, for ratios only.

    Args:
        reading: of a recording of any kind, with its callipers.

    """
    given: Inputs = {}
    for name, calliper in reading.callipers.items():
        if named_of(calliper) is None or (name == "TAPSE" and reading.kind.oriented_by_plane):
            continue  # on long axes of MRI it is measured along the movement of the plane
        given[SOURCES[name]] = (
            _of_spectrum(reading, calliper) if calliper.shape in OF_SPECTRA else _given(reading, calliper)
        )
    return given | _annular(given)


def graph_under(reading: Reading, calliper: Calliper) -> Graph | None:
    """The spectrum or M-mode that all of a calliper lies in; None on other images.

    Args:
        reading: of the recording, with the graphs of its header.
        calliper: its points are in pixels of the image.

    """
    return graph_of(reading.facts.graphs, calliper.points)


def length(reading: Reading, calliper: Calliper) -> float:
    """Length in mm, of an M-mode that in depth; without a scale in widths of a pixel.

    Args:
        reading: of the recording, with its scale.
        calliper: a distance.

    """
    graph = graph_under(reading, calliper)
    return (
        graph.depth_mm(*calliper.points) if _is_depth(graph, calliper) and graph else calliper.value(*reading.spacing)
    )


def velocity_cm_per_s(reading: Reading, calliper: Calliper) -> float | None:
    """Velocity at a point of a spectrum, above 0 towards the transducer; None where the file gives no scale.

    Args:
        reading: of the recording, with the graphs of its header.
        calliper: a point.

    """
    graph = graph_under(reading, calliper)
    return graph.velocity_cm_per_s(calliper.points[0]) if graph else None


def slope_ms(reading: Reading, calliper: Calliper) -> float | None:
    """Time that a slope takes from its peak to velocity 0, ms; None where it does not fall there.

    Args:
        reading: of the recording, with the graphs of its header.
        calliper: a slope, from its peak down.

    """
    graph = graph_under(reading, calliper)
    time_s = graph.slope_time_s(*calliper.points) if graph else None
    return None if time_s is None else 1000 * time_s


def integral_cm(reading: Reading, one: Calliper) -> float | None:
    """Velocity time integral of a trace, cm; None where the file gives no scale, or it encloses no area.

    Args:
        reading: of the recording, with the graphs of its header.
        one: a trace of the flow's envelope.

    """
    graph = graph_under(reading, one)
    return graph.velocity_time_integral_cm(one.points) if graph else None


def _is_depth(graph: Graph | None, calliper: Calliper) -> bool:
    return graph is not None and graph.form == "m-mode" and calliper.shape in ("distance", "line")


def _basis(reading: Reading, calliper: Calliper, scaled_by: str | None) -> Basis:
    by = reading.authors.get(f"callipers/{calliper.name}")
    return Basis(
        frames=(calliper.frame,),
        marked_by=(by,) if by else (),
        scaled_by=(scaled_by,) if scaled_by else (),
        edited=True,
    )


def _of_spectrum(reading: Reading, one: Calliper) -> Given:
    """A speed, the time of a slope, the integral of a trace; flow away from the transducer is as fast, drawn below."""
    graph, basis = graph_under(reading, one), _basis(reading, one, None)
    technique = Technique(Kind.CALLIPER, words=_CALLIPER)
    if graph is None or graph.form != "spectral":
        return withheld(_OUTSIDE_SPECTRUM, _CALLIPER, basis, technique)
    if graph.baseline_px is None:
        return withheld(_NO_BASELINE, _CALLIPER, basis, technique)
    value = value_on_spectrum(reading, one)
    if value is None:
        return withheld(_READ_BY[one.shape][1], _CALLIPER, basis, technique)
    return Given(abs(value), basis, _CALLIPER, technique=technique)


_READ_BY: Final[Mapping[Shape, tuple[Callable[[Reading, Calliper], float | None], Message]]] = {
    "point": (velocity_cm_per_s, _NO_BASELINE),
    "slope": (slope_ms, _NO_FALL),
    "trace": (integral_cm, _NO_AREA),
}
OF_SPECTRA: Final = frozenset(_READ_BY)
"""Shapes that are measured by the axes of a spectrum alone."""


def value_on_spectrum(reading: Reading, one: Calliper) -> float | None:
    """What a calliper of `OF_SPECTRA` measures: cm/s of a point, ms of a slope, cm of a trace; None where it cannot.

    Args:
        reading: of the recording, with the graphs of its header.
        one: a calliper whose shape is in `OF_SPECTRA`.

    """
    return _READ_BY[one.shape][0](reading, one)


def _annular(given: Inputs) -> Inputs:
    """The e' that E is divided by: the mean of septal and lateral, or the one that was measured."""
    both = [
        given_input for key in (Source.ANNULAR_E_SEPTAL, Source.ANNULAR_E_LATERAL) if (given_input := given.get(key))
    ]
    values = [given_input.value for given_input in both if given_input.value is not None]
    if not both or len(values) < len(both):
        return {}
    septal = Source.ANNULAR_E_SEPTAL in given
    method = _MEAN_OF_BOTH if len(both) == 2 else _SEPTAL_ONLY if septal else _LATERAL_ONLY
    technique = Technique(Kind.CALLIPER, conventions=(method,), words=method)
    basis = together(given_input.basis for given_input in both)
    return {Source.ANNULAR_E: Given(sum(values) / len(values), basis, method, technique=technique)}


def _given(reading: Reading, calliper: Calliper) -> Given:
    depth = _is_depth(graph_under(reading, calliper), calliper)
    scale = reading.calibration
    return Given(
        value=length(reading, calliper),
        basis=_basis(reading, calliper, None if depth else reading.authors.get("calibration")),
        method=_CALLIPER,
        scaling=Scaling(missing=no_millimetres(reading, calliper), ratio=None if scale or depth else SQUARE_PIXELS),
        technique=Technique(Kind.CALLIPER, words=_CALLIPER),
    )


def no_millimetres(reading: Reading, calliper: Calliper) -> Message | None:
    """Reason a calliper has no length in millimetres, or None.

    Args:
        reading: of the recording, with its scale.
        calliper: a distance or an area.

    """
    graph = graph_under(reading, calliper)
    if _is_depth(graph, calliper):
        return None
    if graph is not None:
        return message(
            "{calliper} lies on a graph over time, which has no millimetres", calliper=verbatim(calliper.name)
        )
    if reading.calibration is None:
        return NO_SCALE
    region = reading.facts.region
    if region is None or "calibration" in reading.authors:  # a person's scale is for the whole image
        return None
    margin = REGION_MARGIN_PX
    within = all(
        region.x0 - margin <= x <= region.x1 - 1 + margin and region.y0 - margin <= y <= region.y1 - 1 + margin
        for x, y in calliper.points
    )
    if within:
        return None
    return message("{calliper} leaves the part of the image that the scale is for", calliper=verbatim(calliper.name))


def calliper_ms(reading: Reading, calliper: Calliper) -> float | None:
    """The length of a time in ms; None where the times of the frames are assumed, or it is no time.

    Args:
        reading: of the recording, with the times of its frames.
        calliper: of a time from a frame until another, or any other.

    """
    facts = reading.facts
    if calliper.until is None or facts.times_origin == "assumed":
        return None
    return 1000 * float(facts.times_s[calliper.until] - facts.times_s[calliper.frame])


def calliper_words(reading: Reading, one: Calliper) -> Message:
    """Its value as a reader is shown it: "48.2 mm", "12.1 cm²", "90°", "312 ms"; without a scale "62 px".

    Args:
        reading: of the recording.
        one: a calliper of any shape.

    """
    if one.until is not None:
        length_ms = calliper_ms(reading, one)
        if length_ms is None:
            return plural("{count} frame", "{count} frames", one.until - one.frame)
        return join_texts(number(length_ms, ".0f"), " ms")
    if one.shape == "point":
        speed = velocity_cm_per_s(reading, one)
        return NOTHING if speed is None else join_texts(format_signed(speed, 1), " cm/s")
    if one.shape == "slope":
        fall_ms = slope_ms(reading, one)
        return NOTHING if fall_ms is None else join_texts(number(fall_ms, ".0f"), " ms")
    if one.shape == "trace":
        integral = integral_cm(reading, one)
        return NOTHING if integral is None else join_texts(number(integral, ".1f"), " cm")
    value, scaled = length(reading, one), no_millimetres(reading, one) is None
    if one.shape == "angle":
        return join_texts(number(value, ".0f"), "°")
    if one.shape == "area":
        return join_texts(number(value / 100, ".1f"), " cm²") if scaled else join_texts(number(value, ".0f"), " px²")
    return join_texts(number(value, ".1f"), " mm") if scaled else join_texts(number(value, ".0f"), " px")
