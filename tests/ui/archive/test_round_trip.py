"""Analysed, sent to an archive, retrieved on another computer: the same study, of which nothing is computed again."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pydicom
import pytest

from kinecor.cli.commands import main
from kinecor.core.checks.assessment import assess, assessed_study
from kinecor.core.study.conclusions import SignState, sign_status
from kinecor.core.values.choices import Extent
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.study import Entered
from kinecor.core.values.track import Origin, Structure
from kinecor.io.archive.archive import archive_of, retrieve
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.nodes import Receiver, node_from_address
from kinecor.io.write.labels import label_frame
from kinecor.session import keys
from kinecor.session.documents import saved_report
from kinecor.session.edits import Decide, OnSlice, SetContours, SetDemographics, SetEvents, SetExtent, SetTrack
from kinecor.session.store import study_file
from kinecor.ui.app.documents import open_all
from kinecor.ui.archive.calls import OBJECTS, Content, send_objects
from kinecor.ui.report.render import content_of, report_to_sign, write_pdf
from kinecor.ui.workspace.workspace import Workspace
from tests.deep import same
from tests.io.archive.instances import Peer
from tests.io.archive.servers import dcmqrscp, dicomweb_plugin, free_port, orthanc, program
from tests.io.write.sources import BY, read_clip, read_stack, write_sector, write_stack

pytest.importorskip("pynetdicom")
READER = "Dr Grey"


def no_tick(*_):
    pass


@pytest.fixture(scope="module")
def receiver():
    return Receiver(port=free_port())


WAYS = ("peer get", "orthanc get", "orthanc move", "orthanc web", "dcmqrscp get", "dcmqrscp move")
LEFT_OUT = {"dcmqrscp move": "sr"}
"""dcmtk 3.6 takes structured reports of this class, but offers none of them where it sends."""


@pytest.fixture(params=WAYS)
def archive(request, tmp_path, receiver):
    """An archive that is empty, by each way there is to it: address for the command line, archive, what to send."""
    server, _, way = request.param.partition(" ")
    names = [name for name, _ in OBJECTS if name != LEFT_OUT.get(request.param)]
    if server == "peer":
        with Peer().running() as peer:
            yield peer.address, archive_of(node_from_address(peer.address), "", receiver), names
        return
    if server == "orthanc" and program("Orthanc", "orthanc") is None:
        pytest.skip("Orthanc is not installed: apt-get install orthanc orthanc-dicomweb")
    if server == "dcmqrscp" and program("dcmqrscp") is None:
        pytest.skip("dcmqrscp is not installed: apt-get install dcmtk")
    if way == "web":
        pytest.importorskip("dicomweb_client")
        if dicomweb_plugin() is None:
            pytest.skip("Orthanc has no DICOMweb: apt-get install orthanc-dicomweb")
    with (orthanc if server == "orthanc" else dcmqrscp)(tmp_path / "server", receiver.port) as running:
        address = running.url if way == "web" else running.address
        node = node_from_address(address)
        if way != "web":
            node = replace(node, retrieve=way)
        yield address, archive_of(node, "", receiver), names


@contextmanager
def at_home(monkeypatch, folder):
    """Another user on another computer: own studies, settings, audit log and key."""
    with monkeypatch.context() as patch:
        patch.setenv("KINECOR_DATA_DIR", str(folder / "data"))
        patch.setenv("KINECOR_AUDIT_KEY", str(folder / "audit.key"))
        yield folder


@contextmanager
def workspace_on(folder):
    """A workspace on what lies in a folder, with everything opened; and the sentences that opening it gave."""
    found = open_all((str(folder),), no_tick)
    space = Workspace(READER)
    try:
        space.open(found.recordings, found.reports, found.documents)
        for at in space.study.members:
            space.opened.saved_reading(space.opened.recordings[at])
        yield space, found
    finally:
        space.close()


def read_and_sign(space):
    """What models and a reader do with two views: contours, one corrected, events moved, a value accepted, signed."""
    for at in space.study.members:
        recording = space.opened.recordings[at]
        wanted = read_clip(recording.source.path).reading
        for track in wanted.tracks.values():
            assert space.do(SetTrack(track), actor=BY, recording=recording)
        assert space.do(SetEvents(wanted.events), actor=BY, recording=recording)
    space.show(space.study.members[0])
    track = space.reading.tracks[Structure.LV_ENDO]
    moved = Contour(track.contours[0].points * 1.01 + 0.123456789)
    assert space.do(SetContours(Structure.LV_ENDO, 0, (moved,)))
    assert space.do(SetEvents(CardiacEvents((Beat(0, 5),), Origin.EDITED)))
    assert space.do(Decide("EF", True, None, 41.5, "%"))
    assert space.study.do(SetDemographics(Entered(height_cm=171.0, weight_kg=70.0)))
    signature, report, _ = report_to_sign(content_of(space), space.signing.signature_to_give("seen"), READER, no_tick)
    assert space.signing.sign(signature, report)
    return report


def state_of(space):
    """Everything that is concluded, recording by recording."""
    readings = {
        space.opened.recordings[at].source.recording_id: space.opened.finished_reading(space.opened.recordings[at])
        for at in space.study.members
    }
    values = {name: assess(one).measurements for name, one in readings.items()}
    study = space.study.reading
    return readings, values, assessed_study(list(readings.values()), study).measurements, study


def numbers(rows):
    return [(one.code, one.quantity, one.status, one.trust, one.interval, one.by) for one in rows]


def content_to_send(space):
    members = tuple(
        (space.opened.recordings[at], space.opened.finished_reading(space.opened.recordings[at]))
        for at in space.study.members
    )
    content = content_of(space)
    return Content(members, space.study.reading, lambda path, tick: write_pdf(path, content, tick))


def instances(archive, study_uid):
    series = archive.series(study_uid)
    return {
        one.uid for several in archive.instances(study_uid, [each.uid for each in series]).values() for one in several
    }


def test_a_study_comes_back_as_it_was_sent(archive, themed, tmp_path, monkeypatch, capsys):
    address, archive_, names = archive
    node = replace(archive_.node, name="pacs")
    (tmp_path / "scanner").mkdir()
    paths = [
        write_sector(tmp_path / "scanner" / f"{at}.dcm", view, instance=at) for at, view in ((1, "A4C"), (2, "A2C"))
    ]
    header = pydicom.dcmread(paths[0])
    study_uid = header.StudyInstanceUID
    with at_home(monkeypatch, tmp_path / "reader"):
        assert main(["archive", "send", address, *map(str, paths), "--quiet"]) == 0
        with workspace_on(tmp_path / "scanner") as (space, _):
            report = read_and_sign(space)
            sent = state_of(space)
            lines = send_objects(node, content_to_send(space), names, False, no_tick)
            assert all(one.stored for one in lines), lines
            held = instances(archive_, study_uid)
            assert len(held) == 2 + len(lines)
            again = send_objects(node, content_to_send(space), names, False, no_tick)
            assert [one.what for one in again] == [one.what for one in lines]
            assert instances(archive_, study_uid) == held
        at_first = result_of(tmp_path / "scanner", tmp_path / "here")
        assert len(at_first["recordings"]) == 2
        readers_key = keys.own_keys()[0].public
    with at_home(monkeypatch, tmp_path / "other") as home:
        folder = retrieved(archive_, study_uid, home)
        with workspace_on(folder) as (space, found):
            assert found.refused == ()
            reports = ["own-report"] * (1 + ("sr" in names))
            assert sorted(one.series.kind for one in found.documents) == [
                *reports,
                *["own-segmentation"] * 2,
                "own-study",
            ]
            assert len(space.study.members) == 2
            came_back = state_of(space)
            assert same(came_back[0], sent[0])
            for name, rows in came_back[1].items():
                assert numbers(rows) == numbers(sent[1][name])
            assert numbers(came_back[2]) == numbers(sent[2])
            assert same(came_back[3], sent[3])
            signature = came_back[3].signature
            assert (signature.by, signature.remark) == (READER, "seen")
            assert sign_status(list(came_back[0].values()), came_back[3]).state is SignState.SIGNED
            assert saved_report(study_file(study_uid), signature) == report
        capsys.readouterr()
        file = str(study_file(study_uid))
        assert main(["verify", file]) == 1  # whose key it is, this computer cannot know
        said = capsys.readouterr().out
        assert "not comparable" in said
        assert "written elsewhere, and unchanged since they arrived here" in said
        assert "signed by a key that is not known here" in said
        assert main(["verify", file, "--key", readers_key]) == 0
        query = f"archive:{address}?study={study_uid}"
        result = result_of(query, tmp_path / "there")
        assert measured(result) == measured(at_first)
        assert all(any("saved" in words for words in one["warnings"]) for one in result["recordings"])
        assert {one["kind"] for one in result["set_aside"]} == {
            "own-report", "own-segmentation", "own-capture", "own-study"
        }  # fmt: skip


def result_of(path, out):
    assert main(["analyse", str(path), "--out", str(out), "--readings", "--quiet"]) == 0
    return json.loads((out / "result.json").read_text())


def measured(result):
    return {
        one["id"]: (one["measurements"], one["tracks"], one["events"], one["checks"]) for one in result["recordings"]
    }


def retrieved(archive, study_uid, home):
    found = retrieve(archive, study_uid, Arrivals(home / "studies"))
    assert found.complete, found.missing
    return found.folder


def test_segmentation_and_report_alone_are_enough_for_contours_events_and_volumes(themed, tmp_path, monkeypatch):
    (tmp_path / "scanner").mkdir()
    for at, view in ((1, "A4C"), (2, "A2C")):
        write_sector(tmp_path / "scanner" / f"{at}.dcm", view, instance=at)
    with Peer().running() as peer:
        node = node_from_address(peer.address)
        with at_home(monkeypatch, tmp_path / "reader"):
            assert main(["archive", "send", peer.address, str(tmp_path / "scanner"), "--quiet"]) == 0
            with workspace_on(tmp_path / "scanner") as (space, _):
                read_and_sign(space)
                sent = state_of(space)
                assert all(
                    one.stored for one in send_objects(node, content_to_send(space), ("sr", "seg"), False, no_tick)
                )
                study_uid = space.study.reading.study_id
        with at_home(monkeypatch, tmp_path / "other") as home:
            folder = retrieved(archive_of(node, "", Receiver()), study_uid, home)
            with workspace_on(folder) as (space, found):
                assert found.refused == ()
                came_back = state_of(space)
    for name, before in sent[0].items():
        after = came_back[0][name]
        assert [(one.ed, one.es) for one in after.events.beats] == [(one.ed, one.es) for one in before.events.beats]
        assert after.tracks.keys() == before.tracks.keys()
        for frame in range(12):
            labels = [label_frame(one, frame) for one in (before, after)]
            for label in (1, 2, 3):
                one, other = (each == label for each in labels)
                assert 2 * (one & other).sum() / (one.sum() + other.sum()) > 0.9, (
                    frame,
                    label,
                )  # the ellipses overlap, a mask does not
        values = [{row.code: row.quantity for row in rows[1][name]} for rows in (sent, came_back)]
        for code in ("EDV", "ESV", "EF"):
            assert values[1][code].value == pytest.approx(values[0][code].value, rel=1e-4), code


def test_a_stack_comes_back_from_segmentation_and_report_alone(themed, tmp_path, monkeypatch):
    """Contours, ED and ES, and the slices that a reader counts: volumes are those that were sent."""
    write_stack(tmp_path / "scanner")
    with Peer().running() as peer:
        node = node_from_address(peer.address)
        with at_home(monkeypatch, tmp_path / "reader"):
            assert main(["archive", "send", peer.address, str(tmp_path / "scanner"), "--quiet"]) == 0
            with workspace_on(tmp_path / "scanner") as (space, _):
                (at,) = space.study.members
                recording = space.opened.recordings[at]
                wanted = read_stack(tmp_path / "scanner").reading
                for place, one in enumerate(wanted.slices):
                    for track in one.tracks.values():
                        assert space.do(OnSlice(place, SetTrack(track)), actor=BY, recording=recording)
                assert space.do(SetEvents(wanted.events), actor=BY, recording=recording)
                with_contour = [at for at, one in enumerate(wanted.slices) if Structure.LV_ENDO in one.tracks]
                # The reader leaves out the slice at the base, which the program counts.
                left_out = Extent((with_contour[1],) * 20, (with_contour[-1],) * 20)
                assert space.do(SetExtent(left_out), recording=recording)
                sent = state_of(space)
                outcome = send_objects(node, content_to_send(space), ("sr", "seg"), False, no_tick)
                assert all(one.stored for one in outcome), outcome
                study_uid = space.study.reading.study_id
        with at_home(monkeypatch, tmp_path / "other") as home:
            folder = retrieved(archive_of(node, "", Receiver()), study_uid, home)
            with workspace_on(folder) as (space, found):
                assert found.refused == ()
                came_back = state_of(space)
    for name, before in sent[0].items():
        after = came_back[0][name]
        assert [(one.ed, one.es) for one in after.events.beats] == [(one.ed, one.es) for one in before.events.beats]
        # A segmentation has the slices that count; the others come back with the saved study alone.
        counting = [one.tracks.keys() for one in after.slices]
        assert counting[with_contour[0]] == {}.keys()
        assert counting[with_contour[1] :] == [one.tracks.keys() for one in before.slices[with_contour[1] :]]
        values = [{row.code: row.quantity for row in rows[1][name]} for rows in (sent, came_back)]
        for code in ("EDV", "ESV", "EF", "LVM"):
            assert values[1][code].value == pytest.approx(values[0][code].value, rel=0.02), (code, values)
