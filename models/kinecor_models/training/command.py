"""`kinecor train NAME`: trains a model from a data set on disk."""

import sys
from collections.abc import Sequence

from kinecor_models.subcommands import run

MODULES = {
    "lv-apical": "kinecor_models.training.apical_command",
    "sax-cine": "kinecor_models.training.sax_command",
    "sax-circular": "kinecor_models.training.circular_command",
    "phases": "kinecor_models.training.phase_command",
    "views": "kinecor_models.training.view_command",
    "flow": "kinecor_models.training.flow_command",
    "lv-sequence": "kinecor_models.training.sequence_command",
}
"""A training of its own is one module here, with `main(argv) -> int` (0 done, 1 failed)."""


def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    return run("kinecor train", "Train a model; a stopped run resumes.", MODULES, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
