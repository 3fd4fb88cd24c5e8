"""Nothing that an error quotes is logged: no path, no name of a file, no value of a header."""

import logging
from pathlib import Path

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.nameless import NamelessFormatter, nameless_trace

NAME = "MUELLER_Anna-1957"


def failing(path: Path) -> None:
    try:
        float(NAME)
    except ValueError as error:
        raise KinecorError(message("{path} cannot be read", path=verbatim(str(path)))) from error


@pytest.fixture
def error() -> KinecorError:
    with pytest.raises(KinecorError) as caught:
        failing(Path(f"/data/{NAME}/clip.dcm"))
    return caught.value


def test_a_trace_has_places_and_kinds_and_no_name(error: KinecorError):
    trace = nameless_trace(error)
    assert "tests.core.test_nameless" in trace
    assert "failing" in trace
    assert "ValueError" in trace
    assert "{path} cannot be read" in trace
    assert "MUELLER" not in trace
    assert str(Path(__file__).parent) not in trace


def test_the_number_of_a_system_error_stays():
    with pytest.raises(OSError, match="No such file") as caught:
        Path(f"/nowhere/{NAME}").read_bytes()
    assert nameless_trace(caught.value).endswith("FileNotFoundError: 2")


def test_a_record_keeps_numbers_and_hides_texts(error: KinecorError):
    record = logging.LogRecord("kinecor", logging.ERROR, __file__, 1, "%s of %d: %s", (NAME, 3, error), None)
    line = NamelessFormatter("%(message)s").format(record)
    assert line == "… of 3: kinecor.core.values.errors.KinecorError: {path} cannot be read"
    record = logging.LogRecord("kinecor", logging.ERROR, __file__, 1, "failed", (), (type(error), error, None))
    assert "MUELLER" not in NamelessFormatter("%(message)s").format(record)
