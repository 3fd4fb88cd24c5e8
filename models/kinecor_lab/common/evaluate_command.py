"""`kinecor evaluate NAME`: the published tables, on a data set on disk."""

import sys
from collections.abc import Sequence

from kinecor_lab.common.subcommands import run

MODULES = {
    "lv-apical": "kinecor_lab.tasks.apical.evaluate",
    "lv-sequence": "kinecor_lab.tasks.sequence.evaluate",
    "lv-robustness": "kinecor_lab.tasks.apical.robust_command",
    "lv-calibration": "kinecor_lab.tasks.apical.calibration_command",
    "sax-cine": "kinecor_lab.tasks.sax.evaluate",
    "sax-circular": "kinecor_lab.tasks.circular.evaluate",
    "phases": "kinecor_lab.tasks.phases.evaluate",
    "views": "kinecor_lab.tasks.views.evaluate",
    "flow": "kinecor_lab.tasks.motion.evaluate",
    "look": "kinecor_lab.realism.evaluate",
    "phantoms": "kinecor_lab.simulators.evaluate",
    "view-clips": "kinecor_lab.pipeline.view_clips",
    "clip-flicker": "kinecor_lab.pipeline.clip_flicker",
    "strain": "kinecor_lab.pipeline.strain_command",
    "short-axis-strain": "kinecor_lab.pipeline.ring_command",
}
"""A table of its own is one module here, with `main(argv) -> int` (0 done, 1 failed)."""


def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 done, 1 failed)."""
    return run("kinecor evaluate", "Measure a model, or simulated recordings, against real ones.", MODULES, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
