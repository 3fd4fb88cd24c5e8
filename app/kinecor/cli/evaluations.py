"""`kinecor evaluate NAME`: those of the models, and those that need the program around them."""

from collections.abc import Sequence
from importlib import import_module

MODULES = {
    "view-clips": "kinecor.analysis.view_clips",
    "strain": "kinecor.analysis.strain_command",
}
"""NAMEs that open recordings or measure Readings, which kinecor_models may not; each has `main(argv) -> int`."""


def evaluate(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    if argv and argv[0] in MODULES:
        return int(import_module(MODULES[argv[0]]).main(argv[1:]))
    from kinecor_models.evaluation.command import main

    return int(main(argv))
