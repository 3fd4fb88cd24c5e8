import json

import numpy as np
import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.io.write.truth import SCHEMA, write_dense, write_truth


def test_arrays_become_lists_rounded_by_their_unit(tmp_path):
    content = {
        "seed": np.int64(7),
        "spacing_mm": (0.61234567, 1 / 3),
        "heart": {"volume_ml": np.array([100.123456, np.nan]), "strain_percent": {"longitudinal": [-18.123456]}},
        "tracks": {"lv_endo": {"contours": [np.array([[1.23456, 2.0]]), None]}},
        "orientation": [2 / 3],
        "view": "A4C",
        "complete": True,
    }
    path = write_truth(tmp_path, "echo", content)
    assert path == tmp_path / "truth.json"
    read = json.loads(path.read_text())
    assert (read["schema"], read["kind"], read["seed"], read["complete"]) == (SCHEMA, "echo", 7, True)
    assert read["software"]["name"] == "kinecor"
    assert read["spacing_mm"] == [0.612346, 0.333333]
    assert read["heart"]["volume_ml"] == [100.1235, None]
    assert read["heart"]["strain_percent"]["longitudinal"] == [-18.1235]
    assert read["orientation"] == [0.666666667]
    assert read["tracks"]["lv_endo"]["contours"] == [[[1.235, 2.0]], None]


def test_what_json_cannot_hold_is_refused(tmp_path):
    with pytest.raises(TypeError, match="expected numbers"):
        write_truth(tmp_path, "echo", {"heart": object()})
    assert not (tmp_path / "truth.json").exists()


def test_dense_truth_comes_back_as_it_was(tmp_path):
    labels = np.random.default_rng(0).integers(0, 5, (3, 20, 30), dtype=np.uint8)
    path = write_dense(tmp_path, {"echo/labels": labels})
    with np.load(path) as read:
        assert np.array_equal(read["echo/labels"], labels)


def test_a_missing_folder_is_reported(tmp_path):
    for write in (lambda: write_truth(tmp_path / "no", "mri", {}), lambda: write_dense(tmp_path / "no", {})):
        with pytest.raises(KinecorError, match="cannot be written"):
            write()
