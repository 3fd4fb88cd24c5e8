"""DICOMweb against a service that answers what it should not."""

import time
import tracemalloc

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive import web_session
from kinecor.io.archive.archive import archive_of, find_studies, retrieve
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.association import Patience
from kinecor.io.archive.nodes import Node
from kinecor.io.archive.query import Search
from kinecor.io.archive.web_session import only_part, same_place
from tests.io.archive.evil_web import ATTACKS, BOUNDARY, FILES, MULTIPART, STUDY, EvilWeb, answer, multipart, sound

pytest.importorskip("dicomweb_client")
PATIENCE = Patience(0.5, 1.0)


def archive(server):
    return archive_of(Node("web", url=server.url), "", None, PATIENCE)


def test_a_sound_service_is_retrieved_from_byte_by_byte_as_it_sends(tmp_path):
    with EvilWeb() as server:
        (found,) = find_studies(archive(server), Search(study_uid=STUDY))
        result = retrieve(archive(server), found.uid, Arrivals(tmp_path))
    assert (result.stored, result.complete) == (2, True)
    held = Arrivals(tmp_path).held(STUDY)
    assert {name: one.path.read_bytes() for name, one in held.items()} == FILES
    assert [one.name for one in tmp_path.iterdir()] == [STUDY]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_ends_soon_in_a_sentence_and_leaves_nothing(tmp_path, attack, monkeypatch):
    monkeypatch.setattr(web_session, "MAX_ANSWER_BYTES", 4 << 20)
    began_s = time.monotonic()
    words = []
    with EvilWeb(ATTACKS[attack], seed=3) as server:
        for step in (
            lambda: find_studies(archive(server), Search(study_uid=STUDY)),
            lambda: retrieve(archive(server), STUDY, Arrivals(tmp_path)),
        ):
            try:
                step()
            except KinecorError as error:
                words.append(str(error))
    assert time.monotonic() - began_s < 20
    assert all("\n" not in one and "Traceback" not in one for one in words)
    if attack not in ("JSON of other types", "random bytes changed"):
        assert words
        assert list(tmp_path.rglob("*.dcm")) == []
        assert not any(one.name.startswith(".kinecor-") and one.is_dir() for one in tmp_path.rglob("*"))


def test_a_redirect_to_another_place_is_not_followed_and_carries_no_password(tmp_path):
    with EvilWeb() as other:
        where = other.url.replace("/dicom-web", "/x").encode()
        led = b"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nLocation: " + where + b"\r\n\r\n"
        with (
            EvilWeb(lambda _path, _rng: iter([led])) as server,
            pytest.raises(KinecorError, match="leads to another address"),
        ):
            archive(server).echo()
        assert other.asked == []


def test_a_redirect_within_the_place_is_followed():
    def answers(path, _rng):
        if path.startswith("/dicom-web"):
            yield b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: /new" + path.encode() + b"\r\n\r\n"
        else:
            yield answer(b"[]")

    with EvilWeb(answers) as server:
        assert archive(server).echo() >= 0


@pytest.mark.parametrize(
    ("url", "other", "same"),
    [
        ("http://a/x", "http://a:80/y", True),
        ("http://a/x", "https://a/y", True),
        ("https://a/x", "http://a/y", False),
        ("https://a/x", "https://a:8443/y", False),
        ("https://a/x", "https://b/x", False),
        ("https://a/x", "file:///etc/passwd", False),
        ("https://a/x", "https://a:nonsense/x", False),
    ],
)
def test_what_is_the_same_place(url, other, same):
    assert same_place(url, other) is same


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("content", [b"", b"x", b"\r\n--kinecor", b"\r\n\r\n--" * 50, bytes(5000)])
def test_a_part_is_found_whatever_the_pieces(size, content):
    whole = b"preamble\r\n" + multipart(content) + b"epilogue"
    pieces = (whole[at : at + size] for at in range(0, len(whole), size))
    assert b"".join(only_part(pieces, MULTIPART.decode())) == content


@pytest.mark.parametrize("kind", ["text/html", "multipart/related", "multipart/mixed; boundary=a", ""])
def test_a_message_of_another_kind_is_refused(kind):
    with pytest.raises(ValueError, match="expected"):
        list(only_part(iter([multipart(b"x")]), kind))
    assert list(only_part(iter([b"a", b"b"]), "application/dicom; transfer-syntax=1.2")) == [b"a", b"b"]


def test_a_large_instance_stays_out_of_memory(tmp_path):
    size = 40 << 20

    def answers(path, rng):
        name = path.split("?")[0].rsplit("/", 1)[-1]
        if name not in FILES:
            yield from sound(path, rng)
            return
        whole = multipart(FILES[name])
        at = whole.rindex(b"\r\n--" + BOUNDARY)
        yield answer(b"", MULTIPART).replace(b"Content-Length: 0", b"Content-Length: %d" % (len(whole) + size))
        yield whole[:at]
        for _ in range(size >> 20):
            yield bytes(1 << 20)
        yield whole[at:]

    with EvilWeb(answers) as server:
        tracemalloc.start()
        retrieve(archive_of(Node("web", url=server.url), "", None, Patience(30, 30)), STUDY, Arrivals(tmp_path))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert {one.size_bytes > size for one in Arrivals(tmp_path).held(STUDY).values()} == {True}
    assert peak < 16 << 20
