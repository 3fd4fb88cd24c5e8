"""A strict reader of result.json, schema 1: it fails on any key too many, too few or of another kind."""

import json
import math
from pathlib import Path
from typing import Any

MEASUREMENT = {"name", "value", "unit", "method", "frames", "models", "confidence", "status", "note"}
RECORDING = {
    *("source", "id", "modality", "frames", "slices", "view", "times_s", "times_origin", "spacing_mm"),
    *("calibration_origin", "tracks", "events", "curves", "measurements", "warnings", "error"),
}
STRUCTURES = {"lv_endo", "lv_epi", "la", "rv"}
RING = {"status", "origin", "slices", "quality", "withheld", "time_to_peak_ms", "peak_circumferential_percent"}
RING |= {"end_systolic_circumferential_percent", "end_systolic_radial_percent"}
CURVES = {"circumferential_strain_percent", "radial_strain_percent"}
CURVES |= {"time_s", "lv_area_mm2", "lv_volume_ml", "rv_volume_ml", "longitudinal_strain_percent", "phase_regression"}
UNITS = {"1/s", "ml", "%", "l/min", "1/min", "g", "mm", "ms", "ml/s", "m2", "ml/m2", "g/m2", "l/min/m2"}
STACK = {"positions_mm", "thickness_mm"}
READ_STACK = STACK | {"base", "apex", "excluded", "rv_base", "papillaries", "muscle_share", "shift_mm", "segments"}


def read_result(path: Path) -> dict[str, Any]:
    """The document at `path`, checked."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    document: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8"), parse_constant=refuse)
    check(document)
    return document


def check(document: dict[str, Any]) -> None:
    assert set(document) == {"schema", "software", "recordings", "studies"}
    assert document["schema"] == 1
    assert set(document["software"]) == {"name", "version"}
    assert document["software"]["name"] == "kinecor"
    ids = [recording["id"] for recording in document["recordings"]]
    assert len(ids) == len(set(ids))
    for recording in document["recordings"]:
        _check_recording(recording)
    for study in document["studies"]:
        assert set(study) - {"bulls_eye"} == {"id", "recordings", "measurements"}
        assert study["recordings"]
        assert set(study["recordings"]) <= set(ids)
        for measurement in study["measurements"]:
            _check_measurement(measurement, 0)
        if "bulls_eye" in study:
            _check_eye(study["bulls_eye"])


def _check_recording(one: dict[str, Any]) -> None:
    assert set(one) - {"stack", "short_axis_strain"} == RECORDING
    if "short_axis_strain" in one:
        _check_ring(one["short_axis_strain"], one["slices"])
    assert ("stack" in one) == (one["slices"] > 1)
    n = one["frames"]
    assert isinstance(n, int)
    assert isinstance(one["slices"], int)
    assert isinstance(one["source"], str)
    assert isinstance(one["id"], str)
    assert one["id"]
    assert one["modality"] in {"US", "MR", None}
    assert set(one["view"]) == {"label", "confidence"}
    assert isinstance(one["view"]["label"], str)
    assert _is_confidence(one["view"]["confidence"])
    assert len(one["times_s"]) == n
    assert one["times_s"] == sorted(set(one["times_s"]))
    assert one["spacing_mm"] is None or [_is_number(x) and x > 0 for x in one["spacing_mm"]] == [True, True]
    assert set(one["tracks"]) <= STRUCTURES
    for track in one["tracks"].values():
        assert set(track) == {"contours", "confidence"}
        if one["slices"] > 1:
            assert len(track["contours"]) == len(track["confidence"]) == one["slices"]
            for contours, confidence in zip(track["contours"], track["confidence"], strict=True):
                _check_track(contours, confidence, n)
        else:
            _check_track(track["contours"], track["confidence"], n)
    if "stack" in one:
        _check_stack(one["stack"], one["slices"], n)
    assert set(one["events"]) - {"avc", "regression_ms"} == {"beats", "origin"}
    marks_ms = one["events"].get("regression_ms", {"ed": [], "es": []})
    assert set(marks_ms) == {"ed", "es"}
    assert all(_is_number(x) for found in marks_ms.values() for x in found)
    assert all(isinstance(x, int) and 0 <= x < n for x in one["events"].get("avc", ()))
    for beat in one["events"]["beats"]:
        assert set(beat) == {"ed", "es"}
        assert all(isinstance(x, int) and 0 <= x < n for x in beat.values())
    assert set(one["curves"]) <= CURVES
    for curve in one["curves"].values():
        assert len(curve) == n
        assert all(x is None or _is_number(x) for x in curve)
    for measurement in one["measurements"]:
        _check_measurement(measurement, n)
    assert all(isinstance(x, str) and x for x in one["warnings"])
    assert one["error"] is None or (isinstance(one["error"], str) and one["error"] and "\n" not in one["error"])


def _check_track(contours: list[Any], confidence: list[Any], n: int) -> None:
    assert len(contours) == len(confidence) == n
    assert all(_is_confidence(x) and x is not None for x in confidence)
    for contour in contours:
        assert contour is None or len(contour) >= 3
        for point in contour or ():
            assert len(point) == 2
            assert all(_is_number(x) and round(x, 2) == x for x in point)


def _check_stack(one: dict[str, Any], slices: int, n: int) -> None:
    assert set(one) - {"base_checks"} in (STACK, READ_STACK)
    for check in one.get("base_checks", ()):
        assert set(check) == {"view", "mark", "phase", "base", "expected", "beyond_mm"}
    assert len(one["positions_mm"]) == slices
    assert one["positions_mm"] == sorted(set(one["positions_mm"]))
    if set(one) == STACK:  # nothing was concluded
        return
    for ends in (one["base"], one["apex"]):
        assert ends is None or (len(ends) == n and all(0 <= x < slices for x in ends))
    assert one["shift_mm"] is None or len(one["shift_mm"]) == slices
    if one["segments"] is not None:
        assert set(one["segments"]) == {"wall_ed_mm", "wall_es_mm", "thickening_percent", "origin"}
        assert all(len(one["segments"][key]) == 17 for key in set(one["segments"]) - {"origin"})


def _check_ring(one: dict[str, Any], slices: int) -> None:
    if one["status"] == "withheld":
        assert set(one) == {"status", "why"}
        assert one["why"]
        return
    assert set(one) == RING
    assert one["status"] == "exploratory"
    assert all(0 <= number < slices for number in one["slices"])
    for key in RING - {"status", "origin", "slices"}:
        assert len(one[key]) == 16
    for value, why in zip(one["end_systolic_circumferential_percent"], one["withheld"], strict=True):
        assert (value is None) == isinstance(why, str)


def _check_eye(one: dict[str, Any]) -> None:
    assert set(one) == {"status", "end_systolic_strain_percent", "time_to_peak_ms"}
    assert one["status"] == "exploratory"
    for values in (one["end_systolic_strain_percent"], one["time_to_peak_ms"]):
        assert set(values) == {"18", "17", "16"}
        for count, segments in values.items():
            assert len(segments) == int(count)
            assert all(x is None or _is_number(x) for x in segments)


def _check_measurement(one: dict[str, Any], n: int) -> None:
    assert set(one) == MEASUREMENT
    assert one["unit"] in UNITS
    assert all(isinstance(x, int) and 0 <= x < n for x in one["frames"])
    assert all(isinstance(x, str) and x.count("@") == 1 and "+" not in x for x in one["models"])
    assert _is_confidence(one["confidence"])
    assert one["status"] in {"auto", "accepted", "edited", "withheld"}
    if one["status"] == "withheld":
        assert one["value"] is None
        assert one["note"]
    else:
        assert _is_number(one["value"])


def _is_number(x: object) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)


def _is_confidence(x: object) -> bool:
    return x is None or (_is_number(x) and 0 <= x <= 1)  # type: ignore[operator]
