"""`kinecor train NAME`: trains a model from a data set on disk."""

import sys
from collections.abc import Sequence

from kinecor_lab.common.subcommands import run

MODULES = {
    "lv-apical": "kinecor_lab.tasks.apical.train",
    "sax-cine": "kinecor_lab.tasks.sax.train",
    "sax-circular": "kinecor_lab.tasks.circular.train",
    "phases": "kinecor_lab.tasks.phases.train",
    "views": "kinecor_lab.tasks.views.train",
    "flow": "kinecor_lab.tasks.motion.train",
    "lv-sequence": "kinecor_lab.tasks.sequence.train",
}
"""A training of its own is one module here, with `main(argv) -> int` (0 done, 1 failed)."""


def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    return run("kinecor train", "Train a model; a stopped run resumes.", MODULES, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
