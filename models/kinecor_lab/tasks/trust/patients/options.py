"""The options of commands that count something over sets of patients: one word and one sentence for each set."""

import argparse
from pathlib import Path
from typing import Any, Final, Literal

from kinecor_lab.common.table import add_output

PatientSet = Literal["camus", "acdc", "dsb", "studies", "cache"]

_SETS: Final[dict[PatientSet, dict[str, Any]]] = {
    "camus": {"nargs": "+", "default": [], "metavar": "FOLDER", "help": "frames of CAMUS, one a view"},
    "acdc": {"metavar": "FOLDER", "help": "slices of ACDC with geometry.csv"},
    "dsb": {"metavar": "FOLDER", "help": "stacks of the Second National Data Science Bowl"},
    "studies": {"metavar": "FOLDER", "help": "complete Sunnybrook studies"},
    "cache": {"help": "a battery of `kinecor evaluate trust --real`"},
}


def patient_parser(command: str, description: str, *sets: PatientSet) -> argparse.ArgumentParser:
    """A parser with an option for each set of patients, and those of a report.

    Args:
        command: of `kinecor evaluate`.
        description: what it counts.
        sets: that it can count over.

    """
    parser = argparse.ArgumentParser(prog=f"kinecor evaluate {command}", description=description)
    for name in sets:
        parser.add_argument(f"--{name}", type=Path, **_SETS[name])
    parser.add_argument("--seed", type=int, default=0, help="unused: nothing is drawn")
    add_output(parser)
    return parser
