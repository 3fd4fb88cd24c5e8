"""What the models conclude about a recording, as one proposed edit: contours, ED and ES, or why nothing is measured."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kinecor.analysis.images.bridging import bridged
from kinecor.analysis.images.measure import with_images
from kinecor.analysis.kinds import apical_loop, long_axis_mri, short_axis_loop, short_axis_stack, unmeasured
from kinecor.analysis.models import Models
from kinecor.analysis.strategy import Proposal, Strategy
from kinecor.core.values import kind
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.kind import Kind
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording

STRATEGIES: Final[Mapping[Kind, Strategy]] = MappingProxyType(
    {
        kind.APICAL_LOOP: apical_loop.propose,
        kind.OTHER_VIEW: apical_loop.propose,  # a model may have named the view wrongly before
        kind.OTHER_MODALITY: unmeasured.propose,
        kind.SHORT_AXIS_LOOP: short_axis_loop.propose,
        kind.SHORT_AXIS_MRI: short_axis_loop.propose_mri,
        kind.LONG_AXIS_MRI: long_axis_mri.propose,
        kind.OTHER_MRI: unmeasured.propose,
        kind.SHORT_AXIS_STACK: short_axis_stack.propose,
        kind.ECHO_VOLUME: unmeasured.propose,
    }
)


def propose(
    recording: Recording,
    reading: Reading,
    tick: Tick = no_tick,
    *,
    device: str = "auto",
    network: str | None = None,
) -> Proposal:
    """What the models conclude about a recording, by the strategy of its kind; changes nothing.

    The proposal replaces all that a model concludes, so that nothing of an earlier analysis stays in force. What the
    images show is measured first, where it was not: models see damaged frames as the mean of those around them, and no
    event is put on one.

    Args:
        recording: a loop or a stack.
        reading: what is concluded so far; its view says whether the model fits, its scale the spacing of pixels.
        tick: called after each frame; raises Cancelled to end the work.
        device: "auto", "cpu" or "cuda".
        network: name of the network that contours, where there is one of that name for such recordings; else the
            default does.

    Raises:
        KinecorError: a model or the device cannot be used, or a frame cannot be decoded.
        Cancelled: by `tick`.

    """
    reading = with_images(recording, reading, tick)
    return STRATEGIES[reading.kind](bridged(recording, reading), reading, Models(device, network), tick)
