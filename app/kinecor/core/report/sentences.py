"""Findings of a study in sentences, from values that may be stated, in the words of the guidelines.

Sentences describe size, function, geometry and strain against the reference ranges; they name no disease. Each holds
its values by key ("{EF}"), so that it changes with them. A reader's own text is never replaced: where a value it was
written over has changed since, it is marked.

Words for grades are those of the source of the range (`core.norms`), such as "mildly abnormal" of ASE/EACVI 2015.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kinecor.core.report.stated import ECHO, Part, Value
from kinecor.core.values.report_text import IMPRESSION, EditedSentence, ReportText
from kinecor.core.values.wall_motion import SCORES, WallMotion
from kinecor.core.volumes.segments import NAMES as AHA_NAMES

_KEY: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9 ]*)\}")
_ALL_VIEWS: Final = 3


class State(StrEnum):
    """How the text of a section came to be."""

    AUTOMATIC = "automatic"
    EDITED = "edited"
    OUTDATED = "edited, values changed since"
    NONE = "no sentence"


@dataclass(frozen=True, slots=True)
class Automatic:
    """What the program says in a section.

    Attributes:
        section: its identifier, such as "lv".
        title: of the section.
        text: sentences with values by key; "" where none can be made.
        why: what is not stated, and the reason, a sentence each.

    """

    section: str
    title: str
    text: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """A section of the report as it stands.

    Attributes:
        section, title: see Automatic.
        state: see State.
        template: the text with values by key.
        text: the same with the values filled in.
        automatic: what the program says, filled in; "" where it says nothing.
        why: see Automatic.
        by: the reader who wrote it; "" where it is automatic.
        changed: what changed since the reader wrote, e.g. "EF was 55 %, is 52 %".

    """

    section: str
    title: str
    state: State
    template: str
    text: str
    automatic: str = ""
    why: tuple[str, ...] = ()
    by: str = ""
    changed: tuple[str, ...] = ()


def keys_in(template: str) -> tuple[str, ...]:
    """Keys of the values in a text, each once."""
    return tuple(dict.fromkeys(_KEY.findall(template)))


def filled(template: str, words: Mapping[str, str]) -> str:
    """The text with the values in place of their keys; a key that no value has says so."""
    return _KEY.sub(lambda found: words.get(found[1], f"({found[1]}: not available)"), template)


def value_words(parts: Sequence[Part]) -> dict[str, str]:
    """All values that a text may hold, as printed, by key."""
    return {
        key: one.words if one.row.quantity else f"({key}: not available)"
        for part in parts
        for key, one in part.values.items()
    }


def drafted(parts: Sequence[Part], report: ReportText) -> tuple[Drafted, ...]:
    """The sections of the report, impression first: automatic, or as the reader wrote them."""
    words = value_words(parts)
    sections = (Automatic(IMPRESSION, "Impression", ""), *automatic_sections(parts))
    known = {one.section for one in sections}
    # What was written on a section that has no values any more is not lost.
    orphans = (Automatic(one, TITLES.get(one, one), "") for one in report.sentences if one not in known)
    return tuple(_drafted(one, report.sentences.get(one.section), words) for one in (*sections, *orphans))


def edited(section: Drafted, text: str, words: Mapping[str, str], by: str) -> EditedSentence:
    """What is stored of a reader's text of a section."""
    stated = dict.fromkeys((*keys_in(text), *keys_in(section.template)))
    return EditedSentence(text, by, section.automatic, {key: words[key] for key in stated if key in words})


def automatic_sections(parts: Sequence[Part]) -> tuple[Automatic, ...]:
    """What the program says of a study, section by section."""
    several = len(parts) > 1
    return tuple(one for part in parts for one in (_echo(part) if part.modality == ECHO else _cmr(part, several)))


TITLES: Final = {
    "lv": "Left ventricle",
    "geometry": "LV geometry",
    "la": "Left atrium",
    "strain": "Strain",
    "wall-motion": "Wall motion",
    "cmr-lv": "Left ventricle",
    "cmr-rv": "Right ventricle",
    "cmr-mass": "LV mass",
    IMPRESSION: "Impression",
}


def _drafted(one: Automatic, own: EditedSentence | None, words: Mapping[str, str]) -> Drafted:
    automatic = filled(one.text, words)
    if own is None:
        state = State.AUTOMATIC if one.text else State.NONE
        return Drafted(one.section, one.title, state, one.text, automatic, automatic, one.why)
    changed = [
        f"{key} was {was}, is {words.get(key, 'not available')}"
        for key, was in own.values.items()
        if words.get(key) != was
    ]
    if not changed and own.automatic != automatic:
        changed.append(f"the automatic sentence is now: {automatic or 'none'}")
    return Drafted(
        section=one.section,
        title=one.title,
        state=State.OUTDATED if changed else State.EDITED,
        template=own.text,
        text=filled(own.text, words),
        automatic=automatic,
        why=one.why,
        by=own.by,
        changed=tuple(changed),
    )


def _echo(part: Part) -> Iterator[Automatic]:
    if any(part.get(code) for code in ("EDV", "ESV", "EF")):
        yield _section("lv", (_size(part, "Left ventricle", "left ventricular", ""), _function(part, "")))
    if part.get("RWT") and part.get("LVMLI"):
        yield _section("geometry", (_geometry(part),))
    if part.get("LAV"):
        yield _section("la", (_atrium(part),))
    if part.get("GLS"):
        yield _section("strain", (_strain(part),))
    scored = [_wall_motion(stage, one) for stage, one in part.wall_motion.items() if one.scored]
    if scored:
        yield _section("wall-motion", scored)


def _cmr(part: Part, several: bool) -> Iterator[Automatic]:
    before = "CMR: " if several else ""
    if any(part.get(code) for code in ("EDV", "ESV", "EF")):
        yield _section("cmr-lv", (_size(part, "Left ventricle", "left ventricular", ""), _function(part, "")), before)
    if any(part.get(code) for code in ("RVEDV", "RVESV", "RVEF")):
        said = (_size(part, "Right ventricle", "right ventricular", "RV"), _function(part, "RV"))
        yield _section("cmr-rv", said, before)
    if part.get("LVM"):
        yield _section("cmr-mass", (_mass(part),), before)


Said = tuple[str, str]
"""A sentence with values by key, or "", and the reason why there is none, or ""."""


def _section(section: str, said: Sequence[Said], before: str = "") -> Automatic:
    title = TITLES[section]
    title = f"{before}{title if title.startswith('LV') or not before else title.lower()}"
    text = " ".join(sentence for sentence, _ in said if sentence)
    return Automatic(section, title, text, tuple(why for _, why in said if why))


def _unstated(what: str, values: Sequence[Value]) -> Said:
    """No sentence, since a value is withheld or has an open check."""
    checked = [one.row.code for one in values if one.open]
    if checked:
        have = "has an open check" if len(checked) == 1 else "have open checks"
        return "", f"No statement on {what}: {_listed(checked)} {have}."
    why = dict.fromkeys(one.doubt.rstrip(".") for one in values if one.doubt)
    return "", f"No statement on {what}: {'; '.join(why)}."


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _size(part: Part, chamber: str, adjective: str, side: str) -> Said:
    """End-diastolic and end-systolic volume of a ventricle, with their indices."""
    values = [one for code in (f"{side}EDV", f"{side}ESV") if (one := part.get(code)) is not None]
    if not values:
        return "", ""
    if any(one.doubt for one in values):
        return _unstated(f"{adjective} size", values)
    judged = [_with_index(part, one) for one in values]
    norms = [norm for _, norm in judged]
    clauses = [f"{_VOLUME[one.row.code[-3:]]} {text}" for one, (text, _) in zip(values, judged, strict=True)]
    where = _method(values[0])
    flags = {norm.norm.flag if norm is not None and norm.norm is not None else None for norm in norms}
    if flags == {"within"}:
        return f"{chamber} of normal size: {', '.join(clauses)}{where}.", ""
    if flags == {"above"}:
        return f"Enlarged {chamber.lower()}{_grade(norms[0])}: {', '.join(clauses)}{where}.", ""
    if flags == {None}:
        said = ", ".join(clauses)
        return f"{adjective.capitalize()} {said}{where}; no reference range applies.", ""
    clauses = [f"{text}, {_flag(norm)}" for text, norm in zip(clauses, norms, strict=True)]
    return f"{adjective.capitalize()} {'; '.join(clauses)}{where}.", ""


_VOLUME: Final = {"EDV": "end-diastolic volume", "ESV": "end-systolic volume"}


def _with_index(part: Part, one: Value) -> tuple[str, Value | None]:
    """A value and its index by key, and which of the two has a range; the index comes first."""
    index = part.get(f"{one.row.code}I")
    if index is None or index.doubt:
        return f"{{{one.key}}}", one if one.norm else None
    text = f"{{{one.key}}} ({{{index.key}}})"
    return text, index if index.norm else one if one.norm else None


def _function(part: Part, side: str) -> Said:
    one = part.get(f"{side}EF")
    chamber = "right ventricular" if side else "left ventricular"
    if one is None:
        return "", ""
    if one.doubt:
        return _unstated(f"{chamber} function", (one,))
    said = f"ejection fraction {{{one.key}}}{_method(one)}"
    if one.norm is None:
        return f"{chamber.capitalize()} {said}; no reference range applies.", ""
    if one.norm.normal:
        return f"Normal {chamber} systolic function: {said}.", ""
    if one.norm.flag == "below":
        return f"Reduced {chamber} systolic function{_grade(one)}: {said}.", ""
    return f"{chamber.capitalize()} {said}, {_flag(one)}.", ""


def _geometry(part: Part) -> Said:
    wall, mass = part.get("RWT"), part.get("LVMLI")
    if wall is None or mass is None:
        return "", ""
    if wall.doubt or mass.doubt:
        return _unstated("LV geometry", (wall, mass))
    said = f"relative wall thickness {{{wall.key}}}, LV mass index {{{mass.key}}} (linear method)"
    if not part.geometry:
        return f"LV {said}; no reference range applies.", ""
    words = part.geometry.replace("normal geometry", "normal LV geometry")
    return f"{words[0].upper()}{words[1:]}: {said}.", ""


def _atrium(part: Part) -> Said:
    volume, index = part.get("LAV"), part.get("LAVI")
    if volume is None:
        return "", ""
    if volume.doubt or (index is not None and index.doubt):
        return _unstated("the left atrium", [one for one in (volume, index) if one is not None][:1])
    where = _method(volume)
    text, judged = _with_index(part, volume)
    if judged is None or judged.norm is None:
        missing = "its range is per m² of body surface, which is not known" if index is None else "no range applies"
        return f"Left atrial volume {text}{where}; {missing}.", ""
    if judged.norm.normal:
        return f"Left atrium of normal size: volume {text}{where}.", ""
    if judged.norm.flag == "above":
        return f"Enlarged left atrium{_grade(judged)}: volume {text}{where}.", ""
    return f"Left atrial volume {text}{where}, {_flag(judged)}.", ""


def _strain(part: Part) -> Said:
    one = part.get("GLS")
    if one is None:
        return "", ""
    if one.doubt:
        return _unstated("strain", (one,))
    views = part.strain_views
    if one.place != "apical views" or len(views) < _ALL_VIEWS:
        where = f"mean of {_listed(views)}" if one.place == "apical views" and len(views) > 1 else one.place
        where = views[0] if where == "apical views" and views else where
        return f"Longitudinal strain {{{one.key}}} ({where}); the range is for the mean of three apical views.", ""
    said = f"{{{one.key}}} at end-systole (mean of {_listed(views)})"
    if one.norm is None:
        return f"Global longitudinal strain {said}; no reference range applies.", ""
    if one.norm.grade == "borderline":
        return f"Borderline global longitudinal strain: {said}.", ""
    if one.norm.normal:
        return f"Normal global longitudinal strain: {said}.", ""
    return f"Reduced global longitudinal strain: {said}.", ""


def _wall_motion(stage: str, one: WallMotion) -> Said:
    """A reader's scores, segments of one score together, with the index and how many segments it rests on."""
    found = [
        f"{words} {_listed([AHA_NAMES[number].lower() for number, at in enumerate(one.scores) if at == score])}"
        for score, words in SCORES.items()
        if score > 1 and score in one.scores
    ]
    if one.aneurysms:
        found.append(f"aneurysmal {_listed([AHA_NAMES[number - 1].lower() for number in one.aneurysms])}")
    before = f"{stage}: " if stage else ""
    said = "; ".join(found) or "all scored segments normal or hyperkinetic"
    return f"{before}{said if before else said[0].upper() + said[1:]}. {one.words}.", ""


def _mass(part: Part) -> Said:
    one = part.get("LVM")
    if one is None:
        return "", ""
    if one.doubt:
        return _unstated("LV mass", (one,))
    text, judged = _with_index(part, one)
    if judged is None or judged.norm is None:
        return f"Left ventricular mass {text}; no reference range applies.", ""
    if judged.norm.normal:
        return f"Normal left ventricular mass: {text}.", ""
    if judged.norm.flag == "above":
        return f"Increased left ventricular mass{_grade(judged)}: {text}.", ""
    return f"Left ventricular mass {text}, {_flag(judged)}.", ""


def _flag(one: Value | None) -> str:
    return "no range applies" if one is None or one.norm is None else one.norm.words


def _grade(one: Value | None) -> str:
    """The grade after a comma; nothing where the source grades no such value."""
    return f", {one.norm.grade}" if one is not None and one.norm is not None and one.norm.grade else ""


def _method(one: Value) -> str:
    """How a volume of echo was computed; nothing of a stack, which has one method."""
    if one.place == "biplane":
        return " (biplane)"
    return "" if one.place == "short-axis stack" else f" (single plane, {one.place})"
