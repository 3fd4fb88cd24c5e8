"""Files saved by the version before the code base was restructured reopen to equal readings and values.

The recordings are simulated ones, as that version wrote them with `kinecor phantom` and the arguments in
expected.json, but with black images: nothing that was saved depends on images once they are analysed. So they are
opened without the digest of their pixels.
"""

import hashlib
import json
import lzma
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinecor.core.table.table import measurements
from kinecor.core.values.reading import first_reading, first_stack_reading
from kinecor.core.values.recording import Stack
from kinecor.io.open.recordings import open_path
from kinecor.session.journal import Journal
from kinecor.session.store import Store

SAVED = Path(__file__).with_name("saved")
EXPECTED = json.loads((SAVED / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_of_the_version_before_reopens_to_an_equal_reading(name, tmp_path):
    expected, folder = EXPECTED[name], tmp_path / "recording"
    with tarfile.open(SAVED / f"{name}.tar.xz") as packed:
        # Python 3.11.0 to 3.11.3 have no filter; 3.12 warns without one.
        packed.extraction_filter = getattr(tarfile, "data_filter", None)
        packed.extractall(folder)
    saved = tmp_path / f"{name}.kinecor"
    saved.write_bytes(lzma.decompress((SAVED / f"{name}.kinecor.xz").read_bytes()))
    found = open_path(folder)
    firsts = [first_stack_reading(one) if isinstance(one, Stack) else first_reading(one) for one in found.recordings]
    of_id = {first.facts.recording_id: first.with_(facts=replace(first.facts, digest="")) for first in firsts}
    with Store.open(saved) as store:
        journal = Journal(store)
        assert journal.doubt is None
        assert journal.read_only_because is None
        for recording_id, wanted in expected["recordings"].items():
            reading = journal.open(of_id[recording_id])
            assert summary(reading) == wanted["summary"]
            assert len(journal.history(recording_id)) == wanted["entries"]
            values = {one.code: one.quantity.value if one.quantity else np.nan for one in measurements(reading)}
            expected_values = {code: np.nan if one is None else one for code, one in wanted["measurements"].items()}
            # Later versions measure more; what was measured then is measured the same.
            then = {code: values[code] for code in expected_values}
            assert then == pytest.approx(expected_values, rel=1e-12, nan_ok=True)


def summary(reading):
    """All that a file stores of a reading, arrays as digests of their bytes."""
    return {
        "tracks": {str(one): track_summary(track) for one, track in sorted(reading.tracks.items())},
        "beats": None if reading.events is None else [[beat.ed, beat.es] for beat in reading.events.beats],
        "authors": dict(reading.authors),
        "view": None if reading.view is None else [reading.view.label, reading.view.confidence, reading.view.by],
        "spacing": None if reading.calibration is None else [reading.calibration.row_mm, reading.calibration.col_mm],
        "notes": reading.notes,
        "withheld": reading.withheld,
        "motion": None if reading.motion is None else digest(reading.motion.displacement_px),
        "slices": [summary(one) for one in reading.slices],
    }


def track_summary(track):
    return {
        "contours": [None if one is None else digest(one.points) for one in track.contours],
        "origins": [str(one) for one in track.origins],
        "confidence": digest(track.confidence),
    }


def digest(numbers):
    return hashlib.sha256(np.ascontiguousarray(numbers, dtype=float).tobytes()).hexdigest()[:16]
