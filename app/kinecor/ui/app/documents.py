"""Opening files and writing reports, on the window's workers."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import kinecor
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import StudyReading


def open_all(paths: tuple[str, ...], tick: Tick) -> tuple[tuple[Recording, ...], tuple[str, ...]]:
    """Every recording under the paths, and one sentence for everything that was refused.

    The first frame is decoded here, so that it can be drawn as soon as the answer arrives.
    """
    from kinecor.io.open.recordings import (  # the decoders load on the worker, not before the window
        distinct,
        open_path,
        with_pairs,
    )

    recordings: list[Recording] = []
    refused: list[str] = []
    for path in paths:
        opened = open_path(path, tick=tick)
        recordings += opened.recordings
        refused += [f"{Path(one.path).name}: {one.reason}" for one in opened.refused]
    recordings = with_pairs(distinct(recordings))
    if recordings:
        first = recordings[0]
        for cine in first.cines:
            tick(0, 0)
            try:
                _ = cine.frames[0]
            except KinecorError as error:
                refused.append(str(error))
                break
    elif not refused:
        refused.append(f"{Path(paths[0]).name}: no recordings found there; choose another file or folder.")
    return tuple(recordings), tuple(refused)


def demo() -> str:
    """Path of the demo recording."""
    from kinecor.io.open.find import demo_path

    return str(demo_path())


def write_pdf(
    path: Path,
    recording: Recording,
    reading: Reading,
    tick: Tick,
    others: tuple[Reading, ...] = (),
    study: StudyReading | None = None,
) -> None:
    """The PDF report, whole or not at all; its libraries are loaded here, on the worker.

    `others` are the Readings of the other loops of the study, `study` is what was concluded about it as a whole.

    Raises:
        KinecorError: the file cannot be written there, or a frame cannot be decoded.
        Cancelled: by `tick`; nothing was written, and an existing file at `path` is unchanged.

    """
    from kinecor.io.files.atomic import whole
    from kinecor.io.report.report import write_report

    tick(0, 0)
    with whole(path) as temporary:
        write_report(temporary, recording, reading, software_version=kinecor.__version__, others=others, study=study)
        tick(0, 0)  # the last moment at which Cancel leaves nothing behind


Pages = tuple[NDArray[np.uint8], ...]
"""Pages of a report, each (h, w, 3) RGB."""


def report_pages(
    recording: Recording,
    reading: Reading,
    dots_per_inch: float,
    tick: Tick,
    others: tuple[Reading, ...] = (),
    study: StudyReading | None = None,
) -> Pages:
    """The pages of the PDF report as images; its libraries are loaded here, on the worker.

    Raises:
        KinecorError: a frame cannot be decoded.

    """
    from kinecor.io.report.preview import page_images

    return page_images(
        recording,
        reading,
        software_version=kinecor.__version__,
        dots_per_inch=dots_per_inch,
        tick=tick,
        others=others,
        study=study,
    )


def model_names() -> tuple[str, ...]:
    """One line per installed model; empty where the models cannot be read."""
    try:
        from kinecor.analysis.models import describe

        return tuple(f"{card.name} {card.version} ({card.licence}): {card.summary}" for card in describe())
    except (ImportError, KinecorError, OSError):
        return ()
