"""Where the readings of a study are stored."""

import hashlib
import os
import re
from pathlib import Path

import platformdirs

# A DICOM UID: safe as a file name on every system, and the name a person would look for.
_UID = re.compile(r"[0-9](?:[0-9.]{0,62}[0-9])?")


def readings_folder() -> Path:
    """The folder of all readings of this user: $KINECOR_DATA_DIR, else the system's place for user data."""
    chosen = os.environ.get("KINECOR_DATA_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("kinecor", appauthor=False)) / "readings"


def study_file(study_id: str) -> Path:
    """The file (*.kinecor) of one study; nothing is created.

    Different ids never share a file, on any file system: an id that is not a plain UID gets a digest in its name.

    Raises:
        ValueError: the id is empty.

    """
    if not study_id:
        raise ValueError("a study needs an id before its reading can be stored")
    if _UID.fullmatch(study_id):
        name = study_id
    else:
        digest = hashlib.sha256(study_id.encode("utf-8", "surrogatepass")).hexdigest()[:20]
        words = re.sub(r"[^a-z0-9]+", "-", study_id.lower()).strip("-")[:40].rstrip("-")
        name = f"{words or 'study'}-{digest}"
    return readings_folder() / f"{name}.kinecor"
