"""`kinecor backup` and `kinecor verify`: copies of the saved studies, and whether they are as they were written."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kinecor.cli.outcomes import DONE, FAILED
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.files.backup import back_up
from kinecor.session import keys
from kinecor.session.audit import Head, State, audit_log, read_log, verify_file
from kinecor.session.store import Store, readings_folder, study_file


def backup(chosen: argparse.Namespace) -> int:
    """Copy study files; 0 if all of them were copied, 1 if one was not (the others are)."""
    failed = 0
    for path in _files(chosen.files):
        try:
            target, head = back_up(path, chosen.out)
        except KinecorError as error:
            failed += 1
            print(f"kinecor: {str(error).rstrip('.')}.", file=sys.stderr)
        else:
            print(target)
            print(f"kinecor: {_words(path, head)}", file=sys.stderr)
    return FAILED if failed else DONE


def verify(chosen: argparse.Namespace) -> int:
    """Check study files; 0 if what was written elsewhere shows that all are as they were written, else 1.

    Raises:
        KinecorError: there is nothing to check, or the log, a document or a file of keys cannot be read.

    """
    known = keys.known_keys(tuple(chosen.key))
    found_log = read_log(chosen.log, known)
    named: list[tuple[str, str, Head]] = []
    if chosen.against:
        from kinecor.io.write.anchors import heads_in  # loads pydicom

        for document in chosen.against:
            heads = heads_in(document)
            if not heads:
                raise KinecorError(
                    message("{document} names no saved study: there was none when it was written", document=document)
                )
            named += [(document.name, study, head) for study, head in heads if study]
    found = []
    for path in _files(chosen.files):
        answer: dict[str, object] = {"file": str(path), "state": State.DISAGREES.value, "entries": 0, "head": None}
        try:
            with Store.read(path) as store:
                verdict = verify_file(
                    store, _documents(path, named, chosen.study), found_log, chosen.study, known=known
                )
        except KinecorError as error:
            answer |= {"compared": 0, "faults": [str(error)], "remarks": []}
        else:
            answer |= {"faults": list(map(str, verdict.faults)), "remarks": list(map(str, verdict.remarks))}
            answer |= {"state": verdict.state.value, "compared": verdict.compared}
            if verdict.head is not None:
                answer |= {"entries": verdict.head.entries, "head": verdict.head.digest}
        found.append(answer)
        if not chosen.json:
            _print(answer)
    faults = [f"Lines before line {number} of the audit log are missing." for number in found_log.cut]
    if chosen.json:
        written = {"schema": 1, "log": str(audit_log()), "log_faults": faults, "files": found}
        print(json.dumps(written, ensure_ascii=False, indent=1))
    else:
        for sentence in faults:
            print(sentence)
    return FAILED if faults or any(answer["state"] != State.AGREES for answer in found) else DONE


def _documents(path: Path, named: Sequence[tuple[str, str, Head]], study_id: str) -> list[tuple[str, Head]]:
    """The heads that documents name of a study: of the one that was named, else of that whose file has this name."""
    return [
        (where, head)
        for where, study, head in named
        if (study == study_id if study_id else study_file(study).name == path.name)
    ]


_STATES = {State.AGREES: "as it was written", State.DISAGREES: "does not agree", State.NOT_COMPARABLE: "not comparable"}


def _print(answer: dict[str, object]) -> None:
    faults, remarks = answer["faults"], answer["remarks"]
    assert isinstance(faults, list)
    assert isinstance(remarks, list)
    name, state = Path(str(answer["file"])).name, _STATES[State(str(answer["state"]))]
    head = f", last digest {str(answer['head'])[:16]}..." if answer["head"] else ""
    compared = f"compared with {answer['compared']} digests written elsewhere"
    print(f"{name}: {state}; {answer['entries']} entries{head}; {compared}")
    for sentence in (*faults, *remarks):
        print(f"  {sentence}")


def _words(path: Path, head: Head | None) -> str:
    return f"{path.name}: no entries" if head is None else f"{path.name}: {head.entries} entries, {head.digest}"


def _files(named: Sequence[Path]) -> list[Path]:
    """The files that were named, else all saved studies.

    Raises:
        KinecorError: there are none.

    """
    if missing := next((path for path in named if not path.is_file()), None):
        raise KinecorError(
            message("{path}: expected a saved study (a .kinecor file), there is none", path=verbatim(str(missing)))
        )
    files = list(named) or sorted(readings_folder().glob("*.kinecor"))
    if not files:
        raise KinecorError(
            message(
                "{folder} holds no saved studies: name their files, or set KINECOR_DATA_DIR",
                folder=verbatim(str(readings_folder())),
            )
        )
    return files
