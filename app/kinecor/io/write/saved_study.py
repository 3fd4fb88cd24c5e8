"""The saved study as a DICOM object, so that an archive holds what was concluded, by whom, edit by edit."""

from collections.abc import Sequence
from typing import Final

from pydicom.dataset import Dataset

from kinecor.core.values.recording import Instance
from kinecor.io.dicom.saved_study import DESCRIPTION, RAW_DATA, put_content
from kinecor.io.write.codes import Code
from kinecor.io.write.derived import DEVICE_UID, Series, derived_object, reference, uid_of
from kinecor.session.transport import Packed

SERIES: Final = Series("OT", 9401, DESCRIPTION)
_SOURCE: Final = Code("121322", "DCM", "Source image for image processing operation")


def saved_study(packed: Packed, instances: Sequence[Instance]) -> Dataset:
    """The object; equal entries give equal objects, with one SOP Instance UID, so that it can be sent twice.

    Args:
        packed: the entries.
        instances: of the recordings of the study, at least one; all are of this study.

    Raises:
        KinecorError: the file of the first cannot be read again.

    """
    first = instances[0]
    made = derived_object(first, RAW_DATA, SERIES, packed.written_at)
    made.Laterality, made.AcquisitionContextSequence = "", []
    made.CreatorVersionUID = DEVICE_UID
    made.ReferencedInstanceSequence = [
        _source(instance) for instance in {each.sop_instance: each for each in instances}.values()
    ]
    put_content(made, packed.content)
    made.SOPInstanceUID = uid_of("saved study", first.study, packed.head.entries, packed.head.digest)
    return made


def _source(instance: Instance) -> Dataset:
    item = reference(instance)
    item.PurposeOfReferenceCodeSequence = [_SOURCE.item]
    return item
