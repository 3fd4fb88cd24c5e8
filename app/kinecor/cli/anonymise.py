"""`kinecor analyse --anonymise`: de-identified copies, which the analysis then sees in place of the originals.

Nothing that is printed or written names an original file: files are counted. Only `--dry-run`, which writes nothing,
shows what the originals say.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.io.open.find import find, unreadable
from kinecor.io.write.anonymise import NOT_DICOM, NOT_SHOWN_CLEAN, Picture, Rules, plan_copy, write_copies

UNKNOWN = message("it cannot be opened")


def anonymised_copies(paths: Sequence[str], out: Path, rules: Rules) -> tuple[Path, int]:
    """Write copies of all recordings that `paths` lead to; their folder, and how many files were left out.

    Besides the copies, `anonymised.json` lists which elements were removed and replaced, and why files were left out.

    Raises:
        KinecorError: the folder is not empty, or cannot be written.

    """
    located_frames = [find(Path(path)) for path in paths]
    candidates = [candidate for each in located_frames for candidate in each.candidates]
    unknown = sum(len(each.refused) for each in located_frames)
    count = len(candidates) + unknown
    files = [
        (f"file {number} of {count}", candidate.path if candidate.kind == "dicom" else None)
        for number, candidate in enumerate(candidates, start=1)
    ]
    folder, refused = write_copies(files, out, rules, lambda *_: None)
    refused |= {f"file {len(candidates) + number} of {count}": UNKNOWN for number in range(1, unknown + 1)}
    for name, why in refused.items():
        print(f"kinecor: {name}: left out: {why}", file=sys.stderr)
    return folder, len(refused)


def dry_run(paths: Sequence[str], rules: Rules) -> int:
    """Print what `anonymised_copies` would change, with the values of the originals; how many files it would leave out.

    Nothing is written, except for the key where there is none yet.
    """
    left_out = 0
    for path in paths:
        located = find(Path(path))
        for candidate in located.candidates:
            try:
                if candidate.kind != "dicom":
                    raise KinecorError(NOT_DICOM)
                lines = [*_planned_lines(candidate.path, rules)]
            except (KinecorError, OSError) as error:
                left_out += 1
                lines = [f"  left out: {unreadable(error) if isinstance(error, OSError) else error}"]
            print("\n".join((str(candidate.path), *lines)))
        for each in located.refused:
            left_out += 1
            print(f"{each.path}\n  left out: {each.reason}")
    return left_out


def _planned_lines(path: Path, rules: Rules) -> Iterator[str]:
    planned = plan_copy(path, rules)
    yield f"  patient: {planned.pseudonym}"
    days = planned.earlier_days
    yield "  dates: removed" if days is None else f"  dates: {days} days earlier"
    if planned.blanked is None:
        yield "  picture: as it is, no text was found"
    else:
        yield f"  picture: {planned.blanked_px} of {planned.blanked.size} pixels blanked in every frame"
        if planned.kind in NOT_SHOWN_CLEAN:
            why = "no sector was found" if planned.kind is Picture.UNCLEAR else "nothing moves in it"
            yield f"  {why}: " + ("copied all the same (--keep-unclear)" if rules.unclear else "left out")
    for element in planned.elements:
        yield f"  {element.name}: {element.was!r} {'removed' if element.becomes is None else f'-> {element.becomes!r}'}"
