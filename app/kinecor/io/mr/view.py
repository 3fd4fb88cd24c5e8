"""Which long axis of the left ventricle an MR series shows, by its name or by its orientation."""

import re
from collections.abc import Iterable

import numpy as np

from kinecor.io.mr.images import MrImage
from kinecor.io.mr.slices import Group, normal_of

# As scanners and people call them: "CINE_4CH", "2 chamber", "tfisp_cine_VLA", "3-CHAMBER LVOT", "cine A4C".
_NAMES = (
    (r"4 ?ch(amber|b|m)?s?|four ?ch(amber)?s?|a4c|hla|horizontal long( ax(is)?)?", "A4C"),
    (r"2 ?ch(amber|b|m)?s?|two ?ch(amber)?s?|a2c|vla|vertical long( ax(is)?)?", "A2C"),
    (r"3 ?ch(amber|b|m)?s?|three ?ch(amber)?s?|a3c|lv ?3 ?ch", "A3C"),
)
# The right heart's own long axes, and flow or late enhancement in the same planes.
_OTHER = r"rv|rvot|right|rvvla|sax|short|stack|pulm\w*|aort\w*|flow|venc|pc|qflow"
_SHORT = r"p?sax|sa|short"
# Slices whose normal is this near to a right angle with that of the short axes are long axes.
_ACROSS_DEGREES = 35.0
# A normal with a cosine above this to an axis of the body (within 14 degrees): slices of the chest, not of the heart.
_OF_THE_BODY = 0.97


def long_axis_view(words: Iterable[str]) -> str | None:
    """The view, "A4C", "A2C" or "A3C", that one of the words (series description, protocol) names, or None.

    The first that names any counts; one that names several, or the right heart, is ignored.
    """
    for one in words:
        # Letters from digits as well as from signs: "cine4ch" and "LAX_2ch" name their views.
        folded = _folded(one)
        if re.search(rf"\b({_OTHER})\b", folded):
            continue
        found = {view for pattern, view in _NAMES if re.search(rf"(?<![0-9])({pattern})(?![a-z0-9])", folded)}
        if len(found) == 1:
            return found.pop()
    return None


def larger_across(group: Group, others: Iterable[Group]) -> Group | None:
    """The larger stack of the same study that these slices cross at a right angle, being long axes; or None.

    A series that is named a short axis is one. A series that is named after a long axis, or aligned with the body as
    transverse slices are, does not show how the short axes are oriented.
    """
    words, normal = _words(group.first), normal_of(group.first)
    if normal is None or any(re.search(rf"\b({_SHORT})\b", _folded(one)) for one in words):
        return None
    for other in others:
        across = normal_of(other.first)
        if other.first.study != group.first.study or len(other.slices) <= len(group.slices) or across is None:
            continue
        if long_axis_view(_words(other.first)) is not None or np.abs(across).max() > _OF_THE_BODY:
            continue
        if abs(float(normal @ across)) <= np.sin(np.radians(_ACROSS_DEGREES)):
            return other
    return None


def _folded(words: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", words.lower()).split())


def _words(image: MrImage) -> list[str]:
    return [value for name, value in image.source.extra if name in ("Series", "Protocol")]
