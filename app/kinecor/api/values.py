"""What is measured: values with interval, trust and method, findings, strain; plain, immutable and picklable."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from kinecor.core.checks.assessment import Assessment, assess, strain_as_assessed
from kinecor.core.checks.findings import Finding as CoreFinding
from kinecor.core.checks.findings import State
from kinecor.core.strain.short_axis import short_axis_regions, why_no_short_axis_strain
from kinecor.core.strain.wall_strain import wall_strain, why_no_strain
from kinecor.core.table.measures import MEASURES, Measurement, decimals_of, format_fixed
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import FloatArray, frozen_array
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.io.export.result import measurement_entry
from kinecor.io.export.schema import MeasurementEntry
from kinecor.io.export.tidy import TIDY, Cell

if TYPE_CHECKING:
    import pandas

Trust = Literal["ok", "check", "withheld"]
_NAMES = {measure.code: str(measure.name) for measure in MEASURES}


class MissingValueError(KinecorError, KeyError):
    """There is no such value; the message names those there are."""

    def __str__(self) -> str:
        return str(self.args[0])


class Interval(NamedTuple):
    """Where a value lies with a probability of 95 %, in its unit; both ends are possible values."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Range:
    """A reference range, and where the value lies to it.

    Attributes:
        low, high: ends in `unit`; None where the source gives none.
        unit: of the ends; that of an index by body surface area where the range is of the index.
        flag: "below", "within" or "above"; None while a check of the value is open.
        grade: in the words of the source, such as "mildly abnormal"; None where it has none, or likewise.
        source: citation of the range.

    """

    low: float | None
    high: float | None
    unit: str
    flag: str | None
    grade: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Value:
    """One measured value.

    Attributes:
        code: short name, e.g. "EF".
        name: what a reader calls it, e.g. "Ejection fraction".
        value: in `unit`; None where it is withheld: `note` then says why.
        unit: as result.json writes it: "%", "ml", "1/min", ...
        interval: see Interval; None where it is not known.
        trust: "ok", "check" (a finding doubts it) or "withheld".
        method: how it was computed.
        note: a remark, or why the value is withheld; "" without one.
        confidence: 0 to 1, the least of the contours it rests on; None where a person drew them.
        frames: the frames it rests on, from 0.
        by: models ("name@version") and persons that its contours and marks come from.
        checks: codes of the findings that mark or withhold it.
        normal: see Range; None where no source has one for it.
        recording: id of the recording it is of; "" of a value over the views of a study.
        view: of that recording; "" likewise.

    """

    code: str
    name: str
    value: float | None
    unit: str
    interval: Interval | None
    trust: Trust
    method: str
    note: str
    confidence: float | None
    frames: tuple[int, ...]
    by: tuple[str, ...]
    checks: tuple[str, ...]
    normal: Range | None
    recording: str = ""
    view: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.code} withheld: {self.note}"
        places = decimals_of(self.code, self.unit)
        shown = f"{self.code} {format_fixed(self.value, places)} {self.unit}"
        if self.interval is not None:
            shown += f" ({format_fixed(self.interval.low, places)} to {format_fixed(self.interval.high, places)})"
        return shown if self.trust == "ok" else f"{shown}, {self.trust}"


def value_of(measurement: Measurement, assessment: Assessment, recording: str = "", view: str = "") -> Value:
    """A measurement as this package gives it.

    Args:
        measurement: a row of the table.
        assessment: the checks of the recording or study that it is of.
        recording: id of its recording; "" of a value over views.
        view: of its recording; "" where none is known.

    """
    entry: MeasurementEntry = measurement_entry(measurement, assessment)
    normal = entry.get("normal")
    return Value(
        code=measurement.code,
        name=_NAMES.get(measurement.code, measurement.code),
        value=entry["value"],
        unit=measurement.unit,
        interval=None if entry["interval"] is None else Interval(*entry["interval"]),
        trust=entry["trust"],
        method=str(measurement.method),
        note="" if measurement.note is None else str(measurement.note),
        confidence=entry["confidence"],
        frames=tuple(measurement.frames),
        by=measurement.by,
        checks=tuple(entry["checks"]),
        normal=None
        if normal is None
        else Range(
            normal["low"], normal["high"], normal["unit"], normal["flag"], normal["grade"], str(normal["citation"])
        ),
        recording=recording,
        view=view,
    )


def picked(values: Mapping[str, Value], code: str) -> Value:
    """One of some values.

    Args:
        values: by code.
        code: of the measurement, e.g. "EF".

    Raises:
        MissingValueError: there is none of that code.

    """
    value = values.get(code)
    if value is None:
        there = verbatim(", ".join(values) or "none")
        raise MissingValueError(
            message("there is no value {code} here; there is: {codes}", code=verbatim(code), codes=there)
        )
    return value


@dataclass(frozen=True, slots=True)
class Finding:
    """A contradiction or doubt that a check found.

    Attributes:
        code: stable name, e.g. "time.rate-contradicts".
        severity: "info", "check" (values are marked) or "stop" (values are withheld).
        message: one sentence; it counts frames and slices from 1.
        resolve: what would resolve it; "" where nothing is known.
        frames, slices: to look at, from 0.
        codes: of the measurements it concerns.
        acknowledged_by: the reader who acknowledged it; "" while it is open.

    """

    code: str
    severity: str
    message: str
    resolve: str
    frames: tuple[int, ...]
    slices: tuple[int, ...]
    codes: tuple[str, ...]
    acknowledged_by: str


def finding_of(finding: CoreFinding) -> Finding:
    """A finding as this package gives it.

    Args:
        finding: of a check.

    """
    return Finding(
        code=finding.code,
        severity=finding.severity.value,
        message=str(finding.message),
        resolve=str(finding.resolve),
        frames=tuple(finding.frames),
        slices=tuple(finding.slices),
        codes=tuple(measure.code for measure in MEASURES if measure.code in finding.measurements),
        acknowledged_by=finding.acknowledged_by if finding.state is State.ACKNOWLEDGED else "",
    )


@dataclass(frozen=True, eq=False)
class Strain:
    """Strain of the wall; shortening is negative. Arrays are read-only.

    Attributes:
        kind: "longitudinal" (apical loops, long axes of MRI) or "circumferential" (short axes).
        time_s: (frames,) seconds.
        percent: (frames,) of all segments that count; NaN where it is not known.
        segments: names, in the order of the arrays' last axis: 6 of a long axis, 16 of short axes.
        segments_percent: (frames, segments); NaN where a segment was not followed.
        quality: (segments,) from 0 to 1, how well each was followed.
        points_px: (frames, points, 2) points (x, y) of the wall that were followed; None of a stack.
        withheld: why the global value is withheld, in one sentence; "" where it is not.

    """

    kind: Literal["longitudinal", "circumferential"]
    time_s: FloatArray
    percent: FloatArray
    segments: tuple[str, ...]
    segments_percent: FloatArray
    quality: FloatArray
    points_px: FloatArray | None
    withheld: str


def strain_of(reading: Reading) -> tuple[Strain | None, str]:
    """Strain as the checks leave it, or None and the reason.

    Args:
        reading: of a recording of any kind.

    """
    if reading.kind.strain == "longitudinal":
        found = wall_strain(reading)
        if found is None:
            return None, str(why_no_strain(reading) or "")
        shown = strain_as_assessed(reading, found)
        strain = Strain(
            "longitudinal",
            shown.time_s,
            frozen_array(shown.global_percent),
            tuple(map(str, shown.names)),
            frozen_array(shown.segments_percent),
            frozen_array(shown.quality),
            frozen_array(shown.points_px),
            str(shown.why or ""),
        )
        return strain, strain.withheld
    regions = short_axis_regions(reading)
    if regions is None:
        return None, str(why_no_short_axis_strain(reading) or "")
    withheld = next(
        (
            str(measurement.note)
            for measurement in assess(reading).measurements
            if measurement.code == "GCS" and measurement.quantity is None
        ),
        "",
    )
    names = tuple(str(number + 1) for number in range(regions.percent.shape[1]))
    strain = Strain(
        "circumferential",
        reading.facts.times_s,
        frozen_array(regions.global_percent),
        names,
        frozen_array(regions.percent),
        frozen_array(regions.quality),
        None,
        withheld,
    )
    return strain, withheld


def dataframe(rows: Iterable[Mapping[str, Cell]]) -> "pandas.DataFrame":
    """Rows of the tidy table as a DataFrame, the columns of TIDY in order.

    Args:
        rows: by name of the column, see TIDY.

    Raises:
        KinecorError: pandas is not installed.

    """
    try:
        import pandas
    except ImportError as error:
        raise KinecorError(message("a DataFrame needs pandas: pip install kinecor[pandas], or use `rows()`")) from error
    table: Any = pandas.DataFrame(list(rows), columns=[variable.name for variable in TIDY])
    return table
