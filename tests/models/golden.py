"""Writes golden_demo.json anew: `python -m tests.models.golden`, after a model was shipped and looked at."""

import json

from kinecor_models.contract import ClipInput
from kinecor_models.registry import names, open_model
from tests.models.test_contract import GOLDEN, demo_areas, demo_clip, quiet

if __name__ == "__main__":
    golden = {}
    for name in names():
        found = open_model(name, "cpu")(ClipInput(demo_clip(), region=(42, 15, 298, 207), interval_s=1 / 30), quiet)
        golden[name] = {structure: demo_areas(found, structure) for structure in found.contours}
    GOLDEN.write_text(json.dumps(golden, indent=1) + "\n")
