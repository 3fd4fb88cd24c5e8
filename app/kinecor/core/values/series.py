"""What kind a series of a study folder is, decided before anything is measured: shown as what, measured or not.

The rules that decide are in `kinecor.io.dicom.kinds`; here is what follows from a kind. The kind of a *recording*
(which contours, which measurements) is another question: `kinecor.core.values.kind`.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kinecor.core.values.message import NOTHING, Message, in_context, message


class Group(StrEnum):
    """The part of the study list that a series stands in."""

    CINE = "cine"
    ECHO = "echo"
    OTHER_MR = "other MR"
    DOPPLER = "Doppler and M-mode"
    OTHER = "other images"
    DOCUMENTS = "documents"

    @property
    def heading(self) -> Message:
        """Of its divider."""
        return _TITLES[self]


_TITLES: Final = MappingProxyType(
    {
        Group.CINE: message("Cine"),
        Group.ECHO: message("Echo loops"),
        Group.OTHER_MR: message("Other MR"),
        Group.DOPPLER: message("Doppler and M-mode"),
        Group.OTHER: message("Other images"),
        Group.DOCUMENTS: message("Documents"),
    }
)


@dataclass(frozen=True, slots=True)
class SeriesKind:
    """What follows from the kind of a series.

    Attributes:
        code: of the kind, for files and programs; never changed.
        name: what it is called on screen and in reports.
        group: where it stands in the study list.
        measured: whether its recordings are contoured, checked and measured; others are only shown.
        by_hand: whether a person may place callipers on it though no network contours it.
        graph: whether its images are graphs over time: callipers on them are measured, contours have no place.
        reason: why it is not measured, as a clause; empty where it is.

    """

    code: str
    name: Message
    group: Group
    measured: bool = False
    by_hand: bool = False
    graph: bool = False
    reason: Message = NOTHING


_NO_CINE: Final = message("it is no cine: volumes need the phases of a heart cycle")
_NOT_GATED: Final = message("its frames are of several heart beats, not the phases of one")
_BY_REGION: Final = message("it is no loop of the heart's walls")
_NO_MODEL: Final = message("the models were trained on plain grey-scale loops")
_DOCUMENT: Final = message("it is a document or made from other images")

SERIES_KINDS: Final = (
    # Cine MRI.
    SeriesKind("cine", message("cine"), Group.CINE, measured=True),
    SeriesKind("real-time-cine", message("real-time cine"), Group.CINE, reason=_NOT_GATED),
    # MR that is no cine.
    SeriesKind("localizer", message("localizer"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("perfusion", message("perfusion"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("lge", message("LGE"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("ti-scout", message("TI scout"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("molli", message("MOLLI"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("t1-map", message("T1 map"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("t2-map", message("T2 map"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("t2-images", message("T2 images"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("t2-star", message("T2* images"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("flow", message("flow"), Group.OTHER_MR, reason=message("it shows blood flow, not volumes")),
    SeriesKind("tagging", message("tagging"), Group.OTHER_MR, reason=message("its tags hide the borders of the heart")),
    SeriesKind("black-blood", message("black blood"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("angiography", message("angiography"), Group.OTHER_MR, reason=_NO_CINE),
    SeriesKind("mr-images", message("MR images"), Group.OTHER_MR, reason=_NO_CINE),
    # Ultrasound.
    SeriesKind("echo-loop", message("echo loop"), Group.ECHO, measured=True),
    SeriesKind("echo-still", in_context("series", "still image"), Group.ECHO, measured=True),
    SeriesKind("colour", message("colour Doppler"), Group.DOPPLER, by_hand=True, reason=_NO_MODEL),
    SeriesKind("contrast", message("contrast echo"), Group.ECHO, by_hand=True, reason=_NO_MODEL),
    SeriesKind("tissue-colour", message("colour tissue Doppler"), Group.DOPPLER, by_hand=True, reason=_NO_MODEL),
    SeriesKind("m-mode", message("M-mode"), Group.DOPPLER, by_hand=True, graph=True, reason=_BY_REGION),
    SeriesKind("pw-doppler", message("PW Doppler"), Group.DOPPLER, by_hand=True, graph=True, reason=_BY_REGION),
    SeriesKind("cw-doppler", message("CW Doppler"), Group.DOPPLER, by_hand=True, graph=True, reason=_BY_REGION),
    SeriesKind("tissue-doppler", message("tissue Doppler"), Group.DOPPLER, by_hand=True, graph=True, reason=_BY_REGION),
    SeriesKind("spectral", message("spectral Doppler"), Group.DOPPLER, by_hand=True, graph=True, reason=_BY_REGION),
    SeriesKind("echo-volume", message("3-D echo"), Group.ECHO, reason=message("it is a volume, not a plane")),
    # Neither.
    SeriesKind("other-images", message("other images"), Group.OTHER, reason=message("it is neither echo nor MR")),
    # Documents, and what was made from other images.
    SeriesKind("capture", message("capture"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("report", message("report"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("pdf", message("PDF"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("ecg", message("ECG"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("presentation", message("presentation state"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("segmentation", message("segmentation"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("labels", message("label image"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("key-objects", message("key images"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("raw", message("raw data"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("other-object", message("other object"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("own-report", message("Kinecor report"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("own-segmentation", message("Kinecor contours"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("own-study", message("Kinecor saved study"), Group.DOCUMENTS, reason=_DOCUMENT),
    SeriesKind("own-capture", message("Kinecor capture"), Group.DOCUMENTS, reason=_DOCUMENT),
)
"""Every kind, in the order of lists."""
BY_CODE: Final = MappingProxyType({kind.code: kind for kind in SERIES_KINDS})


@dataclass(frozen=True, slots=True)
class Series:
    """What a recording's series is.

    Attributes:
        uid: of the series; "" where the file has none.
        number: as the scanner counts, or None.
        description: in the scanner's words, e.g. "sa_cine_12sl"; "" where it has none.
        kind: code of its kind; "" where none was decided, as for files without a DICOM header.
        rule: code of the rule that decided.

    """

    uid: str = ""
    number: int | None = None
    description: str = ""
    kind: str = ""
    rule: str = ""

    @property
    def known(self) -> SeriesKind | None:
        """What follows from the kind; None where none was decided."""
        return BY_CODE.get(self.kind)

    @property
    def measured(self) -> bool:
        """Whether its recordings are measured; also where no kind was decided."""
        kind = self.known
        return kind is None or kind.measured

    @property
    def view_only(self) -> bool:
        """Whether its recordings are shown and nothing else, not even measured by hand."""
        kind = self.known
        return kind is not None and not kind.measured and not kind.by_hand

    @property
    def label(self) -> str:
        """Number and description in one line, as lists show them; "" where the file has neither."""
        number = "" if self.number is None else str(self.number)
        return " ".join(part for part in (number, self.description) if part)


NO_SERIES: Final = Series()
