"""`kinecor backup` and `kinecor verify`: copies of the saved studies, and whether they are as they were written."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kinecor.cli.commands import DONE, FAILED
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.files.backup import back_up
from kinecor.session.audit import Head, audit_log, noted, verified
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
    """Check study files; 0 if all agree with their chain and with what was written elsewhere, else 1.

    Raises:
        KinecorError: there is nothing to check, or the log or a document cannot be read.

    """
    named: list[tuple[str, str, Head]] = []
    if chosen.against:
        from kinecor.io.write.anchors import heads_in  # loads pydicom

        for document in chosen.against:
            heads = heads_in(document)
            if not heads:
                raise KinecorError(
                    message("{document} names no saved study: there was none when it was written", document=document)
                )
            named += [(document.name, study_file(study).name, head) for study, head in heads if study]
    found = []
    for path in _files(chosen.files):
        one: dict[str, object] = {"file": str(path), "entries": 0, "head": None, "compared": 0}
        try:
            elsewhere = [("the audit log", head) for head in noted(path.name)]
            elsewhere += [(where, head) for where, name, head in named if name == path.name]
            with Store.read(path) as store:
                verdict = verified(store, elsewhere)
        except KinecorError as error:
            one |= {"faults": [str(error)], "remarks": []}
        else:
            one |= {"faults": list(verdict.faults), "remarks": list(verdict.remarks), "compared": verdict.compared}
            if verdict.head is not None:
                one |= {"entries": verdict.head.entries, "head": verdict.head.digest}
        found.append(one)
        if not chosen.json:
            _print(one)
    if chosen.json:
        print(json.dumps({"schema": 1, "log": str(audit_log()), "files": found}, ensure_ascii=False, indent=1))
    return FAILED if any(one["faults"] for one in found) else DONE


def _print(one: dict[str, object]) -> None:
    faults, remarks = one["faults"], one["remarks"]
    assert isinstance(faults, list)
    assert isinstance(remarks, list)
    name, state = Path(str(one["file"])).name, "does not agree" if faults else "as it was written"
    head = f", last digest {str(one['head'])[:16]}..." if one["head"] else ""
    print(f"{name}: {state}; {one['entries']} entries{head}; compared with {one['compared']} digests written elsewhere")
    for sentence in (*faults, *remarks):
        print(f"  {sentence}")


def _words(path: Path, head: Head | None) -> str:
    return f"{path.name}: no entries" if head is None else f"{path.name}: {head.entries} entries, {head.digest}"


def _files(named: Sequence[Path]) -> list[Path]:
    """The files that were named, else all saved studies.

    Raises:
        KinecorError: there are none.

    """
    if missing := next((one for one in named if not one.is_file()), None):
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
