"""Where cards and weights of one's own lie: a setting of the user, the same for window, command line and Python."""

import json
import os
from pathlib import Path
from typing import Final

import platformdirs

from kinecor.core.values.errors import UNREADABLE, KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.files.atomic import read_settings, write_text

ENVIRONMENT: Final = "KINECOR_MODELS"
"""Takes precedence over the setting, e.g. on a cluster."""
VERSION: Final = 1


def models_folder() -> Path | None:
    """$KINECOR_MODELS, else the folder of the setting; None where neither is there."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen)
    try:
        stored = json.loads(read_settings(_place()))
        return Path(str(stored["folder"])) if stored["version"] == VERSION and stored["folder"] else None
    except UNREADABLE:
        return None


def set_models_folder(folder: Path | None) -> None:
    """Remember the folder; None forgets it.

    Raises:
        KinecorError: it is no folder, or the setting cannot be written.

    """
    if folder is not None and not folder.is_dir():
        raise KinecorError(
            message("{path}: expected a folder with cards and weights, there is none", path=verbatim(str(folder)))
        )
    stored = "" if folder is None else str(folder.absolute())
    write_text(_place(), json.dumps({"version": VERSION, "folder": stored}) + "\n")


def _place() -> Path:
    folder = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_config_dir("kinecor", appauthor=False)
    return Path(folder) / "models.json"
