import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from kinecor.core.values.message import message, plural, verbatim
from kinecor.core.values.track import Structure
from kinecor_lab.common.value_files import load, save
from kinecor_models.contract import ClipOutput, Grid
from tests.deep import same
from tests.session.samples import ALL_EDITS, first, first_stack

VALUES = {
    "plain": [None, True, 1, -(2**70), 0.1, float("inf"), "x", b"\0\xff", (1, [2]), {"a": {1, 2}}, Path("a/b")],
    "arrays": {"a": np.arange(6, dtype=np.float16).reshape(2, 3), "b": np.float32(0.1), (1, 2): np.zeros((0, 2))},
    "messages": [message("{a} of {b:.1f}", a=verbatim("x"), b=0.25), plural("{n} frame", "{n} frames", 2, n=2)],
    "contours": ClipOutput(
        {"lv_endo": [np.ones((4, 2), np.float32), None]}, {"lv_endo": np.ones(2, np.float32)}, Grid(8, 0, 0, 8, 8, 8, 8)
    ),
    "reading": first(),
    "stack": first_stack(),
    "edits": list(ALL_EDITS),
    "structure": {Structure.LV_ENDO: 1},
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_as_it_was(tmp_path, name):
    save(tmp_path / "a.npz", VALUES[name])
    again = load(tmp_path / "a.npz")
    assert same(again, VALUES[name])


@pytest.mark.parametrize("value", [object(), len, np.array([object()]), Exception("x")])
def test_what_is_no_value_is_not_written(tmp_path, value):
    with pytest.raises(TypeError):
        save(tmp_path / "a.npz", {"a": value})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "tree",
    [
        {"class": "os:system", "fields": {"command": "true"}},
        {"class": "kinecor.session.store:Store", "fields": {}},
        {"class": "kinecor.session.store:os.system", "fields": {}},
        {"enum": "subprocess:Popen", "member": "x"},
        {"strange": []},
        {"class": "kinecor.nowhere:X", "fields": {}},
    ],
)
def test_a_file_that_names_something_else_is_refused(tmp_path, tree):
    path = tmp_path / "a.npz"
    np.savez(path, tree=np.frombuffer(json.dumps(tree).encode(), np.uint8))
    with pytest.raises(ValueError, match=r"a\.npz|no class|no value"):
        load(path)


def test_a_pickle_is_not_read(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ValueError, match="pickle"):
        load(path)
    np.savez(path, tree=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match=r"pickle|Object arrays"):
        load(path)


def test_no_module_of_ours_reads_pickles():
    root = Path(__file__).parents[3]
    found = [
        path
        for folder in ("app", "models", "installer", "benchmarks")
        for path in (root / folder).rglob("*.py")
        if "pickle.load" in (text := path.read_text(encoding="utf-8")) or "allow_pickle=True" in text
    ]
    assert found == []
