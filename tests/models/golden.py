"""Writes the golden files: `python -m tests.models.golden`, after a model was published and checked."""

import json

from kinecor_models.contract import ClipInput
from kinecor_models.phases.model import open_phases
from kinecor_models.registry import names, open_model
from kinecor_models.views.model import open_views
from tests.models.contours.test_sax_weights import GOLDEN as SAX_GOLDEN
from tests.models.contours.test_sax_weights import drawn_areas
from tests.models.phases.test_phase_weights import GOLDEN as PHASE_GOLDEN
from tests.models.phases.test_phase_weights import answers
from tests.models.test_contract import GOLDEN, demo_areas, demo_clip, quiet
from tests.models.views.test_view_weights import GOLDEN as VIEW_GOLDEN
from tests.models.views.test_view_weights import demo_probabilities

if __name__ == "__main__":
    golden = {}
    for name in (name for name in names() if "apical" in name):
        found = open_model(name, "cpu")(ClipInput(demo_clip(), region=(42, 15, 298, 207), interval_s=1 / 30), quiet)
        golden[name] = {structure: demo_areas(found, structure) for structure in found.contours}
    GOLDEN.write_text(json.dumps(golden, indent=1) + "\n")
    SAX_GOLDEN.write_text(json.dumps(drawn_areas(), indent=1) + "\n")
    VIEW_GOLDEN.write_text(json.dumps(demo_probabilities(open_views(device="cpu")), indent=1) + "\n")
    PHASE_GOLDEN.write_text(json.dumps(answers(open_phases("phases", "cpu"))) + "\n")
