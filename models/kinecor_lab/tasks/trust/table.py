"""Tables of the battery: by kind of tampering, by population, by value, by check; and how precise sound values are."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from kinecor.core.volumes.extent import extent_of
from kinecor_lab.common.table import Cell, Column, Spread, Table, spread
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.scoring import Judged, Rates, Study, made_wrong, rates
from kinecor_lab.tasks.trust.values import LIMITS

_RATES = (
    Column("recordings", form="d"),
    Column("values", form="d"),
    Column("wrong", form="d"),
    Column("of these marked", "%", ".0f"),
    Column("wrong and unmarked", "% of values", ".1f"),
    Column("and outside the interval shown", "% of values", ".1f"),
    Column("right but marked", "% of right", ".1f"),
    Column("not computed", form="d"),
)


DEFINITIONS = (
    "Simulated recordings, written as DICOM files, opened and analysed as any other. Truth is that of the heart, "
    "not of the image plane: the mean over the beats shown of the largest and smallest volume around mitral and "
    "aortic valve closure, mid-wall strain of the whole ventricle at aortic valve closure, the atrium's volume "
    "then, the right ventricle's largest and smallest volume.",
    "A value is wrong if it is off by more than 20 % (EDV, LAV, RVEDV, LVM), 25 % (ESV, RVESV), 30 % (SV, CO), 15 % "
    "(HR), 10 points (EF, RVEF) or 5 points (GLS, GCS). It is marked if it is shown with trust `check`, or withheld "
    "by a check or the confidence policy after it was computed. A value that cannot be computed (no beat, no scale, "
    "a view that is not measured) is neither; it is counted as not computed.",
    "Sound recordings: good windows with the settings of eight makers' looks, planes leaning off by 1.5 degrees "
    "(SD), with and without graphics, names of views and heart rates in the header; a value of a sound recording "
    "can be wrong all the same. Each kind of tampering has one to three strengths by turns. Edits are made on the "
    "Readings of sound recordings. Kinds weigh equally where a mean over kinds is given. Values are shown with an "
    "interval of 95 % where one is known; wrong and unmarked values that are outside it, or have none, are counted "
    "apart.",
    "Thresholds may be chosen on half of the kinds and on even seeds; the others serve for no choice.",
)
"""What the figures mean, for the page."""


def _percent(share: float) -> float:
    return 100 * share


def _cells(values: Sequence[Judged]) -> tuple[Cell, ...]:
    found = rates(values)
    return (
        len({judged_value.case for judged_value in values}),
        found.values,
        found.wrong,
        _percent(found.sensitivity),
        _percent(found.missed),
        _percent(sum(judged_value.looks_right for judged_value in values) / found.values) if found.values else math.nan,
        _percent(found.false_marks),
        found.absent,
    )


def _values(studies: Iterable[Study]) -> list[Judged]:
    return [value for study in studies for value in study.values]


def _groups(values: Sequence[Judged], of: Callable[[Judged], str]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for judged_value in values:
        found.setdefault(of(judged_value), []).append(judged_value)
    return found


def tables(studies: Sequence[Study]) -> list[Table]:
    """All tables."""
    every = _values(studies)
    sound = [judged_value for judged_value in every if judged_value.kind == SOUND]
    tampered = [judged_value for judged_value in every if judged_value.kind != SOUND]
    spoilt = _groups(made_wrong(every), _kind)
    return [
        summary(studies),
        Table(
            "By kind of tampering",
            (
                Column("kind"),
                *_RATES,
                Column("made wrong by it", form="d"),
                Column("of these marked", "%", ".0f"),
            ),
            tuple(
                (
                    name,
                    *_cells(some),
                    len(made := spoilt.get(name, [])),
                    _share(judged_value.marked for judged_value in made),
                )
                for name, some in sorted(_groups(tampered, _kind).items())
            ),
        ),
        Table(
            "Sound recordings, by population",
            (Column("population"), *_RATES),
            tuple((name, *_cells(some)) for name, some in sorted(_groups(sound, _population).items())),
        ),
        Table(
            "Sound and tampered recordings, by value",
            (Column("value"), *_RATES),
            tuple(
                (code, *_cells(some))
                for code in LIMITS
                if (some := [judged_value for judged_value in every if judged_value.code == code])
            ),
        ),
        checks(studies),
        precision(sound),
        ends(studies),
    ]


def _kind(judged_value: Judged) -> str:
    return f"{judged_value.modality}: {judged_value.kind}"


def _population(judged_value: Judged) -> str:
    return f"{judged_value.modality}: {judged_value.population}"


def over_kinds(groups: Iterable[Sequence[Judged]], of: Callable[[Rates], float]) -> Spread:
    """A rate over kinds, which weigh equally; those where it cannot be computed are missing."""
    return spread([_percent(of(rates(some))) for some in groups])


def summary(studies: Sequence[Study]) -> Table:
    """The figures that are wanted, with what is wanted of them."""
    every = _values(studies)
    sound, tampered = (
        [judged_value for judged_value in every if judged_value.kind == SOUND],
        [judged_value for judged_value in every if judged_value.kind != SOUND],
    )
    kinds, populations = list(_groups(tampered, _kind).values()), list(_groups(sound, _population).values())
    pooled, of_sound, of_tampered = rates(every), rates(sound), rates(tampered)
    spoilt = made_wrong(every)
    looks = (
        _percent(sum(judged_value.looks_right for judged_value in every) / pooled.values) if pooled.values else math.nan
    )
    marks = spread([study.marks for study in studies if study.case.kind == SOUND])
    worst = max((rates(some).false_marks for some in populations if rates(some).values), default=math.nan)
    columns = (Column("figure"), Column("found", form=".1f"), Column("over all values", form=".1f"), Column("wanted"))
    return Table(
        "Summary",
        columns,
        (
            (
                "wrong values that are marked, %, tampered recordings; mean ± SD over kinds",
                over_kinds(kinds, lambda rates: rates.sensitivity),
                _percent(of_tampered.sensitivity),
                "95 or more",
            ),
            (
                "the same of values that are right in the sound recording of the heart",
                over_kinds(_groups(spoilt, _kind).values(), lambda rates: rates.sensitivity),
                _percent(rates(spoilt).sensitivity),
                "95 or more",
            ),
            (
                "wrong values that are marked, %, sound recordings",
                None,
                _percent(of_sound.sensitivity),
                "",
            ),
            (
                "values wrong and unmarked, %, tampered recordings; mean ± SD over kinds",
                over_kinds(kinds, lambda rates: rates.missed),
                _percent(of_tampered.missed),
                "1 or less",
            ),
            (
                "values wrong and unmarked, %, sound recordings; mean ± SD over populations",
                over_kinds(populations, lambda rates: rates.missed),
                _percent(of_sound.missed),
                "1 or less",
            ),
            ("values wrong and unmarked, %, all recordings", None, _percent(pooled.missed), "1 or less"),
            ("the same of values whose interval does not cover the truth either, or that have none", None, looks, ""),
            (
                "right values that are marked, %, sound recordings; mean ± SD over populations",
                over_kinds(populations, lambda rates: rates.false_marks),
                _percent(of_sound.false_marks),
                "4 or less",
            ),
            ("the same in the population where it is highest, %", None, _percent(worst), "8 or less"),
            ("findings with a mark, per sound recording", marks, None, "0.2 or less"),
        ),
    )


def checks(studies: Sequence[Study]) -> Table:
    """How often each check marks a value, and how often rightly."""
    columns = (
        Column("check"),
        Column("sound recordings it marks", "%", ".1f"),
        Column("tampered recordings it marks", "%", ".1f"),
        Column("wrong values it marks", "%", ".1f"),
        Column("right values of sound recordings it marks", "%", ".1f"),
        Column("wrong values only it marks", form="d"),
        Column("right values of sound recordings only it marks", form="d"),
    )
    sound = [study for study in studies if study.case.kind == SOUND]
    tampered = [study for study in studies if study.case.kind != SOUND]
    wrong = [judged_value for judged_value in _values(studies) if judged_value.wrong]
    right = [
        judged_value for judged_value in _values(sound) if not judged_value.wrong and judged_value.measured is not None
    ]
    codes = sorted({code.code for study in studies for code in study.findings if code.marks})
    rows: list[tuple[Cell, ...]] = []
    for code in codes:
        fires = [
            _share(study.findings and any(f.code == code and f.marks for f in study.findings) for study in some)
            for some in (sound, tampered)
        ]
        rows.append(
            (
                code,
                *fires,
                _share(code in judged_value.checks for judged_value in wrong),
                _share(code in judged_value.checks for judged_value in right),
                sum(judged_value.checks == (code,) for judged_value in wrong),
                sum(judged_value.checks == (code,) for judged_value in right),
            )
        )
    return Table("By check", columns, tuple(rows))


def _share(hits: Iterable[object]) -> float:
    every = [bool(hit) for hit in hits]
    return 100 * sum(every) / len(every) if every else math.nan


def precision(sound: Sequence[Judged]) -> Table:
    """Measured less true on sound recordings, of every value that was computed."""
    columns = (
        Column("value"),
        Column("measured less true", form="+.1f", counted=True),
        Column("the same of unmarked values", form="+.1f", counted=True),
        Column("relative", "%", "+.1f"),
        Column("interval of 95 %, half width", form=".1f"),
        Column("truth within it", "%", ".0f"),
        Column("unit"),
    )
    rows: list[tuple[Cell, ...]] = []
    for modality in ("echo", "stack"):
        for code in LIMITS:
            some = [
                judged_value
                for judged_value in sound
                if judged_value.code == code and judged_value.modality == modality
            ]
            off = [
                (judged_value.measured - judged_value.true, judged_value)
                for judged_value in some
                if judged_value.measured is not None
            ]
            if not off:
                continue
            rows.append(
                (
                    f"{modality}: {code}",
                    spread([value for value, _ in off]),
                    spread([value for value, judged_value in off if not judged_value.marked]),
                    spread([100 * value / abs(judged_value.true) for value, judged_value in off]),
                    spread(exact)
                    if (exact := [judged_value.interval.half_width for _, judged_value in off if judged_value.interval])
                    else None,
                    _share(
                        judged_value.interval.contains(judged_value.true)
                        for _, judged_value in off
                        if judged_value.interval
                    ),
                    _UNITS.get(code, "ml"),
                )
            )
    return Table("Sound recordings against the truth; mean ± SD (n)", columns, tuple(rows))


_UNITS = {"EF": "points", "RVEF": "points", "GLS": "points", "GCS": "points", "HR": "/min", "CO": "l/min", "LVM": "g"}


def ends(studies: Sequence[Study]) -> Table:
    """Base and apex of sound stacks against those of the heart; positive: beyond the true one."""
    found: dict[str, list[int]] = {}
    for study in studies:
        reading = study.case.reading
        if study.case.kind != SOUND or study.case.modality != "stack" or reading is None or not reading.events:
            continue
        if not reading.events.beats or reading.withheld is not None:
            continue
        extent, beat, last = extent_of(reading), reading.events.beats[0], len(reading.slices) - 1
        upwards = extent.base[beat.ed] > extent.apex[beat.ed]
        for name, phase in (("ED", beat.ed), ("ES", beat.es)):
            base, apex = (number if upwards else last - number for number in (extent.base[phase], extent.apex[phase]))
            found.setdefault(f"base at {name}", []).append(base - study.case.ends[f"base {name}"])
            found.setdefault(f"apex at {name}", []).append(study.case.ends[f"apex {name}"] - apex)
    columns = (
        Column("end"),
        Column("stacks", form="d"),
        Column("the same slice", "%", ".0f"),
        Column("within one", "%", ".0f"),
        Column("slices beyond the true one: stacks"),
    )
    rows = tuple(
        (
            name,
            len(off),
            _share(off_by == 0 for off_by in off),
            _share(abs(off_by) <= 1 for off_by in off),
            ", ".join(f"{by:+d}: {count}" for by, count in sorted(Counter(off).items())),
        )
        for name, off in sorted(found.items())
    )
    return Table("Base and apex of sound stacks", columns, rows)


def values(studies: Sequence[Study]) -> list[dict[str, object]]:
    """A row for each value."""
    return [
        {
            "case": judged_value.case,
            "modality": judged_value.modality,
            "population": judged_value.population,
            "kind": judged_value.kind,
            "strength": judged_value.strength,
            "code": judged_value.code,
            "true": judged_value.true,
            "measured": np.nan if judged_value.measured is None else judged_value.measured,
            "marked": judged_value.marked,
            "wrong": judged_value.wrong,
            "low": np.nan if judged_value.interval is None else judged_value.interval.low,
            "high": np.nan if judged_value.interval is None else judged_value.interval.high,
            "withheld": judged_value.withheld,
            "checks": " ".join(judged_value.checks),
        }
        for judged_value in _values(studies)
    ]
