"""`kinecor analyse --anonymise`: de-identified copies, which the analysis then sees in place of the originals.

Nothing that is printed or written names an original file: files are counted.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from kinecor.core.values.errors import KinecorError
from kinecor.io.files.atomic import whole_folder
from kinecor.io.open.find import find, unreadable
from kinecor.io.write.anonymise import Change, Rules, anonymise_file, write_changes

FOLDER = "anonymised"
NOT_DICOM = "only DICOM can be anonymised: what other files say of the patient is not known"


def anonymised_copies(paths: Sequence[str], out: Path, rules: Rules) -> tuple[Path, int]:
    """Write copies of all recordings that `paths` lead to; their folder, and how many files were left out.

    Besides the copies, `anonymised.json` lists which elements were removed and replaced, and why files were left out.

    Raises:
        KinecorError: the folder is not empty, or cannot be written.

    """
    folder = out / FOLDER
    found = [find(Path(path)) for path in paths]
    candidates = [one for each in found for one in each.candidates]
    count = len(candidates) + sum(len(each.refused) for each in found)
    changes: list[Change] = []
    refused: dict[str, str] = {}
    with whole_folder(folder) as temporary:
        for number, one in enumerate(candidates, start=1):
            try:
                if one.kind != "dicom":
                    raise KinecorError(NOT_DICOM)
                changes.append(anonymise_file(one.path, temporary, rules))
            except KinecorError as error:
                refused[f"file {number} of {count}"] = str(error).replace(str(one.path), "the file")
            except OSError as error:
                refused[f"file {number} of {count}"] = unreadable(error)
        for number in range(len(candidates) + 1, count + 1):
            refused[f"file {number} of {count}"] = "it cannot be opened"
    write_changes(out / f"{FOLDER}.json", changes, refused, rules)
    for name, why in refused.items():
        print(f"kinecor: {name}: left out: {why}", file=sys.stderr)
    return folder, len(refused)
