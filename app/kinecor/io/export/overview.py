"""overview.html of a run: all recordings on one page that needs no network, outliers first, with thumbnails next to it.

The page holds the numbers; thumbnails are small files that it loads as they scroll into view, so that ten thousand
recordings open at once.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

import kinecor
from kinecor.core.table.measures import BY_CODE, HEADLINES
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording, Stack
from kinecor.io.export.run_tables import RecordingRow
from kinecor.io.files.atomic import write_bytes, write_text
from kinecor.io.write.drawing import draw_frame

THUMBNAILS: Final = "thumbnails"
_WIDE_PX, _HIGH_PX, _QUALITY = 212, 168, 80
ORDER: Final = ("failed", "withheld", "check", "none", "ok")
"""Trust of a row, in the order in which rows that are no outliers follow."""
OUTLIER = 3.5
"""Robust distances (Iglewicz & Hoaglin 1993) from which a value is an outlier of its cohort."""
_MIN_COHORT = 8
_TO_SD = 1.4826
"""A median absolute deviation times this estimates the standard deviation of normal values."""


def write_thumbnail(out: Path, name: str, recording: Recording, reading: Reading) -> None:
    """Write thumbnails/NAME.jpg: the first ED with contours; of a stack, its middle slice; the first frame without ED.

    Args:
        out: folder of the run.
        name: NAME.
        recording: its images.
        reading: what was concluded about it.

    Raises:
        KinecorError: the frame cannot be decoded, or the file cannot be written.

    """
    import cv2

    cine, single_reading = recording, reading
    if isinstance(recording, Stack):
        middle = len(recording.slices) // 2
        cine, single_reading = recording.slices[middle], (reading.slices[middle] if reading.slices else reading)
    assert not isinstance(cine, Stack)
    beats = reading.events.beats if reading.events else ()
    image = draw_frame(cine, single_reading, beats[0].ed if beats else 0, least_px=2 * _HIGH_PX)
    zoom = min(_WIDE_PX / image.shape[1], _HIGH_PX / image.shape[0])
    size = (max(round(image.shape[1] * zoom), 1), max(round(image.shape[0] * zoom), 1))
    small: BytesArray = np.asarray(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR), np.uint8
    )
    done, packed = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise KinecorError(message("the thumbnail of {name} cannot be written", name=verbatim(name)))
    write_bytes(out / THUMBNAILS / f"{name}.jpg", packed.tobytes())


def distances(rows: Sequence[RecordingRow]) -> list[dict[str, float]]:
    """How far each main value is from the median of its cohort, in robust standard deviations, signed, by code.

    A cohort is a modality and, for single planes, a view. Below 8 values it has no outliers: nothing is given.

    Args:
        rows: of all recordings; the answer has their order.

    """
    cohorts: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        for code, value in _main(row).items():
            cohorts.setdefault((*_cohort(row), code), []).append(value)
    middle = {
        key: (centre, _TO_SD * median(abs(value - centre) for value in values))
        for key, values in cohorts.items()
        if len(values) >= _MIN_COHORT and (centre := median(values)) is not None
    }
    found: list[dict[str, float]] = []
    for row in rows:
        own: dict[str, float] = {}
        for code, value in _main(row).items():
            centre, sd = middle.get((*_cohort(row), code), (0.0, 0.0))
            if sd > 0:
                own[code] = (value - centre) / sd
        found.append(own)
    return found


def _cohort(row: RecordingRow) -> tuple[str, str]:
    return row.modality, "" if row.stack else row.view


def _main(row: RecordingRow) -> dict[str, float]:
    return {
        code: value.value
        for code in HEADLINES
        if (value := row.values.get(code)) is not None and value.value is not None
    }


def write_overview(out: Path, rows: Sequence[RecordingRow], names: Mapping[str, str]) -> None:
    """Write overview.html, with links to what is in `out`.

    Args:
        out: the folder of the run.
        rows: of its recordings.
        names: name of the documents of each study, by its id.

    Raises:
        KinecorError: the page cannot be written.

    """
    far = distances(rows)
    ranked = sorted(range(len(rows)), key=lambda number: _rank(rows[number], far[number]))
    items = [_item(out, rows[number], far[number], rank, names) for rank, number in enumerate(ranked)]
    counts = Counter(item["trust"] for item in items)
    texts_by_key = {"ok": "ok", "check": "to check", "withheld": "withheld", "none": "not measured", "failed": "failed"}
    content = {
        "use": kinecor.RESEARCH_USE,
        "about": f"{len(rows)} recordings: "
        + ", ".join(f"{counts[word]} {texts_by_key[word]}" for word in texts_by_key if counts[word]),
        "order": ORDER,
        "values": [{"code": code, "unit": BY_CODE[code].unit, "decimals": BY_CODE[code].decimals} for code in _SHOWN],
        "rows": items,
    }
    # "<" would end the script in which it stands.
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    page = (files("kinecor_resources") / "pages" / "overview.html").read_text("utf-8")
    write_text(out / "overview.html", page.replace("@DATA@", text))


_SHOWN: Final = tuple(code for code in HEADLINES if BY_CODE[code].order <= 2)
"""Two headline values of a group at most: a third volume says what EF and the other one say."""


def _trust(row: RecordingRow) -> str:
    return "failed" if row.error else row.trust or "none"


def _rank(row: RecordingRow, far: Mapping[str, float]) -> tuple[int, float]:
    most = max((abs(value) for value in far.values()), default=0.0)
    return (0, -most) if most >= OUTLIER else (1 + ORDER.index(_trust(row)), -most)


def _item(
    out: Path, row: RecordingRow, far: Mapping[str, float], rank: int, names: Mapping[str, str]
) -> dict[str, Any]:
    image = f"{THUMBNAILS}/{row.id}.jpg"
    study = names.get(row.study, "")
    linked = [
        ("Result", f"results/{row.id}.json"),
        ("Report", f"reports/{row.id}.pdf"),
        ("Study result", f"results/studies/{study}.json"),
        ("Study report", f"study-reports/{study}.pdf"),
    ]
    size = f"{row.slices} slices x {row.frames} phases" if row.stack else f"{row.frames} frames" if row.frames else ""
    return {
        "source": row.source,
        "id": row.id,
        "study": row.study,
        "patient": row.patient,
        "site": row.site,
        "view": row.view,
        "sure": "" if row.view_confidence is None else f"{100 * row.view_confidence:.0f} % sure",
        "size": size,
        "trust": _trust(row),
        "values": [
            {"value": value.value, "trust": value.trust, "note": value.note}
            if (value := row.values.get(code))
            else None
            for code in _SHOWN
        ],
        "why": _why(row, far),
        "checks": " ".join(row.checks),
        "rank": rank,
        "image": image if (out / image).exists() else "",
        "links": [link for link in linked if (out / link[1]).exists()],
    }


def _why(row: RecordingRow, far: Mapping[str, float]) -> str:
    """Why a row is where it is: outlying values, the error, reasons of what is withheld, the gravest finding."""
    parts = [
        f"outlier: {code} {abs(value):.1f} SD {'above' if value > 0 else 'below'} the median of these recordings"
        for code, value in far.items()
        if abs(value) >= OUTLIER
    ]
    parts += [row.error] if row.error else []
    main = [row.values[code] for code in HEADLINES if code in row.values]
    parts += list(dict.fromkeys(value.note for value in main if value.trust == "withheld" and value.note))
    parts += row.messages[:1]
    if len(row.messages) > 1:
        parts.append(f"and {len(row.messages) - 1} more")
    return "; ".join(part.rstrip(".") for part in parts)
