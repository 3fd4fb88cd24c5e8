"""Reads result.json and checks it against the product's JSON Schema, strictly, and what a schema cannot express."""

import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from kinecor.io.export.schema import json_schema


@cache
def validator() -> Draft202012Validator:
    """Of the product's schema; here, unlike for readers of later versions, a key too many is an error."""
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    for one in schema["$defs"].values():
        if "properties" in one:
            one["additionalProperties"] = False
    return Draft202012Validator(schema)


def read_result(path: Path) -> dict[str, Any]:
    """The document at `path`, checked."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    document: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8"), parse_constant=refuse)
    check(document)
    return document


def check(document: dict[str, Any]) -> None:
    """Assert that it follows the schema, and that its lengths, frames and ids agree with each other."""
    validator().validate(thinned(document))
    ids = [recording["id"] for recording in document["recordings"]]
    assert len(ids) == len(set(ids))
    for recording in document["recordings"]:
        _check_recording(recording)
    for study in document["studies"]:
        assert set(study["recordings"]) <= set(ids)
        assert all(one["frames"] == [] for one in study["measurements"])
        for models in [study["bulls_eye"][key] for key in study.get("bulls_eye", {}) if key != "status"]:
            assert {int(count): len(values) for count, values in models.items()} == {18: 18, 17: 17, 16: 16}


def thinned(document: dict[str, Any]) -> dict[str, Any]:
    """The document with three points of each contour; the others are checked here, since a validator is slow."""
    recordings = []
    for one in document["recordings"]:
        tracks = {
            name: {**track, "contours": [_few(contour) for contour in track["contours"]]}
            for name, track in one["tracks"].items()
        }
        recordings.append({**one, "tracks": tracks})
    return {**document, "recordings": recordings}


def _few(contours: Any) -> Any:
    """Of a contour, or of a list of contours (a slice of a stack)."""
    if not isinstance(contours, list) or not contours:
        return contours
    if any(one is None or isinstance(one[0], list) for one in contours):
        return [_few(one) for one in contours]
    assert all(len(point) == 2 and all(type(x) is float for x in point) for point in contours)
    return contours[:3]


def _check_recording(one: dict[str, Any]) -> None:
    n, slices = one["frames"], one["slices"]
    assert ("stack" in one) == (slices > 1)
    assert len(one["times_s"]) == n
    assert all(a < b for a, b in pairwise(one["times_s"]))
    assert one["spacing_mm"] is None or min(one["spacing_mm"]) > 0
    for track in one["tracks"].values():
        each = zip(track["contours"], track["confidence"], strict=True)
        rows = list(each) if slices > 1 else [(track["contours"], track["confidence"])]
        assert len(rows) == max(slices, 1)
        for contours, confidence in rows:
            assert len(contours) == len(confidence) == n
            assert all(round(x, 2) == x for contour in contours for point in contour or () for x in point)
    if "stack" in one:
        _check_stack(one["stack"], slices, n)
    if one.get("short_axis_strain", {}).get("status") == "exploratory":
        strain = one["short_axis_strain"]
        assert all(0 <= number < slices for number in strain["slices"])
        for value, why in zip(strain["end_systolic_circumferential_percent"], strain["withheld"], strict=True):
            assert (value is None) == isinstance(why, str)
    marked = [frame for beat in one["events"]["beats"] for frame in beat.values()] + one["events"].get("avc", [])
    measured = [frame for measurement in one["measurements"] for frame in measurement["frames"]]
    assert all(frame < n for frame in (*marked, *measured))
    assert all(len(curve) == n for curve in one["curves"].values())
    assert one["error"] is None or "\n" not in one["error"]


def _check_stack(one: dict[str, Any], slices: int, n: int) -> None:
    assert len(one["positions_mm"]) == slices
    assert one["positions_mm"] == sorted(set(one["positions_mm"]))
    for ends in (one.get("base"), one.get("apex")):
        assert ends is None or (len(ends) == n and all(x < slices for x in ends))
    assert one.get("shift_mm") is None or len(one["shift_mm"]) == slices
