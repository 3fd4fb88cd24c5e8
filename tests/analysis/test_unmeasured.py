from dataclasses import replace

import pytest

from kinecor.analysis.analyse import STRATEGIES, propose
from kinecor.core.values.kind import ECHO_VOLUME, KINDS, OTHER_MODALITY, OTHER_MRI, STACK_SLICE
from kinecor.core.values.reading import first_reading_of
from tests import stacks
from tests.analysis.test_analyse import cine


def of_modality(modality):
    return replace(cine(), source=replace(cine().source, modality=modality))


def echo_volume():
    whole = stacks.stack()
    return replace(whole, slices=tuple(replace(one, source=replace(one.source, modality="US")) for one in whole.slices))


@pytest.mark.parametrize(
    ("recording", "kind", "says"),
    [
        (of_modality("XA"), OTHER_MODALITY, "modality XA"),
        (of_modality("MR"), OTHER_MRI, "name its view"),
        (echo_volume(), ECHO_VOLUME, "ultrasound volume"),
    ],
)
def test_the_reason_is_given_by_the_kind(recording, kind, says):
    reading = first_reading_of(recording)
    assert reading.kind is kind
    proposal = propose(recording, reading)
    after = proposal.edit.apply(reading, proposal.by)
    assert says in after.withheld
    assert not after.tracks


def test_every_kind_that_can_be_opened_has_a_strategy():
    assert set(STRATEGIES) == set(KINDS) - {STACK_SLICE}
