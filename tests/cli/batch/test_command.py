"""What `kinecor analyse` plans to do for its options: nothing is opened, retrieved or written."""

from pathlib import Path

import pytest

from kinecor.cli.batch.command import CommandPlan, Inputs, RunOutput, Workers, command_plan
from kinecor.cli.commands import parse_command_line
from kinecor.core.values.errors import KinecorError


@pytest.fixture(autouse=True)
def _nothing_happens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Any attempt to open, retrieve, de-identify or analyse ends the test."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a plan does nothing")

    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    for name in (
        "kinecor.cli.batch.recordings.open_path",
        "kinecor.cli.batch.queried._of_query",
        "kinecor.cli.anonymise.find",
        "kinecor.io.write.anonymise.load_key",
        "kinecor.cli.batch.folder.RunFolder.begin",
    ):
        monkeypatch.setattr(name, never)


def plan(tmp_path: Path, *words: str) -> CommandPlan:
    before = sorted(tmp_path.rglob("*"))
    made = command_plan(parse_command_line(["analyse", *words, "--out", str(tmp_path / "out")]))
    assert sorted(tmp_path.rglob("*")) == before
    return made


def test_by_default_only_a_result_is_written(tmp_path: Path) -> None:
    made = plan(tmp_path, "a", "b")
    assert made.inputs == Inputs(("a", "b"))
    assert (made.retrieval, made.anonymisation) == (None, None)
    assert made.outputs == (RunOutput.RESULT,)
    assert (made.resume, made.zips, made.quiet) == (False, False, False)
    assert made.workers == Workers(1, None)
    assert made.options.out == tmp_path / "out"
    assert made.options.view is None
    assert made.options.network is None


def test_options_are_planned_as_given(tmp_path: Path) -> None:
    words = "--view A2C --modality US --spacing 0.25,0.5 --network sax-circular --csv --overview --zip --resume --quiet"
    made = plan(tmp_path, "a", *words.split(), "--jobs", "3", "--seg", "--film", "gif", "--language", "de")
    options = made.options
    assert (options.view, options.modality, options.spacing_mm) == ("A2C", "US", (0.25, 0.5))
    assert (options.network, options.language) == ("sax-circular", "de")
    assert (options.wanted.out, options.wanted.seg, options.wanted.film) == (tmp_path / "out", True, "gif")
    assert made.outputs == (RunOutput.RESULT, RunOutput.TABLES, RunOutput.OVERVIEW)
    assert (made.resume, made.zips, made.quiet) == (True, True, True)
    assert made.workers == Workers(3, None)


def test_inputs_are_taken_once_and_earlier_studies_last() -> None:
    inputs = Inputs(("b", "a", "b"), ("a", "then"))
    assert inputs.all_paths == ["b", "a", "then"]
    assert inputs.prior_paths == ["a", "then"]
    demo = Inputs(("demo", "a"))
    assert demo.all_paths[0] != "demo"
    assert Path(demo.all_paths[0]).exists()


def test_a_query_is_retrieved_first(tmp_path: Path) -> None:
    query = "archive:pacs?id=1"
    made = plan(tmp_path, "a", query)
    assert made.retrieval is not None
    assert made.retrieval.place is None
    assert made.inputs.paths == ("a", query)
    prior = plan(tmp_path, "a", "--prior", query)
    assert prior.retrieval is not None


def test_studies_for_a_cluster_are_retrieved_where_its_workers_see_them(tmp_path: Path) -> None:
    made = plan(tmp_path, "archive:pacs?id=1", "--scheduler", "tcp://host:1")
    assert made.retrieval is not None
    assert made.retrieval.place == tmp_path / "out" / "retrieved"
    assert made.workers.scheduler == "tcp://host:1"
    hidden = plan(tmp_path, "archive:pacs?id=1", "--scheduler", "tcp://host:1", "--anonymise")
    assert hidden.retrieval is not None
    assert hidden.retrieval.place is None


def test_copies_without_identity_take_the_place_of_the_inputs(tmp_path: Path) -> None:
    made = plan(tmp_path, "a", "--anonymise", "--retain", "dates").anonymisation
    assert made is not None
    assert made.out == tmp_path / "out"
    assert made.copies is None
    assert made.key.name == "anonymise.key"
    assert tmp_path / "data" in made.key.parents
    assert (made.dates, made.characteristics, made.dry_run, made.keep_unclear) == (True, False, False, False)
    unclear = plan(tmp_path, "a", "--anonymise", "--keep-unclear").anonymisation
    assert unclear is not None
    assert unclear.keep_unclear
    assert plan(tmp_path, "a", "--anonymise").options.anonymised
    named = plan(tmp_path, "a", "--anonymise", "--dry-run", "--key", "k").anonymisation
    assert named is not None
    assert (named.key, named.dry_run) == (Path("k"), True)


def test_copies_of_a_run_that_is_resumed_are_used(tmp_path: Path) -> None:
    copies = tmp_path / "out" / "anonymised"
    copies.mkdir(parents=True)
    resumed = plan(tmp_path, "a", "--anonymise", "--resume").anonymisation
    assert resumed is not None
    assert resumed.copies == copies
    fresh = plan(tmp_path, "a", "--anonymise").anonymisation
    assert fresh is not None
    assert fresh.copies is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("a", "--network", "best"), "network: expected one of"),
        (("archive:pacs?id=1", "archive:pacs?patient=1"), "expected name, id, date, modality, study, got patient"),
        (("a", "--prior", "archive:pacs?id="), "with a field of"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    with pytest.raises(KinecorError, match=why):
        plan(tmp_path, *words)


@pytest.mark.parametrize(
    ("jobs", "recordings", "left", "processes"),
    [(1, 9, 9, 0), (4, 9, 9, 4), (4, 3, 3, 3), (4, 9, 1, 0), (4, 9, 0, 0), (4, 9, 2, 4), (4, 0, 0, 0)],
)
def test_processes_are_started_where_there_is_work_for_two(
    jobs: int, recordings: int, left: int, processes: int
) -> None:
    assert Workers(jobs, None).processes(recordings, left) == processes
