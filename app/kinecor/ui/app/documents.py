"""Opening files, on the window's workers."""

from pathlib import Path

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.foreign import ForeignReport
from kinecor.core.values.message import Message, joined, joined_by, message, verbatim
from kinecor.core.values.recording import Recording
from kinecor.ui.style.language import translated


def open_all(
    paths: tuple[str, ...], tick: Tick
) -> tuple[tuple[Recording, ...], tuple[Message, ...], tuple[ForeignReport, ...]]:
    """Every recording under the paths, one sentence for everything that was refused, and reports of other systems.

    The first frame is decoded here, so that it can be drawn as soon as the answer arrives.
    """
    from kinecor.io.open.recordings import (  # the decoders load on the worker, not before the window
        distinct,
        open_path,
        with_pairs,
    )

    recordings: list[Recording] = []
    refused: list[Message] = []
    reports: list[ForeignReport] = []
    for path in paths:
        opened = open_path(path, tick=tick)
        recordings += opened.recordings
        reports += opened.reports
        refused += [joined(Path(one.path).name, ": ", one.reason) for one in opened.refused]
    recordings = with_pairs(distinct(recordings))
    if recordings:
        first = recordings[0]
        for cine in first.cines:
            tick(0, 0)
            try:
                _ = cine.frames[0]
            except KinecorError as error:
                refused.append(error.message)
                break
    elif reports and not refused:
        found = joined_by(", ", list(dict.fromkeys(one.title for one in reports if one.title)))
        refused.append(
            message(
                "{name}: expected recordings, found only {found}; open it together with recordings of the patient, "
                "it is then shown under Other systems in the results.",
                name=verbatim(Path(paths[0]).name),
                found=found or message("documents"),
            )
        )
    elif not refused:
        name = verbatim(Path(paths[0]).name)
        refused.append(message("{name}: no recordings found there; choose another file or folder.", name=name))
    return tuple(recordings), tuple(refused), tuple(reports)


def demo() -> str:
    """Path of the demo recording."""
    from kinecor.io.open.find import demo_path

    return str(demo_path())


def model_names() -> tuple[str, ...]:
    """One line per installed model; empty where the models cannot be read."""
    try:
        from kinecor.analysis.models import describe

        return tuple(
            f"{card.name} {card.version} ({card.licence}): {translated(Message(card.summary))}" for card in describe()
        )
    except (ImportError, KinecorError, OSError):
        return ()
