"""`kinecor doctor PATH`: the kind of every series that PATH holds, and the rule that decided it, without analysis."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from kinecor.cli.outcomes import DONE, FAILED
from kinecor.core.values.recording import Stack
from kinecor.io.dicom.kinds import RULES
from kinecor.io.open.recordings import Opened, open_path
from kinecor.io.open.refusals import refusals

_SOURCES = {rule.code: rule.source for rule in RULES}


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One line: the recordings or objects of one kind in one series.

    Attributes:
        patient: by the header: identifier, else name.
        study_date: YYYYMMDD; "" where the header has none.
        series: number of the series, or None.
        description: in the scanner's words; of a file without a header, its name.
        kind: code of the kind; "" of files without a header.
        measured: whether such recordings are measured.
        rule: code of the rule that decided.
        source: what the rule rests on.
        recordings: how many recordings or objects there are.
        images: images of all of them.
        burned_in: whether the file says that words are drawn into the images.

    """

    patient: str
    study_date: str
    series: int | None
    description: str
    kind: str
    measured: bool
    rule: str
    source: str
    recordings: int
    images: int
    burned_in: bool = False


def series_lines(opened: Opened) -> list[SeriesLine]:
    """What was opened, by patient, study, series and kind, in the order in which it was found."""
    merged: dict[tuple[object, ...], SeriesLine] = {}
    for line in (*_recordings(opened), *_documents(opened)):
        key = (line.patient, line.study_date, line.series, line.description, line.kind, line.rule, line.burned_in)
        before = merged.get(key)
        merged[key] = (
            line
            if before is None
            else replace(before, recordings=before.recordings + line.recordings, images=before.images + line.images)
        )
    return list(merged.values())


def _recordings(opened: Opened) -> Iterator[SeriesLine]:
    for recording in opened.recordings:
        source, series = recording.source, recording.source.series
        images = len(recording.slices) * recording.phases if isinstance(recording, Stack) else len(recording)
        yield SeriesLine(
            patient=source.patient.patient_id or source.patient.name,
            study_date=source.patient.study_date,
            series=series.number,
            description=series.description or ("" if recording.cines[0].instances else source.path.rpartition("/")[2]),
            kind=series.kind,
            measured=series.measured,
            rule=series.rule,
            source=_SOURCES.get(series.rule, ""),
            recordings=1,
            images=images,
            burned_in=source.burned_in,
        )


def _documents(opened: Opened) -> Iterator[SeriesLine]:
    for document in opened.documents:
        yield SeriesLine(
            patient=document.patient,
            study_date=document.date,
            series=document.series.number,
            description=document.series.description or document.title,
            kind=document.series.kind,
            measured=False,
            rule=document.series.rule,
            source=_SOURCES.get(document.series.rule, ""),
            recordings=1,
            images=0,
        )


def print_series(paths: Sequence[str], *, as_json: bool = False) -> int:
    """Print the kinds of what each path holds; 0, or 1 where a file could not be opened."""
    found = [(path, open_path(path)) for path in paths]
    refused = [refusal for _, opened in found for refusal in opened.refused]
    lines = [line for _, opened in found for line in series_lines(opened)]
    if as_json:
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=1))
    else:
        rows = [("patient", "study", "series", "description", "kind", "measured", "images", "rule")]
        rows += [
            (
                line.patient,
                line.study_date,
                "" if line.series is None else str(line.series),
                line.description,
                line.kind or "-",
                "yes" if line.measured else "no",
                f"{line.recordings} x {line.images // line.recordings}" if line.images else str(line.recordings),
                (f"{line.rule} ({line.source})" if line.rule else "no DICOM header")
                + ("; burned-in annotation" if line.burned_in else ""),
            )
            for line in lines
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    for _, opened in found:
        for said in dict.fromkeys(text for recording in opened.recordings for text in recording.source.date_warning):
            print(f"kinecor: {said}", file=sys.stderr)
    for refusal in refusals(refused):
        print(f"kinecor: {refusal.place}: {refusal.reason}", file=sys.stderr)
    return FAILED if refused else DONE
