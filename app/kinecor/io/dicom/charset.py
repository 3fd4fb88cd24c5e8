"""Text of headers whose Specific Character Set (0008,0005) is wrong or missing.

Scanners write what their console's keyboard gives: Big5 under a declared GB18030, UTF-8 under Latin-1 or under none at
all. Where the bytes contradict what is declared, they are read as what they are; all else is left to pydicom.
"""

from typing import Any, Final

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

_TEXTS: Final[dict[str, BaseTag]] = {
    keyword: Tag(keyword)
    for keyword in (
        "PatientName", "PatientID", "StudyDescription", "SeriesDescription", "ProtocolName", "InstitutionName",
        "ManufacturerModelName", "StageName", "ViewName", "ImageComments", "DocumentTitle",
    )
}  # fmt: skip
_CHARACTER_SET: Final = Tag("SpecificCharacterSet")
_CHINESE: Final = frozenset({"GB18030", "GBK", "ISO 2022 IR 58"})
_SINGLE_BYTE: Final = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6", "ISO_IR 100", "ISO 2022 IR 100"})
_UTF_8: Final = "ISO_IR 192"
# Frequent characters of Big5 (level 1) begin with these bytes, after its punctuation.
_BIG5_FIRST, _BIG5_LAST, _BIG5_SIGNS = 0xA4, 0xC6, 0xA1


def contradicting_text(header: Dataset, keyword: str) -> str | None:
    """An element's text where its bytes contradict the declared character set; None where they do not.

    Args:
        header: whose elements were not decoded yet; of one that was, nothing can be found out.
        keyword: of the element.

    """
    tag = _TEXTS.get(keyword)
    if tag is None or tag not in header:
        return None
    raw: Any = header.get_item(tag)
    if not isinstance(raw, RawDataElement) or not raw.value or raw.value.isascii():
        return None
    encoding = _actual_encoding(raw.value, _declared(header))
    if encoding is None:
        return None
    return raw.value.decode(encoding).rstrip("\0 ").replace("^", " " if keyword != "PatientName" else "^")


def _declared(header: Dataset) -> frozenset[str]:
    raw: Any = header.get_item(_CHARACTER_SET) if _CHARACTER_SET in header else None
    value = raw.value if raw is not None else None
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    several = value.split("\\") if isinstance(value, str) else [str(term) for term in value or ()]
    return frozenset(term.strip() for term in several) or frozenset({""})


def _actual_encoding(value: bytes, declared: frozenset[str]) -> str | None:
    """The encoding of some bytes where it is another than the declared one."""
    if declared & _CHINESE:
        # In text of a Chinese console nearly all characters are those of GB 2312, both bytes of which are high.
        return "big5" if not _decodes(value, "gb2312") and _is_big5(value) else None
    if declared <= _SINGLE_BYTE:
        return "utf-8" if _decodes(value, "utf-8") else None
    if _UTF_8 in declared and not _decodes(value, "utf-8"):
        return "latin-1"
    return None


def _decodes(value: bytes, encoding: str) -> bool:
    try:
        value.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_big5(value: bytes) -> bool:
    """Whether all its characters are frequent ones of Big5, or punctuation."""
    if not _decodes(value, "big5"):
        return False
    at, found = 0, 0
    while at < len(value):
        if value[at] < 0x80:
            at += 1
            continue
        if not (_BIG5_FIRST <= value[at] <= _BIG5_LAST or value[at] == _BIG5_SIGNS):
            return False
        found += 1
        at += 2
    return found > 0
