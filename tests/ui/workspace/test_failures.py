import sys

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.session.store import log_file
from kinecor.ui.workspace.jobs import catch_everything, start_logging


@pytest.fixture
def reported(monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    sentences = []
    catch_everything(sentences.append)
    return sentences


def fail(error):
    try:
        raise error
    except type(error) as caught:
        sys.excepthook(type(caught), caught, caught.__traceback__)


def test_a_refusal_is_shown_as_it_is(reported):
    fail(KinecorError("Three frames were expected, one came: open a loop."))
    assert reported == ["Three frames were expected, one came: open a loop."]


@pytest.mark.logs_warnings
def test_an_unforeseen_error_is_one_sentence_with_the_place_of_the_log(reported, caplog):
    fail(ZeroDivisionError("division by zero"))
    assert len(reported) == 1
    assert "Traceback" not in reported[0]
    assert str(log_file()) in reported[0]
    assert "ZeroDivisionError" in caplog.text


def test_the_log_is_written_to_the_folder_of_the_readings(data_dir, monkeypatch):
    import logging

    logs = [logging.getLogger(name) for name in ("kinecor", "kinecor_models")]
    before = [list(log.handlers) for log in logs]
    start_logging()
    for log, earlier in zip(logs, before, strict=True):
        added = [one for one in log.handlers if one not in earlier]
        assert [one.baseFilename for one in added] == [str(log_file())]
        for one in added:
            log.removeHandler(one)
            one.close()
