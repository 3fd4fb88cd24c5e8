"""Which long axis of the left ventricle an MR series shows, by what it is called."""

import re
from collections.abc import Iterable

# As scanners and people call them: "CINE_4CH", "2 chamber", "tfisp_cine_VLA", "3-CHAMBER LVOT", "cine A4C".
_NAMES = (
    (r"4 ?ch(amber|b|m)?s?|four ?ch(amber)?s?|a4c|hla|horizontal long( ax(is)?)?", "A4C"),
    (r"2 ?ch(amber|b|m)?s?|two ?ch(amber)?s?|a2c|vla|vertical long( ax(is)?)?", "A2C"),
    (r"3 ?ch(amber|b|m)?s?|three ?ch(amber)?s?|a3c|lv ?3 ?ch", "A3C"),
)
# The right heart's own long axes, and flow or late enhancement in the same planes.
_OTHER = r"rv|rvot|right|rvvla|sax|short|stack|pulm\w*|aort\w*|flow|venc|pc|qflow"


def long_axis_view(words: Iterable[str]) -> str | None:
    """The view, "A4C", "A2C" or "A3C", that one of the words (series description, protocol) names, or None.

    The first that names any counts; one that names several, or the right heart, tells nothing.
    """
    for one in words:
        # Letters from digits as well as from signs: "cine4ch" and "LAX_2ch" name their views.
        folded = " ".join(re.sub(r"[^a-z0-9]+", " ", one.lower()).split())
        if re.search(rf"\b({_OTHER})\b", folded):
            continue
        found = {view for pattern, view in _NAMES if re.search(rf"(?<![0-9])({pattern})(?![a-z0-9])", folded)}
        if len(found) == 1:
            return found.pop()
    return None
