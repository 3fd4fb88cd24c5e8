"""What other systems recorded of a patient, values and drawings: shown with its source, apart from ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.recording import Patient, Trace
from kinecor.core.values.series import Series


@dataclass(frozen=True, slots=True)
class ForeignValue:
    """One number of another system's report.

    Attributes:
        name: what it is, in the report's words.
        code, scheme: of that name, as in the report.
        value: the number.
        unit: its UCUM code; "" where the report has none.
        within: headings above it, from the top, e.g. "Left Ventricle".
        details: (what, which) of everything that modifies it, e.g. ("Finding Site", "Left ventricle").
        remark: comments on it, or "".
        modifiers: codes of what modifies it, as (what, which), each as (value, scheme).

    """

    name: str
    code: str
    scheme: str
    value: float
    unit: str
    within: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    remark: str = ""
    modifiers: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead of an ECG.

    Attributes:
        name: as in the file, e.g. "Lead II".
        trace: in "mV", from the start of the ECG; its unit is "" where the file states no voltage.

    """

    name: str
    trace: Trace


@dataclass(frozen=True, slots=True)
class ForeignReport:
    """A report, an ECG or a PDF of another system.

    Attributes:
        path: as it was found.
        study_id: the study it is about.
        title: its own.
        template: the number of its template in PS3.16, e.g. "5200"; "" where it does not say.
        equipment: who made it: maker, model and software.
        date: when it was written, as YYYYMMDD; "" where it does not say.
        values: in its order.
        patient: whom it is of; see `Patient.identity`.
        leads: of an ECG.
        pdf: the document; empty where it is none.
        about: the patient and the study by its header; empty where it was not read.

    """

    path: str
    study_id: str
    title: str
    template: str
    equipment: str
    date: str
    values: tuple[ForeignValue, ...]
    patient: str = ""
    leads: tuple[Lead, ...] = field(default=(), compare=False)
    pdf: bytes = field(default=b"", compare=False, repr=False)
    about: Patient = field(default_factory=Patient)


@dataclass(frozen=True, slots=True)
class Document:
    """An object of a study that is no recording: a report, a PDF, an ECG, contours, a presentation state, raw data.

    Attributes:
        path: as it was found.
        study_id: the study it belongs to.
        series: with its kind.
        title: its own, or what the standard calls such objects.
        patient: whom it is of; see `Patient.identity`.
        date: when it was written, as YYYYMMDD; "" where it does not say.
        equipment: who made it: maker, model and software.
        report: what was read of it; None where nothing can be.
        saved: the bytes of a saved study of Kinecor; empty where it is none.

    """

    path: str
    study_id: str
    series: Series
    title: str
    patient: str = ""
    date: str = ""
    equipment: str = ""
    report: ForeignReport | None = None
    saved: bytes = field(default=b"", compare=False, repr=False)

    @property
    def own(self) -> bool:
        """Whether Kinecor made it."""
        return self.series.kind.startswith("own-")


@dataclass(frozen=True, eq=False)
class Graphic:
    """A line, points, or words.

    Attributes:
        points: (n, 2) float64 (x, y) in pixels of the image; of words where they begin.
        closed: whether the last point is followed by the first.
        dots: whether these are points apart from each other.
        text: words, or the name of what is outlined; "" for none.

    """

    points: FloatArray
    closed: bool = False
    dots: bool = False
    text: str = ""


@dataclass(frozen=True, eq=False)
class Overlay:
    """What a document draws on recordings.

    Attributes:
        path: of the document.
        graphics: by id of the loop or slice, then by frame.

    """

    path: str
    graphics: Mapping[str, Mapping[int, tuple[Graphic, ...]]]

    @property
    def count(self) -> int:
        """Number of graphics on all images."""
        return sum(len(of) for frames in self.graphics.values() for of in frames.values())
