"""The JSON Schema of result.json: valid, complete, printed, and the one in the documents."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from kinecor.cli import main
from kinecor.core.table.measures import MEASURES
from kinecor.io.export.result import cine_entry, document
from kinecor.io.export.schema import json_schema
from tests.readings import cine, read
from tests.results import check, thinned

DOCUMENTED = Path(__file__).parents[3] / "docs/formats/result.schema.json"


@pytest.fixture(scope="module")
def written():
    recording = cine()
    return json.loads(json.dumps(document([cine_entry("one", recording, read(recording))], ["study"])))


@pytest.fixture(scope="module")
def readers():
    """A validator as readers have it: keys of a later version are no error."""
    return Draft202012Validator(json_schema())


def test_it_is_printed_and_documented(capsys) -> None:
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out
    Draft202012Validator.check_schema(json.loads(printed))
    assert printed == DOCUMENTED.read_text(encoding="utf-8"), "run: python docs/generate.py"


def test_it_names_every_measurement_of_the_table() -> None:
    one_of = json_schema()["$defs"]["MeasurementEntry"]["oneOf"]
    assert [one["properties"]["name"]["const"] for one in one_of] == [one.code for one in MEASURES]


def test_what_is_written_follows_it(written) -> None:
    check(written)


@pytest.mark.parametrize(
    "damage",
    [
        lambda one: one["measurements"][0].update(unit="l"),
        lambda one: one["measurements"][0].update(name="no such code"),
        lambda one: one["measurements"][0].update(value=None),
        lambda one: one["measurements"][0].update(trust="withheld"),
        lambda one: one["measurements"][0].update(confidence=1.5),
        lambda one: one["tracks"]["lv_endo"].update(contours=[[[1.0, 2.0]]]),
        lambda one: one["tracks"].update(heart=one["tracks"]["lv_endo"]),
        lambda one: one["events"]["beats"].append({"ed": -1, "es": 3}),
        lambda one: one.pop("warnings"),
        lambda one: one.update(frames="12"),
    ],
)
def test_a_wrong_file_is_refused(written, readers, damage) -> None:
    wrong = copy.deepcopy(thinned(written))
    assert readers.is_valid(wrong)
    damage(wrong["recordings"][0])
    assert not readers.is_valid(wrong)


def test_additions_conform_to_schema_1(written, readers) -> None:
    later = copy.deepcopy(written)
    later["recordings"][0]["checks"] = []
    readers.validate(later)
