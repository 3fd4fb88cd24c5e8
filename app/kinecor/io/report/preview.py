"""The pages of a report as images, for the screen."""

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from kinecor.core.values.errors import Tick

POINTS_PER_INCH = 72.0


def page_images(data: bytes, *, dots_per_inch: float, tick: Tick) -> tuple[NDArray[np.uint8], ...]:
    """The pages of a PDF file, each as (h, w, 3) RGB.

    Raises:
        Cancelled: by `tick`.

    """
    tick(0, 0)
    document = pypdfium2.PdfDocument(data)
    try:
        pages = []
        for number in range(len(document)):
            tick(number, len(document))
            page = document[number]
            bitmap = page.render(scale=dots_per_inch / POINTS_PER_INCH, rev_byteorder=True)
            pages.append(np.array(bitmap.to_numpy()[..., :3], np.uint8))  # a copy: the bitmap is freed with its page
            bitmap.close()
            page.close()
        return tuple(pages)
    finally:
        document.close()
