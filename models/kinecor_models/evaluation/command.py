"""`kinecor evaluate NAME`: the published tables, on a data set on disk."""

import sys
from collections.abc import Mapping, Sequence

from kinecor_models.subcommands import run

MODULES = {
    "lv-apical": "kinecor_models.evaluation.apical_command",
    "lv-sequence": "kinecor_models.evaluation.sequence_command",
    "lv-robustness": "kinecor_models.evaluation.robust_command",
    "lv-calibration": "kinecor_models.evaluation.calibration_command",
    "sax-cine": "kinecor_models.evaluation.sax_command",
    "sax-circular": "kinecor_models.evaluation.circular_command",
    "phases": "kinecor_models.evaluation.phase_command",
    "views": "kinecor_models.evaluation.view_command",
    "flow": "kinecor_models.evaluation.flow_command",
    "look": "kinecor_models.evaluation.look_command",
    "phantoms": "kinecor_models.evaluation.phantom_command",
}
"""A table of its own is one module here, with `main(argv) -> int` (0 done, 1 failed)."""


def main(argv: Sequence[str], also: Mapping[str, str] | None = None) -> int:
    """Run the command; its exit status (0 done, 1 failed). `also` has further modules by NAME, listed with ours."""
    told = "Measure a model, or simulated recordings, against real ones."
    return run("kinecor evaluate", told, {**MODULES, **(also or {})}, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
