"""`kinecor evaluate NAME`: those of the models, and those that need the program around them."""

from collections.abc import Sequence

MODULES = {
    "view-clips": "kinecor.analysis.view_clips",
    "clip-flicker": "kinecor.analysis.clip_flicker",
    "strain": "kinecor.analysis.strain_command",
    "short-axis-strain": "kinecor.analysis.ring_command",
}
"""NAMEs that open recordings or measure Readings, which kinecor_models may not; each has `main(argv) -> int`."""


def evaluate(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    from kinecor_models.evaluation.command import main

    return int(main(argv, also=MODULES))
