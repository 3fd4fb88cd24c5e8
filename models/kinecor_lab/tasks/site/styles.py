"""Simulated sites whose readers draw in a known other style: what learning from a site must find, or must not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.short_axis import (
    CAVITY,
    FIELD_PX,
    MYOCARDIUM,
    Picture,
    SaxSample,
    centred,
    middle,
    with_neighbours,
)
from kinecor_lab.tasks.apical.data import simulated_pairs
from kinecor_lab.tasks.sax.simulated import bits_of, drawn_stack
from kinecor_models.localisation.framing import FIELD_MM

READER_SD_MM = 0.5
"""By how much readers of one site differ from frame to frame."""
MM_PER_PX = FIELD_MM / FIELD_PX
"""Of simulated stacks as training sees them."""
ATRIUM = 3


@dataclass(frozen=True, slots=True)
class Style:
    """How the readers of a site draw the endocardium.

    Attributes:
        name: in words.
        outside_mm: how far outside the true edge on average, inside where negative.
        sd_mm: how much that differs from frame to frame.
        es_outside_mm: the same as `outside_mm` at ES; None where phases are drawn alike.

    """

    name: str
    outside_mm: float
    sd_mm: float = READER_SD_MM
    es_outside_mm: float | None = None

    def drawn_mm(self, phase: str, rng: Generator) -> float:
        """How far outside the true edge one frame is drawn ("ED" or "ES")."""
        own = self.es_outside_mm if phase == "ES" else None
        return float(rng.normal(self.outside_mm if own is None else own, self.sd_mm))


STYLES = (
    Style("2 mm outside", 2.0),
    Style("1.5 mm inside (papillary muscles excluded)", -1.5),
    Style("as the simulator", 0.0),
    Style("no style: 3 mm in or out by chance", 0.0, 3.0),
    Style("2 mm outside at ED, 1 mm inside at ES (trabeculae)", 2.0, es_outside_mm=-1.0),
)


def _distance_px(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Signed distance to the edge of a mask in pixels, positive outside."""
    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    out, inner = (cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 5) for part in (~mask, mask))
    return np.asarray(out - inner, np.float32)


def drawn_apical(sample: Sample, style: Style, rng: Generator) -> Sample:
    """An apical frame with the cavity as a reader of the style draws it; the atrium stays."""
    offset_px = style.drawn_mm(sample.phase, rng) / sample.spacing_mm
    cavity = (_distance_px(sample.label == 1) <= offset_px) & (sample.label != ATRIUM)
    label = np.where(sample.label == 1, 2, sample.label)
    label[cavity] = 1
    return replace(sample, label=label.astype(np.uint8))


def drawn_short_axis(allowed: Picture, phase: str, style: Style, rng: Generator) -> Picture:
    """What each pixel of a slice may be (see SaxSample), with the cavity as a reader of the style draws it."""
    cavity = allowed == CAVITY
    if not cavity.any():
        return allowed
    offset_px = style.drawn_mm(phase, rng) / MM_PER_PX
    out = np.where(cavity, MYOCARDIUM, allowed).astype(np.uint8)
    out[(_distance_px(cavity) <= offset_px) & ((allowed == CAVITY) | (allowed == MYOCARDIUM))] = CAVITY
    return out


def apical_site(patients: int, seed: int) -> list[Sample]:
    """ED and ES of the four-chamber view of as many random hearts, with the true labels."""
    return simulated_pairs(2 * patients, seed, ("A4C",))


def stack_site(patients: int, seed: int) -> list[SaxSample]:
    """ED and ES of the short-axis stacks of as many random hearts, with the true labels."""
    return [
        sample for number in range(patients) for sample in _stack(number, np.random.default_rng((seed, 23, number)))
    ]


def _stack(number: int, rng: Generator) -> Iterator[SaxSample]:
    images, labels = drawn_stack(rng)
    for index, phase in enumerate(("ED", "ES")):
        volume = [
            SaxSample(
                f"site {number}",
                phase,
                place,
                image,
                bits_of(label),
                middle(label > 0) or (float("nan"), float("nan")),
                "site",
            )
            for place, (image, label) in enumerate(zip(images[:, index], labels[:, index], strict=True))
        ]
        yield from with_neighbours(centred(volume))
