"""The report's sentences on patient, study, recording, scale, contours, events and authors.

Frames are counted from 1 here, from 0 in files for programs.
"""

import re
from collections.abc import Iterable

from kinecor.core.table.measures import Measurement, Status
from kinecor.core.values.message import Message, join_texts, joined_by, message, number, verbatim
from kinecor.core.values.reading import Reading, is_person, model_author, short_author
from kinecor.core.values.track import Origin, Structure

NAMES = {
    Structure.LV_ENDO: message("LV endocardium"),
    Structure.LV_EPI: message("LV epicardium"),
    Structure.LA: message("Left atrium"),
    Structure.RV: message("RV endocardium"),
}
STATUS = {
    Status.AUTO: message("automatic, not reviewed"),
    Status.ACCEPTED: message("accepted by reader"),
    Status.EDITED: message("edited by reader"),
    Status.WITHHELD: message("withheld"),
}


def person_name(name: str) -> str:
    """A DICOM person name as it is read: "Doe^Jane^^Dr=..." becomes "Doe, Jane Dr"; further groups in brackets.

    Args:
        name: of the header.

    """
    groups = []
    for group in name.split("="):
        family, _, remaining_text = group.partition("^")
        given = " ".join(part for part in remaining_text.split("^") if part.strip())
        groups.append(f"{family.strip()}, {given}" if given and family.strip() else family.strip() or given)
    first, *others = [group for group in groups if group] or [""]
    return f"{first} ({'; '.join(others)})" if others else first


def date(text: str) -> str:
    """A DICOM date (YYYYMMDD) as YYYY-MM-DD, less what de-identification set to 00; anything else as it is.

    Files of ACR-NEMA, before DICOM, have points between the parts.

    Args:
        text: of the header, or any.

    """
    if re.fullmatch(r"\d{4}\.\d\d\.\d\d", text):
        text = text.replace(".", "")
    if not re.fullmatch(r"\d{8}", text):
        return text
    return f"{text[:4]}-{text[4:6]}-{text[6:]}".removesuffix("-00").removesuffix("-00")


def calibration_line(reading: Reading) -> Message:
    """The scale in force and its origin, or why there is none.

    Args:
        reading: of a recording of any kind.

    """
    scale = reading.calibration
    if scale is None:
        why = reading.facts.calibration_origin or message("the file states none")
        return message("none, so no lengths, areas or volumes: {why}", why=why)
    if scale.square:
        size = join_texts(number(scale.row_mm, ".3g"), " mm/px")
    else:
        size = message("{down:.3g} mm/px down, {across:.3g} mm/px across", down=scale.row_mm, across=scale.col_mm)
    by = reading.authors.get("calibration")
    said = [size, scale.origin, *([message("set by {who}", who=verbatim(short_author(by)))] if by else ())]
    return joined_by(" · ", said)


def models(reading: Reading) -> dict[str, str]:
    """Every model that contributed to this reading or one of its slices, with the digest of its weights or "".

    Args:
        reading: of a recording of any kind.

    """
    digests: dict[str, str] = {}
    for author in _authors(reading):
        model = model_author(author)
        if model is not None:
            digests[str(model)] = digests.get(str(model)) or model.digest
    return digests


def models_line(reading: Reading) -> Message:
    """The same in words.

    Args:
        reading: of a recording of any kind.

    """
    return joined_by(
        "; ",
        [
            message("{model} (weights sha256 {digest}...)", model=verbatim(name), digest=verbatim(digest[:12]))
            if digest
            else verbatim(name)
            for name, digest in models(reading).items()
        ],
    )


def readers_line(reading: Reading) -> Message:
    """Every person who contributed to this reading or one of its slices.

    Args:
        reading: of a recording of any kind.

    """
    return verbatim("; ".join(author for author in _authors(reading) if model_author(author) is None))


def contour_line(reading: Reading, structure: Structure) -> Message:
    """How many frames have the contour, how many a person edited or drew, and who did so last.

    Args:
        reading: of the loop.
        structure: that has a track.

    """
    track = reading.tracks[structure]
    here = [origin for contour, origin in zip(track.contours, track.origins, strict=True) if contour is not None]
    edited = sum(origin is Origin.EDITED for origin in here)
    author = reading.authors.get(f"tracks/{structure.value}", "")
    editor = reading.authors.get(f"tracks/{structure.value}/edited")
    drawn = {"contoured": len(here), "frames": len(track), "edited": edited}
    last = verbatim(short_author(editor or ""))
    if author and model_author(author) is None:
        who = verbatim(author)
        if editor:
            return message(
                "{contoured} of {frames} frames by {who}, {edited} edited, last by {last}", **drawn, who=who, last=last
            )
        return message("{contoured} of {frames} frames by {who}, {edited} edited", **drawn, who=who)
    if editor:
        return message("{contoured} of {frames} frames, {edited} edited, last by {last}", **drawn, last=last)
    return message("{contoured} of {frames} frames, {edited} edited", **drawn)


def status_line(measurement: Measurement, reading: Reading) -> Message:
    """The status of a measurement, with the reader who decided on it or whose contours, marks or scale it uses.

    Args:
        measurement: a row of the table.
        reading: that it is of.

    """
    decision = reading.decisions.get(measurement.code)
    if measurement.status is Status.ACCEPTED and decision is not None:
        return message("accepted by {who}", who=verbatim(decision.by))
    readers = verbatim(", ".join(author for author in measurement.by if is_person(author)))
    if measurement.status is Status.EDITED and readers:
        return message("edited by {who}", who=readers)
    if measurement.status is Status.AUTO and readers:
        return message("automatic, not reviewed; input from {readers}", readers=readers)
    return STATUS[measurement.status]


def pieces(text: Message) -> list[Message]:
    """What a message joins by "; ", one by one.

    Args:
        text: joined or not.

    """
    if not text:
        return []
    if "; " not in text.parts:
        only = text.parts[0] if len(text.parts) == 1 else None
        return pieces(only) if isinstance(only, Message) else [text]
    at = text.parts.index("; ")
    return [*pieces(join_texts(*text.parts[:at])), *pieces(join_texts(*text.parts[at + 1 :]))]


def frame_list(frames: Iterable[int]) -> Message:
    """Frames (0-based) as a reader counts them, from 1; three or more in a row as the first and the last: "1, 5–10".

    Args:
        frames: in the order in which they are listed.

    """
    runs: list[list[int]] = []
    for frame in frames:
        if runs and frame == runs[-1][-1]:
            runs[-1].append(frame + 1)
        else:
            runs.append([frame + 1])
    said = (f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
    return verbatim(", ".join(said))


def _authors(reading: Reading) -> list[str]:
    """Everyone who contributed, to slices too, each once; among them the model that saw the motion."""
    parts = (reading, *reading.slices)
    every = [author for reading in parts for author in reading.authors.values()]
    every += [reading.motion.by for reading in parts if reading.motion]
    return [text for text in dict.fromkeys(every) if text]
