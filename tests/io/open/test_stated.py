"""Reports of earlier studies as priors: which of their values are ours, and what they are compared with."""

from dataclasses import replace

import pytest
from pydicom.uid import ComprehensiveSRStorage

from kinecor.core.study.prior import Examined, compare_with_prior, priors
from kinecor.core.values.foreign import ForeignReport, ForeignValue
from kinecor.core.values.recording import Patient
from kinecor.io.open.recordings import open_path
from kinecor.io.open.stated import stated_rows, stated_studies
from kinecor.io.write.codes import Code
from kinecor.io.write.content import CONTAINS, MODIFIER, code, container, number
from kinecor.io.write.derived import PRIVATE_SCHEME, Series, derived_object, save_derived
from kinecor.io.write.echo_report import echo_report
from kinecor.io.write.values import values_to_report
from tests.core.study.test_prior import NOW, biplane, rows
from tests.io.write.sources import AT, read_clip, write_clip

METHOD = ("370129005", "SCT")
OLD_METHOD = ("G-C036", "SRT")
VIEW = ("111031", "DCM")
BIPLANE, SINGLE, TEICHHOLZ = ("125207", "DCM"), ("125208", "DCM"), ("125209", "DCM")
FOUR, OLD_TWO = ("399214001", "SCT"), ("G-A19B", "SRT")
THEN = Patient(patient_id="42", name="Doe^Jane", study_date="20240101")


def value(code: str, number: float, unit: str, *modifiers, scheme: str = "LN") -> ForeignValue:
    return ForeignValue("a name in the cart's language", code, scheme, number, unit, modifiers=modifiers)


def report(*values: ForeignValue, **changes) -> ForeignReport:
    made = ForeignReport("cart.dcm", "1.1", "Echo", "5200", "Acme Cart 9", "20240101", values, about=THEN)
    return replace(made, **changes)


def numbers(*values: ForeignValue) -> dict[tuple[str, str], float]:
    return {key: row.quantity.value for key, row in stated_rows(report(*values)).items() if row.quantity}


def test_a_value_is_ours_by_its_code_with_method_and_view() -> None:
    assert numbers(
        value("18026-5", 121.5, "ml", (METHOD, BIPLANE)),
        value("18148-7", 50, "cm3", (OLD_METHOD, SINGLE), (VIEW, FOUR)),
        value("18043-0", 61, "%", (METHOD, SINGLE), (VIEW, OLD_TWO)),
        value("18043-0", 55, "%", (METHOD, TEICHHOLZ)),
        value("79991-6", 58, "%"),
        value("80007-8", 4.9, "cm"),
        value("130686", -18.2, "%", scheme="DCM"),
    ) == {
        ("EDV", ""): 121.5,
        ("ESV", "A4C"): 50,
        ("EF", "A2C"): 61,
        ("EFT", ""): 55,
        ("EF", ""): 58,
        ("LVIDd", ""): pytest.approx(49),
        ("GLS", ""): -18.2,
    }


@pytest.mark.parametrize(
    "other",
    [
        value("18043-0", 61, "%"),  # by which method?
        value("18043-0", 61, "%", (METHOD, SINGLE)),  # of which view?
        value("18026-5", 12, "cm2", (METHOD, BIPLANE)),  # an area is no volume
        value("99999-9", 61, "%"),
        value("EF", 61, "%", scheme="99ACME"),
    ],
    ids=["no method", "no view", "another unit", "unknown", "another scheme"],
)
def test_what_codes_do_not_say_is_left_out(other: ForeignValue) -> None:
    assert numbers(other) == {}


def test_of_several_values_the_selected_one_counts_then_the_mean() -> None:
    selected = (("121404", "DCM"), ("121410", "DCM"))
    mean = (("121401", "DCM"), ("373098007", "SCT"))
    beats = [value("79991-6", one, "%") for one in (50, 54)]
    assert numbers(*beats) == {("EF", ""): 52}
    assert numbers(*beats, value("79991-6", 53, "%", mean)) == {("EF", ""): 53}
    assert numbers(*beats, value("79991-6", 53, "%", mean), value("79991-6", 51, "%", selected)) == {("EF", ""): 51}


def test_a_report_is_an_earlier_study_of_the_patient_it_names() -> None:
    ef = value("79991-6", 58, "%")
    early, late = report(ef), report(value("79991-6", 60, "%"), date="20240103")
    studies = stated_studies([late, early], known=())
    assert [one.study.study_id for one in studies.values()] == ["1.1"]
    assert priors(NOW, [one.study for one in studies.values()]) == (studies["1.1"].study,)
    assert [row.quantity.value for row in studies["1.1"].stated.rows.values()] == [60]  # as it was written last
    assert stated_studies([early], known=["1.1"]) == {}  # its recordings are measured
    assert stated_studies([replace(early, about=replace(THEN, study_date=""))], known=()) == {}
    another = stated_studies([replace(early, about=replace(THEN, patient_id="43"))], known=())
    assert priors(NOW, [one.study for one in another.values()]) == ()


def test_stated_values_are_compared_and_said_to_be_of_another_system() -> None:
    (then,) = stated_studies([report(value("79991-6", 58, "%"), value("80007-8", 4.9, "cm"))], known=()).values()
    comparison = compare_with_prior(biplane(NOW), then)
    changes = rows(comparison)
    assert set(changes) == {("EF", "")}  # no internal dimension was measured now
    assert changes["EF", ""].variability is not None
    assert comparison.stated is then.stated
    warnings = "\n".join(comparison.warnings)
    assert "a report by Acme Cart 9: they were not measured here" in warnings
    assert "not signed" not in warnings
    assert "modalities" not in warnings


def test_values_of_mri_are_of_another_modality_than_echo() -> None:
    (then,) = stated_studies([report(value("8811-2", 58, "%"))], known=()).values()
    assert "different modalities" in "\n".join(compare_with_prior(biplane(NOW), then).warnings)
    assert isinstance(then, Examined)


def test_our_own_report_of_an_earlier_study_states_all_its_values(tmp_path) -> None:
    clip = read_clip(write_clip(tmp_path / "clip.dcm", PatientID="42", StudyDate="20240101"))
    save_derived(echo_report([clip], AT), tmp_path / "sr.dcm")
    (document,) = open_path(tmp_path / "sr.dcm").documents
    assert document.report is not None
    stated = stated_rows(document.report)
    written = {(one.row.code, one.view): one.row.quantity.value for one in values_to_report([clip])}
    assert ("GLS", "A4C") in stated
    assert {key: row.quantity.value for key, row in stated.items()} == {
        key: pytest.approx(written[key], abs=0.5) for key in stated
    }
    assert document.report.values[0].scheme in ("LN", PRIVATE_SCHEME)


def cart_report(path, study: str, day: str, ef: float, patient: str = "4711"):
    """A structured report as an echo cart writes it, with one EF."""
    source = read_clip(write_clip(path.with_name(f"of-{path.name}"), PatientID=patient, StudyDate=day))
    made = derived_object(source.recording.instances[0], ComprehensiveSRStorage, Series("SR", 1, "cart"), AT)
    path.with_name(f"of-{path.name}").unlink()
    section = Code("121070", "DCM", "Findings")
    method = code(MODIFIER, Code(*METHOD, "Measurement Method"), Code(*SINGLE, "Disks"))
    view = code(MODIFIER, Code(*VIEW, "Image View"), Code(*FOUR, "Apical four chamber"))
    percent = Code("%", "UCUM", "%")
    item = number(CONTAINS, Code("18043-0", "LN", "EF"), str(ef), ef, percent, [method, view])
    made.update(container("", Code("125200", "DCM", "Report"), [container(CONTAINS, section, [item])], "5200"))
    made.StudyInstanceUID, made.Manufacturer, made.ManufacturerModelName = study, "Acme", "Cart"
    made.PatientName = "Doe^Jane"
    save_derived(made, path)
    return path


def test_a_cart_report_is_read_with_its_patient_and_codes(tmp_path) -> None:
    opened = open_path(cart_report(tmp_path / "cart.dcm", "1.2.1", "20250102", 47.0))
    (found,) = opened.reports
    assert (found.about.patient_id, found.about.study_date) == ("4711", "20250102")
    assert {key: row.quantity.value for key, row in stated_rows(found).items()} == {("EF", "A4C"): 47.0}
