"""Runs on a Dask cluster of this machine, in processes of its own; recordings at URLs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinecor.cli import main
from kinecor.cli.analyse import analyse
from kinecor.cli.batch import recordings
from kinecor.cli.commands import parse_command_line
from kinecor.core.values.errors import KinecorError
from kinecor.io.open.recordings import is_url, open_url
from tests.cli.batch.test_run import clips, results
from tests.cli.test_analyse_command import propose
from tests.cli_stand_ins import mortal
from tests.io.write.sources import write_clip
from tests.results import read_result

CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    folder = tmp_path_factory.mktemp("cluster")
    script = folder / "cluster.py"
    script.write_text(CLUSTER)
    root = Path(__file__).parents[3]
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(root), *sys.path]),
        "KINECOR_DATA_DIR": str(folder / "data"),
        "DASK_TEMPORARY_DIRECTORY": str(folder),
    }
    with subprocess.Popen(
        [sys.executable, str(script)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as one:
        assert one.stdin is not None
        assert one.stdout is not None
        found = one.stdout.readline().decode().strip()
        assert found.startswith("tcp://")
        yield found
        one.stdin.close()
        one.wait(60)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_cluster_gives_the_same_bytes_and_survives_a_killed_worker(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    folder = clips(tmp_path / "in", "a1", "a2", "b1-deadly-once", "c1")
    monkeypatch.setattr(recordings, "propose", propose)
    assert main(["analyse", str(folder), "--out", str(tmp_path / "one"), "--csv", "--quiet"]) == 0
    chosen = parse_command_line(
        ["analyse", str(folder), "--out", str(tmp_path / "two"), "--csv", "--scheduler", address]
    )
    assert analyse(chosen, mortal) == 0
    assert (tmp_path / "died").exists()
    assert results(tmp_path / "one") == results(tmp_path / "two")


def test_no_scheduler_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    from kinecor.cli.batch import pool

    monkeypatch.setattr(pool, "_JOIN_S", 0.5)
    with pytest.raises(KinecorError, match="no Dask scheduler answers at"):
        pool.Cluster("tcp://127.0.0.1:9", mortal, tmp_path)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from kinecor.cli.batch.pool import Cluster

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(KinecorError, match="install kinecor"):
        Cluster("tcp://127.0.0.1:9", mortal, tmp_path)


def test_a_recording_at_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fsspec", reason="the extra 'cluster' is not installed")
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(recordings, "propose", propose)
    write_clip(clips(tmp_path / "in", "a1") / "b1.dcm", SOPInstanceUID="1.9", StudyInstanceUID="1.8")
    url = (tmp_path / "in").as_uri()
    assert main(["analyse", url, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    entries = read_result(tmp_path / "out" / "result.json")["recordings"]
    assert [one["source"] for one in entries] == [f"{url}/a1.dcm", f"{url}/b1.dcm"]


def test_urls(tmp_path: Path) -> None:
    assert is_url("s3://bucket/clip.dcm")
    assert not is_url("/data/clip.dcm")
    assert not is_url("clip.dcm")
    with pytest.raises(KinecorError, match="holds a user's name"):
        open_url("sftp://me:secret@host/clip.dcm")
    (refused,) = open_url((tmp_path / "nothing.dcm").as_uri()).refused
    assert "cannot be" in refused.reason
