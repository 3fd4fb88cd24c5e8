"""A query of an archive as an input of the analysis."""

import pydicom
import pytest

from kinecor.cli.batch.queried import Query, is_query, query_of, retrieve_queries
from kinecor.core.values.errors import KinecorError
from tests.io.archive.instances import Peer, uid
from tests.io.write.sources import write_clip


def test_what_a_query_says():
    assert query_of("archive:pacs?date=2026-01-01:2026-01-31&modality=US&name=Doe%5EJ*") == Query(
        "pacs", "Doe^J*", "", "2026-01-01:2026-01-31", "US"
    )
    assert query_of("archive:https://host/dicom-web?study=1.2&study=1.3").studies == ("1.2", "1.3")
    assert query_of("archive:https://host/dicom-web?study=1.2").node == "https://host/dicom-web"
    assert is_query("archive:pacs?id=1")
    assert not is_query("archive/pacs")


@pytest.mark.parametrize("text", ["archive:pacs", "archive:?id=1", "archive:pacs?id=", "archive:pacs?patient=1"])
def test_a_query_that_says_too_little_is_refused(text):
    with pytest.raises(KinecorError, match="expected"):
        query_of(text)


def test_studies_of_a_query_take_its_place(tmp_path, monkeypatch):
    pytest.importorskip("pynetdicom")
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    clips = [
        write_clip(tmp_path / f"{number}.dcm", instance=number, StudyInstanceUID=uid(f"study {number}"))
        for number in range(2)
    ]
    said: list[str] = []
    with Peer([pydicom.dcmread(path) for path in clips]).running() as peer:
        query = f"archive:{peer.address}?modality=US"
        paths, failed = retrieve_queries(["before", query, "after"], tmp_path / "here", said.append)
        assert (failed, said) == (0, [])
        assert (paths[0], paths[-1]) == ("before", "after")
        assert sorted(paths[1:-1]) == sorted(str(tmp_path / "here" / uid(f"study {number}")) for number in range(2))
        again, _ = retrieve_queries([query], tmp_path / "here", said.append)
        assert sorted(again) == sorted(paths[1:-1])
        _, failed = retrieve_queries([f"archive:{peer.address}?study={uid('no such')}"], tmp_path / "here", said.append)
        assert failed == 1
        assert "has no such study" in said[0]
    with Peer([]).running() as empty, pytest.raises(KinecorError, match="No study of"):
        retrieve_queries([f"archive:{empty.address}?id=nobody"], tmp_path / "here", said.append)
