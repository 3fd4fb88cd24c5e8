"""One process that examines crafted study files on request: lines "SOUND FILE<tab>NUMBER<tab>SEED", answers of JSON."""

import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from kinecor.core.checks.assessment import assess
from kinecor.core.values.errors import KinecorError
from kinecor.io.files.backup import back_up
from kinecor.session.audit import verify_file
from kinecor.session.edits import SetNotes
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.fuzz.crafted import craft
from tests.session.samples import first

_MAX_ADDRESS_BYTES = 6 << 30


def examine(path: Path, folder: Path) -> tuple[str, str, float]:
    """The outcome for a file: (same | refused | marked | fault, words, processor seconds of the slowest command).

    Args:
        path: of the crafted file.
        folder: for its backup, new or empty.

    """
    outcome, words, slowest_s = "same", "", 0.0
    for step in (_verified, back_up, _edited):
        began_s = time.process_time()
        try:
            said = step(path, folder)
        except KinecorError as error:
            outcome, words = "refused", str(error)
        except Exception as error:
            return "fault", f"{step.__name__}: {type(error).__name__}: {error}", time.process_time() - began_s
        else:
            if isinstance(said, str) and said and outcome == "same":
                outcome, words = "marked", said
        slowest_s = max(slowest_s, time.process_time() - began_s)
        if "\n" in words or "\x1b" in words or "Traceback" in words:
            return "fault", f"no sentence: {words!r}", slowest_s
    return outcome, words, slowest_s


def _verified(path: Path, _folder: Path) -> str:
    """As `kinecor verify`; what is said of the file."""
    with Store.read(path) as store:
        verdict = verify_file(store)
    return " ".join((*verdict.faults, *verdict.remarks))


def _edited(path: Path, _folder: Path) -> str:
    """As the window: opened, replayed, edited, and opened again to see that the edit is there."""
    with Store.open(path) as store:
        journal = Journal(store)
        assess(journal.open(first()))
        if journal.read_only_because is None:
            journal.do("1.2.3", SetNotes("acknowledged"), "Anna")
        said = journal.doubt or journal.read_only_because or ""
        edited = journal.read_only_because is None
    if edited:
        with Store.read(path) as store:
            if not any(b"acknowledged" in entry.payload for entry in store.rows()):
                raise AssertionError("an acknowledged edit is not there")
    return said


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    logging.disable(logging.CRITICAL)
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MAX_ADDRESS_BYTES, _MAX_ADDRESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        os.environ["KINECOR_DATA_DIR"] = name
        for line in sys.stdin:
            source, number, seed = line.rstrip("\n").split("\t")
            place = Path(name) / "crafted"
            shutil.rmtree(place, ignore_errors=True)
            (place / "backup").mkdir(parents=True)
            craft(place / "a.kinecor", int(number), int(seed), Path(source).read_bytes())
            with contextlib.suppress(OSError):
                (Path(name) / "audit.log").unlink()
            outcome, words, s = examine(place / "a.kinecor", place / "backup")
            answer = {"kind": outcome, "words": words[:300], "how": "", "s": round(s, 3), "mb": 0}
            print(json.dumps(answer), file=answers)
            answers.flush()


if __name__ == "__main__":
    main()
