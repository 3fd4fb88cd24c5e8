"""Content items of structured reports (PS3.3 C.17.3), as data sets."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from pydicom.dataset import Dataset

import kinecor
from kinecor.core.values.geometry import Contour
from kinecor.core.values.recording import Instance
from kinecor.io.write.codes import Code
from kinecor.io.write.dataset import decimal
from kinecor.io.write.derived import DEVICE_UID, reference, uid_of

CONTAINS, MODIFIER, PROPERTY = "CONTAINS", "HAS CONCEPT MOD", "HAS PROPERTIES"
INFERRED, SELECTED, CONTEXT = "INFERRED FROM", "SELECTED FROM", "HAS OBS CONTEXT"

LANGUAGE = Code("121049", "DCM", "Language of Content Item and Descendants")
ENGLISH = Code("en", "RFC5646", "English")
OBSERVER_TYPE = Code("121005", "DCM", "Observer Type")
PERSON, DEVICE = Code("121006", "DCM", "Person"), Code("121007", "DCM", "Device")
PERSON_NAME = Code("121008", "DCM", "Person Observer Name")
OBSERVER_UID = Code("121012", "DCM", "Device Observer UID")
OBSERVER_NAME = Code("121013", "DCM", "Device Observer Name")
OBSERVER_MAKER = Code("121014", "DCM", "Device Observer Manufacturer")
OBSERVER_MODEL = Code("121015", "DCM", "Device Observer Model Name")
SOURCE_OF_MEASUREMENT = Code("121112", "DCM", "Source of Measurement")
COMMENT = Code("121106", "DCM", "Comment")
SHORT_LABEL = Code("125309", "DCM", "Short Label")


def _item(relation: str, kind: str, name: Code | None, content: Iterable[Dataset] = ()) -> Dataset:
    made = Dataset()
    if relation:
        made.RelationshipType = relation
    made.ValueType = kind
    if name is not None:
        made.ConceptNameCodeSequence = [name.item]
    if children := list(content):
        made.ContentSequence = children
    return made


def container(relation: str, name: Code, content: Sequence[Dataset], template: str = "") -> Dataset:
    """A container; with `template`, one that follows this template of PS3.16.

    Args:
        relation: to what it is in.
        name: its concept.
        content: items.
        template: its number.

    """
    made = _item(relation, "CONTAINER", name, content)
    made.ContinuityOfContent = "SEPARATE"
    if template:
        follows = Dataset()
        follows.MappingResource, follows.TemplateIdentifier = "DCMR", template
        made.ContentTemplateSequence = [follows]
    return made


def code(relation: str, name: Code, value: Code) -> Dataset:
    """A coded value.

    Args:
        relation: to what it is in.
        name: its concept.
        value: coded.

    """
    made = _item(relation, "CODE", name)
    made.ConceptCodeSequence = [value.item]
    return made


def text(relation: str, name: Code, value: str) -> Dataset:
    """A text.

    Args:
        relation: to what it is in.
        name: its concept.
        value: of any length.

    """
    made = _item(relation, "TEXT", name)
    made.TextValue = value
    return made


def person(relation: str, name: Code, value: str) -> Dataset:
    """A person, as a reader typed the name: what separates parts of names in DICOM becomes a space.

    Args:
        relation: to what it is in.
        name: its concept.
        value: the person's name.

    """
    made = _item(relation, "PNAME", name)
    made.PersonName = " ".join(value.translate(str.maketrans("^=\\", "   ")).split())
    return made


def uid(relation: str, name: Code, value: str) -> Dataset:
    """A UID.

    Args:
        relation: to what it is in.
        name: its concept.
        value: the UID.

    """
    made = _item(relation, "UIDREF", name)
    made.UID = value
    return made


def number(relation: str, name: Code, shown: str, value: float, unit: Code, content: Iterable[Dataset] = ()) -> Dataset:
    """A number: as shown, and with the precision it was computed with.

    Args:
        relation: to what it is in.
        name: its concept.
        shown: with the decimals that a reader sees.
        value: in full.
        unit: of UCUM.
        content: items of the number, such as its outlines.

    Raises:
        ValueError: a value that is not finite.

    """
    if not math.isfinite(value):
        raise ValueError(f"{name.meaning}: a finite value was expected, got {value}")
    made = _item(relation, "NUM", name, content)
    measured = Dataset()
    measured.NumericValue = decimal(float(shown)) if len(shown) > 16 else shown
    measured.FloatingPointValue = float(value)
    measured.MeasurementUnitsCodeSequence = [unit.item]
    made.MeasuredValueSequence = [measured]
    return made


def image(relation: str, instance: Instance, name: Code | None = None) -> Dataset:
    """A reference to a frame, or to a whole object where the instance has no frame.

    Args:
        relation: to what it is in.
        instance: the frame or object.
        name: its concept; None without one.

    """
    made = _item(relation, "IMAGE", name)
    made.ReferencedSOPSequence = [reference(instance, *((instance.frame,) if instance.frame else ()))]
    return made


def outline(relation: str, name: Code, contour: Contour, instance: Instance) -> Dataset:
    """A contour as a polyline in the frame it is drawn in.

    DICOM counts from the corner of the first pixel, contours from its centre: half a pixel is added.

    Args:
        relation: to what it is in.
        name: its concept.
        contour: in pixels.
        instance: the frame.

    """
    made = _item(relation, "SCOORD", name, [image(SELECTED, instance)])
    made.GraphicType = "POLYLINE"
    made.GraphicData = np.asarray(contour.points + 0.5, np.float32).ravel().tolist()
    return made


def observers(persons: Sequence[str], models: Sequence[tuple[str, str]]) -> list[Dataset]:
    """Everyone and everything that observed (TID 1001): readers, this program, and the models it used.

    Args:
        persons: names of readers.
        models: (name@version, digest of its weights or "").

    """
    items: list[Dataset] = []
    for name in persons:
        items += [code(CONTEXT, OBSERVER_TYPE, PERSON), person(CONTEXT, PERSON_NAME, name)]
    items += _device(DEVICE_UID, f"Kinecor {kinecor.__version__}", "Kinecor")
    for name, digest in models:
        weights = f", weights {digest}" if digest else ""
        items += _device(uid_of("model", name, digest), f"{name}{weights}", name)
    return items


def _device(device: str, name: str, model: str) -> list[Dataset]:
    return [
        code(CONTEXT, OBSERVER_TYPE, DEVICE),
        uid(CONTEXT, OBSERVER_UID, device),
        text(CONTEXT, OBSERVER_NAME, name),
        text(CONTEXT, OBSERVER_MAKER, "Kinecor"),
        text(CONTEXT, OBSERVER_MODEL, model),
    ]
