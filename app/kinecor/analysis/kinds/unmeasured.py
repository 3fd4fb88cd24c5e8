"""Recordings of kinds that are not measured: other modalities, other slices of cine MRI, echo volumes."""

from kinecor.analysis.strategy import Proposal, not_measured
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording

BY_FILE = "header"
"""Author of what follows from the file alone."""


def propose(_recording: Recording, reading: Reading, *_: object) -> Proposal:
    """See Strategy."""
    return not_measured(reading, reading.kind.unmeasured.format(modality=reading.facts.modality), BY_FILE)
