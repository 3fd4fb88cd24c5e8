import logging
import sys

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive import nodes
from kinecor.io.archive.nodes import Archives, Node, Passwords, Receiver, load, node_from_address, save, settings_file
from kinecor.io.archive.query import Search, StudyFound, check_date, check_uid, identifier


def test_archives_are_saved_and_read_back():
    assert load() == Archives()
    known = Archives(
        (
            Node("pacs", "10.0.0.1", 11112, "PACS", tls=True, user="jane"),
            Node("web", url="https://pacs.local/dicom-web"),
        ),
        Receiver(allow=("SCANNER",)),
    )
    save(known)
    assert load() == known
    assert known.named("web").web
    assert known.without("web").nodes == known.nodes[:1]
    assert known.with_node(Node("web", "h")).nodes[1] == Node("web", "h")
    settings_file().write_text("{")
    with pytest.raises(KinecorError, match="cannot be read"):
        load()


def test_an_archive_may_be_given_by_its_address():
    assert node_from_address("PACS@host:104") == Node("PACS@host:104", "host", 104, "PACS")
    assert node_from_address("PACS@[::1]:104").host == "::1"
    assert node_from_address("http://127.0.0.1:8042/dicom-web").web
    assert node_from_address("pacs") is None
    with pytest.raises(KinecorError, match="There is no archive 'pacs'"):
        Archives().named("pacs")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"name": " "}, "name"),
        ({"name": "a"}, "host"),
        ({"name": "a", "host": "h", "ae_title": "X" * 17}, "AE title"),
        ({"name": "a", "host": "h", "ae_title": "A\\B"}, "AE title"),
        ({"name": "a", "host": "h", "own_ae_title": ""}, "AE title"),
        ({"name": "a", "host": "h", "port": 0}, "port"),
        ({"name": "a", "url": "ftp://h"}, "URL"),
        ({"name": "a", "url": "https://u:p@h/x"}, "URL"),
        ({"name": "a", "url": "http://h/x", "user": "u"}, "https only"),
        ({"name": "a", "host": "h", "user": "u"}, "TLS only"),
    ],
)
def test_what_is_no_archive_is_refused(how, words):
    with pytest.raises(KinecorError, match=words):
        Node(**how)


def test_a_receiver_says_when_others_reach_it_unprotected():
    assert Receiver().host == "127.0.0.1"
    assert nodes.warn_if_open(Receiver()) == ""
    assert "without TLS" in nodes.warn_if_open(Receiver(host="0.0.0.0"))
    with pytest.raises(KinecorError):
        Receiver(most_associations=0)


class _Keyring:
    priority = 5

    def __init__(self):
        self.saved = {}

    def get_keyring(self):
        return self

    def get_password(self, service, name):
        return self.saved.get((service, name))

    def set_password(self, service, name, password):
        self.saved[service, name] = password

    def delete_password(self, service, name):
        del self.saved[service, name]


def test_passwords_go_to_the_keyring_and_never_to_a_file(monkeypatch):
    pytest.importorskip("keyring")
    ring, node = _Keyring(), Node("pacs", url="https://h/x", user="jane")
    monkeypatch.setattr(nodes, "system_keyring", lambda: ring)
    assert Passwords().save(node, "secret") == ""
    save(Archives((node,)))
    assert Passwords().of(node) == "secret"
    assert all("secret" not in path.read_text() for path in settings_file().parent.rglob("*.json"))
    Passwords().forget(node)
    assert Passwords().of(node) == ""


def test_without_a_keyring_a_password_lives_as_long_as_the_program(monkeypatch):
    keyring = pytest.importorskip("keyring")
    from keyring.backends import fail

    monkeypatch.setattr(keyring, "get_keyring", lambda: fail.Keyring())
    node, passwords = Node("pacs", url="https://h/x", user="jane"), Passwords()
    assert "not saved" in passwords.save(node, "secret")
    assert passwords.of(node) == "secret"
    assert Passwords().of(node) == ""


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynetdicom", None)
    with pytest.raises(KinecorError, match=r"pip install 'kinecor\[archive\]'"):
        nodes.import_needed("pynetdicom")


def test_a_search_becomes_keys():
    search = Search("Doe", " 4711 ", "2026-01-01", "20260131", "us")
    assert search.matching() == {
        "PatientName": "Doe*",
        "PatientID": "4711",
        "StudyDate": "20260101-20260131",
        "ModalitiesInStudy": "US",
    }
    assert Search(first_date="20260101", last_date="20260101").dates == "20260101"
    assert Search(last_date="20260101").dates == "-20260101"
    assert Search("D?e").name_pattern == "D?e"
    assert [one.patient_name for one in Search("doe^j").variants()] == ["doe^j", "Doe^J", "DOE^J"]
    assert search.fits(StudyFound("1", modalities=("SR", "US")))
    assert not search.fits(StudyFound("1", modalities=("MR",)))
    asked = identifier("STUDY", ("PatientName", "StudyInstanceUID"), {"PatientName": "Østvik*"})
    assert asked.SpecificCharacterSet == "ISO_IR 192"
    assert (asked.QueryRetrieveLevel, str(asked.PatientName), asked.StudyInstanceUID) == ("STUDY", "Østvik*", "")


@pytest.mark.parametrize("date", ["2026", "2026-13-01", "01.02.2026", "20260132"])
def test_what_is_no_date_is_refused(date):
    with pytest.raises(KinecorError, match="YYYY-MM-DD"):
        check_date(date)


def test_a_range_in_the_wrong_order_and_a_wrong_uid_are_refused():
    with pytest.raises(KinecorError, match="swap"):
        Search(first_date="20260102", last_date="20260101")
    with pytest.raises(KinecorError, match="study UID"):
        check_uid("1.2.x")


def test_no_log_of_the_libraries_names_a_patient():
    pytest.importorskip("pynetdicom")
    from kinecor.io.archive.association import library

    library()
    assert not logging.getLogger("pynetdicom").isEnabledFor(logging.CRITICAL)
    assert not logging.getLogger("pynetdicom.assoc").isEnabledFor(logging.CRITICAL)
