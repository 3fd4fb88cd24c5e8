"""What one short-axis sample becomes on its way to the network."""

from numpy.random import Generator

from kinecor_models.training.sax_pictures import varied
from kinecor_models.training.sax_placing import placed
from kinecor_models.training.sax_samples import Picture, SaxSample


def prepared(sample: SaxSample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """The sample's picture and label (bits) placed and varied, each (size, size) uint8."""
    image, label = placed(sample, size, rng, strength)
    return varied(image, rng, strength), label
