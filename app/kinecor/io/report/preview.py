"""The pages of a report as images, for the screen."""

from collections.abc import Sequence

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import StudyReading
from kinecor.io.report.report import report_bytes

POINTS_PER_INCH = 72.0


def page_images(
    recording: Recording,
    reading: Reading,
    *,
    software_version: str,
    dots_per_inch: float,
    tick: Tick,
    others: Sequence[Reading] = (),
    study: StudyReading | None = None,
) -> tuple[NDArray[np.uint8], ...]:
    """The pages that `write_report` would write, each as (h, w, 3) RGB.

    Raises:
        KinecorError: a frame cannot be decoded.
        Cancelled: by `tick`.

    """
    data = report_bytes(recording, reading, software_version=software_version, others=others, study=study)
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
