import highdicom
import pydicom
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.io.write import codes
from kinecor.io.write.derived import save_derived
from kinecor.io.write.mr_report import mr_report
from kinecor.io.write.values import Read
from tests.io.dicom_check import standard_errors
from tests.io.write.sources import AT, read_stack, write_stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read_stack(write_stack(tmp_path_factory.mktemp("mr")))


@pytest.fixture(scope="module")
def report(stack: Read, tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("sr") / "mri.dcm"
    save_derived(mr_report([stack], AT), path)
    return path


def test_an_independent_reader_finds_every_value_that_is_shown(stack: Read, report):
    shown = {one.code: one.quantity for one in assess(stack.reading).measurements if one.quantity is not None}
    (group,) = highdicom.sr.srread(report).content.get_image_measurement_groups()
    assert group.tracking_identifier == stack.recording.source.recording_id
    found = group.get_measurements()
    assert len(found) == len(shown) > 10
    for quantity, measured in zip(shown.values(), found, strict=True):
        assert measured.value == pytest.approx(quantity.value)
        assert measured.unit.value == codes.UNITS[quantity.unit].value
    (mass,) = group.get_measurements(name=pydicom.sr.coding.Code("18087-7", "LN", "Left Ventricle Mass"))
    assert mass.value == pytest.approx(shown["LVM"].value)


def test_values_of_one_phase_refer_to_the_slices_they_are_summed_over(stack: Read, report):
    (group,) = highdicom.sr.srread(report).content.get_image_measurement_groups()
    (edv,) = group.get_measurements(name=pydicom.sr.coding.Code("8821-1", "LN", ""))
    referred = {one.referenced_sop_instance_uid for one in edv.referenced_images}
    ed = stack.reading.events.beats[0].ed
    contoured = [number for number, one in enumerate(stack.reading.slices) if one.tracks["lv_endo"].contours[ed]]
    assert referred == {stack.recording.slices[number].instances[ed].sop_instance for number in contoured}


def test_the_checker_finds_no_error(report):
    assert standard_errors(report) == []
