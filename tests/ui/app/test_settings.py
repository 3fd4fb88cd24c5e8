import json
import os
import sys

import pytest

from kinecor.core.values.recording import GreyWindow, window_between
from kinecor.ui.app import settings
from kinecor.ui.app.settings import MAX_RECENT, MAX_WINDOWS, Settings


def test_saved_and_loaded(data_dir):
    saved = Settings(reader="Dr Grey").opened("/a").opened("/b").opened("/a")
    settings.save(saved)
    assert settings.place().parent == data_dir
    assert settings.load() == saved
    assert saved.recent == ("/a", "/b")


def test_grey_windows_are_saved_by_recording(data_dir):
    window = GreyWindow(612.5, 1400, "SIGMOID")
    saved = Settings().looked_at("1.2.3", window).looked_at("1.2.4", window_between(0.0, 9.5))
    settings.save(saved)
    assert settings.load() == saved
    assert saved.looked_at("1.2.4", None).grey_windows == {"1.2.3": window}
    for number in range(MAX_WINDOWS):
        saved = saved.looked_at(str(number), window)
    assert len(saved.grey_windows) == MAX_WINDOWS
    assert "1.2.3" not in saved.grey_windows


def test_only_the_latest_are_saved():
    saved = Settings()
    for number in range(20):
        saved = saved.opened(str(number))
    assert len(saved.recent) == MAX_RECENT
    assert saved.recent[0] == "19"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 99}', '{"version": 1}', json.dumps({"version": 1, "recent": 3})]
)
def test_whatever_is_wrong_with_the_file_the_window_starts(text):
    settings.place().parent.mkdir(parents=True)
    settings.place().write_text(text)
    assert settings.load() == Settings()


def test_a_folder_that_cannot_be_written_is_ignored(data_dir):
    data_dir.write_text("a file where the folder should be")
    settings.save(Settings())
    assert settings.load() == Settings()


def test_the_full_name_of_the_login_stands_in_and_an_account_is_said_to_be_one(monkeypatch):
    monkeypatch.setattr(settings, "login_name", lambda: "grey")
    monkeypatch.setattr(settings, "full_name", lambda: "Jane Grey")
    assert Settings().actor == "Jane Grey"
    assert Settings(reader="Dr Grey").actor == "Dr Grey"
    monkeypatch.setattr(settings, "full_name", lambda: "")
    assert Settings().actor == "account grey"


@pytest.mark.skipif(sys.platform == "win32", reason="no list of accounts")
@pytest.mark.parametrize(
    ("uid", "gecos", "name"),
    [
        (1000, "Jane Grey,Room 5,,", "Jane Grey"),
        (1000, "& Grey", "Jgrey Grey"),
        (1000, "", ""),
        (1000, "jgrey", ""),
        (0, "System Administrator", ""),
    ],
)
def test_full_names_come_from_the_system_s_list_of_accounts(monkeypatch, uid, gecos, name):
    import pwd

    entry = pwd.struct_passwd(("jgrey", "x", uid, uid, gecos, "/home/jgrey", "/bin/sh"))
    monkeypatch.setattr(settings.pwd, "getpwuid", lambda _: entry)
    assert settings.full_name() == name


def test_no_reader_can_take_a_model_s_name(monkeypatch):
    monkeypatch.setattr(settings, "full_name", lambda: "")
    monkeypatch.setattr(settings, "login_name", lambda: "grey")
    assert Settings(reader="model:unet@1.0+abc").actor == "account grey"
    monkeypatch.setattr(settings, "full_name", lambda: "model:z")
    assert Settings().actor == "account grey"
    monkeypatch.setattr(settings, "login_name", lambda: "model:x")
    assert Settings(reader=" Model:y").actor == "reader"


def test_recent_files_and_grey_windows_are_forgotten_after_the_chosen_time(monkeypatch, data_dir):
    monkeypatch.setattr(settings, "today", lambda: "2026-01-10")
    saved = Settings(reader="Dr Grey", keep_days=7).opened("/old").looked_at("1.2.3", window_between(0.0, 9.5))
    settings.save(saved)
    monkeypatch.setattr(settings, "today", lambda: "2026-01-17")
    assert settings.load().recent == ("/old",)
    settings.save(settings.load().opened("/new"))
    monkeypatch.setattr(settings, "today", lambda: "2026-01-18")
    found = settings.load()
    assert (found.recent, found.grey_windows, found.reader) == (("/new",), {}, "Dr Grey")
    settings.save(found)
    assert "/old" not in settings.place().read_text()
    assert "1.2.3" not in settings.place().read_text()


def test_nothing_is_remembered_where_nobody_wants_it(data_dir):
    settings.save(Settings(keep_days=0).opened("/a").looked_at("1.2.3", window_between(0.0, 9.5)))
    assert settings.load() == Settings(keep_days=0)
    assert Settings(keep_days=settings.FOREVER_DAYS).opened("/a").lasting("2999-01-01").recent == ("/a",)


def test_what_an_earlier_version_saved_counts_from_now_on(data_dir):
    settings.place().parent.mkdir(parents=True)
    settings.place().write_text(json.dumps({"version": 1, "recent": ["/a"], "reader": ""}))
    found = settings.load()
    assert (found.recent, found.used, found.keep_days) == (("/a",), {"/a": settings.today()}, 90)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_they_are_the_owners_alone(data_dir):
    settings.save(Settings().opened("/a"))
    assert settings.place().stat().st_mode & 0o077 == 0


def test_an_earlier_study_of_the_same_patient_is_found_as_long_as_its_files_are_there(tmp_path):
    old, older = tmp_path / "old.dcm", tmp_path / "older.dcm"
    for one in (old, older):
        one.write_bytes(b"")
    patient = settings.patient_digest(" PAT-42 ")
    saved = Settings().with_study("1", settings.Seen(patient, "20240501", str(old)))
    saved = saved.with_study("2", settings.Seen(patient, "20230501", str(older)))
    saved = saved.with_study("3", settings.Seen(settings.patient_digest("43"), "20240601", str(old)))
    settings.save(saved)
    saved = settings.load()
    assert saved.earlier(patient, "20250101").date == "20240501"
    assert saved.earlier(patient, "20240501").date == "20230501"
    assert saved.earlier(patient, "20230501") is None
    assert saved.earlier("", "20250101") is None
    old.unlink()
    assert saved.earlier(patient, "20250101").date == "20230501"
    assert not saved.forgotten.seen
    assert "PAT-42" not in settings.place().read_text()


def test_studies_are_forgotten_with_recent_files():
    saved = Settings(keep_days=30).with_study("1", settings.Seen("x", "20240501", "/a"))
    assert saved.lasting("2999-01-01").seen == {}
