"""The kind of each series, by headers as makers write them; none of these is of a patient."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from kinecor.core.values.series import BY_CODE, SERIES_KINDS, Group
from kinecor.io.dicom.evidence import (
    Placed,
    coloured_share,
    header_evidence,
    image_evidence,
    painted_share,
    seconds_of_day,
    series_evidence,
)
from kinecor.io.dicom.header import EXPLICIT_LITTLE, DicomFile
from kinecor.io.dicom.kinds import MAGNETIC_RESONANCE, OBJECTS, OTHERS, RULES, ULTRASOUND, deciding_rule

SIEMENS, PHILIPS, GE = "SIEMENS", "Philips Medical Systems", "GE MEDICAL SYSTEMS"
MR, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
US, US_LOOP = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1"
ORIGINAL = ["ORIGINAL", "PRIMARY"]


def of_header(header):
    return DicomFile(
        Path("x"), header, EXPLICIT_LITTLE, implicit=False, little_endian=True, pixel_element=1, size_bytes=1
    )


def header(**elements):
    made = Dataset()
    for name, value in elements.items():
        setattr(made, name, value)
    return made


def decided(images, places=None, *, study_moves=True):
    """The rule and kind of an MR series; `images` are headers, at one place or at `places` (z in mm)."""
    places = places or [0.0] * len(images)
    placed = [
        Placed(image_evidence(one), (1, 0, 0, 0, 1, 0), (0.0, 0.0, z)) for one, z in zip(images, places, strict=True)
    ]
    evidence = series_evidence(header_evidence(of_header(images[0])), placed, study_moves=study_moves)
    rule = deciding_rule(evidence)
    return rule.kind, rule.code


def mr(maker, description="", **elements):
    return header(Modality="MR", SOPClassUID=MR, Manufacturer=maker, SeriesDescription=description, **elements)


def cine(maker, description="", phases=25, **elements):
    return [mr(maker, description, TriggerTime=30.0 * phase, **elements) for phase in range(phases)]


@pytest.mark.parametrize(
    ("maker", "description", "elements"),
    [
        (SIEMENS, "cine_tfisp_sax_12", {"SequenceName": "*tfi2d1_12", "ImageType": [*ORIGINAL, "M", "ND", "NORM"]}),
        (PHILIPS, "sBTFE_BH_SA", {"ImageType": [*ORIGINAL, "M_FFE", "M", "FFE"]}),
        (GE, "SAx FIESTA Cine", {"ImageType": [*ORIGINAL, "OTHER"]}),
        ("Canon Medical Systems", "SSFP SA stack", {"ImageType": ORIGINAL}),
        (SIEMENS, "", {}),
        # Words of other kinds within other words do not count.
        (SIEMENS, "sax_stage_2", {}),
        (PHILIPS, "SA perfect gating", {}),
        (GE, "Cine related 4ch", {}),
    ],
)
def test_cines(maker, description, elements):
    assert decided(cine(maker, description, **elements)) == ("cine", "mr-phases")


@pytest.mark.parametrize(
    ("maker", "images", "kind", "rule"),
    [
        (SIEMENS, cine(SIEMENS, "fl_ao", SequenceName="*fl2d1_v150in"), "flow", "mr-siemens-flow"),
        (SIEMENS, cine(SIEMENS, "AO flow through plane"), "flow", "mr-named-flow"),
        (
            PHILIPS,
            cine(PHILIPS, "AO", ImageType=[*ORIGINAL, "PHASE CONTRAST M", "P", "PCA"]),
            "flow",
            "mr-type-phase-contrast",
        ),
        (GE, cine(GE, "Ao Qp/Qs"), "flow", "mr-named-flow"),
        (SIEMENS, cine(SIEMENS, "x", ImageType=[*ORIGINAL, "P", "ND"]), "flow", "mr-phase-images"),
        (SIEMENS, cine(SIEMENS, "sa", SequenceName="*fl2d1_tag"), "tagging", "mr-siemens-tagging"),
        (PHILIPS, cine(PHILIPS, "SA CSPAMM"), "tagging", "mr-named-tagging"),
        (GE, cine(GE, "Cine tagged SA"), "tagging", "mr-named-tagging"),
        (SIEMENS, cine(SIEMENS, "TI_scout_mid"), "ti-scout", "mr-named-ti-scout"),
        (SIEMENS, cine(SIEMENS, "realtime_cine_sax"), "real-time-cine", "mr-named-real-time"),
        (PHILIPS, cine(PHILIPS, "free run", phases=90), "real-time-cine", "mr-beats"),
        (SIEMENS, [mr(SIEMENS, "stress_perf", TemporalPositionIdentifier=t) for t in range(50)], "perfusion", None),
        (GE, [mr(GE, "FGRE Time Course first pass") for _ in range(40)], "perfusion", "mr-named-perfusion"),
        (SIEMENS, [mr(SIEMENS, "DE_PSIR_sax")], "lge", "mr-named-lge"),
        (SIEMENS, [mr(SIEMENS, "x", ImageType=[*ORIGINAL, "M", "PSIR"])], "lge", "mr-type-psir"),
        (PHILIPS, [mr(PHILIPS, "x", ImageType=[*ORIGINAL, "CR", "IR"])], "lge", "mr-type-psir"),
        (GE, [mr(GE, "2D MDE SA")], "lge", "mr-named-lge"),
        (SIEMENS, [mr(SIEMENS, "T1_MOLLI", InversionTime=100 + 80 * i) for i in range(8)], "molli", "mr-named-molli"),
        (GE, [mr(GE, "x", InversionTime=100 + 80 * i) for i in range(8)], "molli", "mr-inversion-times"),
        (SIEMENS, [mr(SIEMENS, "x", ImageType=["DERIVED", "PRIMARY", "T1 MAP", "ND"])], "t1-map", "mr-type-t1-map"),
        (PHILIPS, [mr(PHILIPS, "x", ImageType=["DERIVED", "PRIMARY", "T1", "R1"])], "t1-map", "mr-type-derived-t1"),
        (SIEMENS, [mr(SIEMENS, "MOLLI_T1map")], "t1-map", "mr-named-t1-map"),
        (SIEMENS, [mr(SIEMENS, "x", ImageType=["DERIVED", "PRIMARY", "T2 MAP", "ND"])], "t2-map", "mr-type-t2-map"),
        (
            PHILIPS,
            [mr(PHILIPS, "x", EchoTime=10 * (i + 1), EchoPulseSequence="SPIN") for i in range(8)],
            "t2-images",
            "mr-spin-echoes",
        ),
        (GE, [mr(GE, "x", EchoTime=2 * (i + 1) + 0.5 * i) for i in range(8)], "t2-star", "mr-gradient-echoes"),
        (SIEMENS, [mr(SIEMENS, "T2star_iron")], "t2-star", "mr-named-t2-star"),
        (SIEMENS, [mr(SIEMENS, "haste_db_tra")], "black-blood", "mr-named-black-blood"),
        (PHILIPS, [mr(PHILIPS, "T2W STIR BB SA")], "black-blood", "mr-named-black-blood"),
        (SIEMENS, [mr(SIEMENS, "AAHeart_Scout")], "localizer", "mr-named-localizer"),
        (PHILIPS, [mr(PHILIPS, "Survey_FH")], "localizer", "mr-named-localizer"),
        (GE, [mr(GE, "3-Plane Loc")], "localizer", "mr-named-localizer"),
        (GE, [mr(GE, "x", ImageType=[*ORIGINAL, "LOCALIZER"])], "localizer", "mr-localizer-type"),
        (SIEMENS, [mr(SIEMENS, "x")], "mr-images", "mr-single"),
        (SIEMENS, [mr(SIEMENS, "fl3d_mra_TWIST")], "angiography", "mr-named-angiography"),
    ],
)  # fmt: skip
def test_mr_that_is_no_cine(maker, images, kind, rule):
    found, by = decided(images)
    assert found == kind, (maker, by)
    assert rule is None or by == rule
    assert not BY_CODE[found].measured


def test_perfusion_without_a_name_is_seen_by_its_times():
    """One image a heart beat, all at one moment of the cycle."""
    images = [
        mr(SIEMENS, "series 12", AcquisitionTime=f"1012{0.9 * beat:09.6f}", TriggerTime=310.0) for beat in range(60)
    ]
    assert decided(images) == ("perfusion", "mr-beat-by-beat")


def test_a_gated_cine_taken_phase_by_phase_is_none_though_its_images_have_times():
    images = [
        mr(GE, "FIESTA", AcquisitionTime=f"1012{0.03 * phase:09.6f}", TriggerTime=30.0 * phase) for phase in range(30)
    ]
    assert decided(images)[0] == "cine"


@pytest.mark.parametrize(
    ("elements", "kind"),
    [
        ({"PhaseContrast": "YES"}, "flow"),
        ({"Tagging": "GRID"}, "tagging"),
        ({"TimeOfFlightContrast": "YES"}, "angiography"),
        ({"BloodSignalNulling": "YES"}, "black-blood"),
        ({"AcquisitionContrast": "PERFUSION"}, "perfusion"),
        ({"AcquisitionContrast": "FLOW_ENCODED"}, "flow"),
        ({"PhaseContrast": "NO", "Tagging": "NONE", "BloodSignalNulling": "NO"}, "cine"),
    ],
)
def test_enhanced_objects_say_it_in_the_elements_of_the_standard(elements, kind):
    assert decided(cine(PHILIPS, "", SteadyStatePulseSequence="FREE_PRECESSION", **elements))[0] == kind


def test_functional_groups_say_it_for_each_frame():
    modifier, echo = header(Tagging="LINE"), header(EffectiveEchoTime=4.5)
    frame = header(MRImagingModifierSequence=Sequence([modifier]), MREchoSequence=Sequence([echo]))
    found = image_evidence(header(Modality="MR", SOPClassUID=ENHANCED_MR), [frame])
    assert "Tagging=LINE" in found.flags
    assert found.echo_ms == 4.5


def test_single_images_of_a_study_of_nothing_else_stay_as_they_are():
    assert decided([mr(SIEMENS, "x")], study_moves=False) == ("cine", "mr-alone")


def region(form, kind, *, rows=300, unit=7, delta=0.5):
    return header(
        RegionSpatialFormat=form,
        RegionDataType=kind,
        RegionLocationMinX0=0,
        RegionLocationMinY0=0,
        RegionLocationMaxX1=400,
        RegionLocationMaxY1=rows,
        PhysicalUnitsXDirection=4,
        PhysicalUnitsYDirection=unit,
        PhysicalDeltaX=0.004,
        PhysicalDeltaY=-delta,
    )


TISSUE, COLOUR = region(1, 1, unit=3), region(1, 2, unit=3)


def us(maker, regions=(), frames=1, **elements):
    made = header(
        Modality="US",
        SOPClassUID=US_LOOP if frames > 1 else US,
        Manufacturer=maker,
        SequenceOfUltrasoundRegions=Sequence(regions),
        **elements,
    )
    if frames > 1:
        made.NumberOfFrames = frames
    rule = deciding_rule(header_evidence(of_header(made)))
    return rule.kind, rule.code


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (us(PHILIPS, [TISSUE], 40), ("echo-loop", "us-loop")),
        (us("ACUSON", [TISSUE], 16, ImageType=[*ORIGINAL, "", "0001"]), ("echo-loop", "us-loop")),
        (us(PHILIPS, [TISSUE]), ("echo-still", "us-still")),
        (us(PHILIPS, [region(2, 1, unit=3), TISSUE]), ("m-mode", "us-m-mode")),
        (us(PHILIPS, [TISSUE, region(3, 3)]), ("pw-doppler", "us-pw")),
        (us(PHILIPS, [TISSUE, region(3, 4)]), ("cw-doppler", "us-cw")),
        (us(PHILIPS, [TISSUE, region(3, 3, delta=0.1)]), ("tissue-doppler", "us-tissue-spectral")),
        (us("GE Vingmed Ultrasound", [TISSUE, COLOUR], 50), ("colour", "us-colour-region")),
        (us("GE Vingmed Ultrasound", [], 50, ImageType=[*ORIGINAL, "TTE", "0011"]), ("colour", "us-colour-bit")),
        (us("GE Vingmed Ultrasound", [], ImageType=[*ORIGINAL, "TTE", "0009"]), ("pw-doppler", "us-pw-bit")),
        (us("SIEMENS", [], ImageType=[*ORIGINAL, "TTE", "0005"]), ("cw-doppler", "us-cw-bit")),
        (us("TOSHIBA_MEC_US", [], ImageType=[*ORIGINAL, "TTE", "0002"]), ("m-mode", "us-m-mode-bit")),
        (us(PHILIPS, [TISSUE], 50, ImageType=[*ORIGINAL, "TTE", "0041"]), ("echo-volume", "us-volume-bit")),
        (us("GE Vingmed Ultrasound", [TISSUE], 50, StageName="LVO"), ("contrast", "us-named-contrast")),
        (us("GE Vingmed Ultrasound", [TISSUE], 50, ContrastBolusAgent="SonoVue"), ("contrast", "us-contrast-agent")),
        (us("GE Vingmed Ultrasound", [TISSUE], 50, ViewName="A4C TVI"), ("tissue-colour", "us-named-tissue-colour")),
        # The series is the whole examination: what its name says is not said of every clip.
        (us(PHILIPS, [TISSUE], 40, SeriesDescription="TTE with contrast"), ("echo-loop", "us-loop")),
    ],
)
def test_ultrasound(found, expected):
    assert found == expected


@pytest.mark.parametrize(
    ("elements", "kind"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.33", "Modality": "SR"}, "report"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.59", "Modality": "KO"}, "key-objects"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1", "Modality": "DOC"}, "pdf"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.9.1.1", "Modality": "ECG"}, "ecg"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.11.1", "Modality": "PR"}, "presentation"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4", "Modality": "SEG"}, "segmentation"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66", "Modality": "MR"}, "raw"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.481.2", "Modality": "RTDOSE"}, "other-object"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "Modality": "OT"}, "capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "Modality": "CT"}, "other-images"),
    ],
)
def test_other_objects(elements, kind):
    assert deciding_rule(header_evidence(of_header(header(**elements)))).kind == kind


@pytest.mark.parametrize(
    ("sop_class", "kind"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.33", "own-report"),
        ("1.2.840.10008.5.1.4.1.1.66.4", "own-segmentation"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "own-segmentation"),
        ("1.2.840.10008.5.1.4.1.1.7.4", "own-capture"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "own-report"),
    ],
)
def test_what_the_program_made_itself(sop_class, kind):
    made = header(SOPClassUID=sop_class, Modality="OT", Manufacturer="Kinecor", ManufacturerModelName="Kinecor")
    assert deciding_rule(header_evidence(of_header(made))).kind == kind
    made.ManufacturerModelName = "Simulator"
    assert not deciding_rule(header_evidence(of_header(made))).kind.startswith("own")


def test_colour_is_seen_by_hue_and_change_not_by_bars_and_tints():
    rng = np.random.default_rng(0)
    grey = np.repeat(rng.integers(0, 200, (3, 60, 60, 1), np.uint8), 3, axis=3)
    bar, tinted, flow = grey.copy(), grey.copy(), grey.copy()
    bar[:, :, :4], bar[:, :, 4:8] = (255, 0, 0), (0, 0, 255)
    tinted[..., 2] //= 3
    for at in range(3):
        flow[at, 10 + at : 30 + at, 10:30], flow[at, 10 + at : 30 + at, 30:50] = (220, 30, 0), (0, 40, 220)
    assert [coloured_share(list(one)) for one in (grey, bar, tinted)] == [0, 0, 0]
    assert coloured_share(list(flow)) > 0.02
    assert coloured_share([flow[0]], (0, 0, 8, 8)) == 0


@pytest.mark.parametrize("opacity", [1.0, 0.5, 0.3])
def test_a_painted_mask_is_no_flow(opacity):
    rng = np.random.default_rng(0)
    grey = np.repeat(rng.integers(0, 120, (80, 80, 1)), 3, axis=2)
    mask, flow = grey.copy(), grey.copy()
    for rows, colour in ((slice(10, 30), (255, 0, 0)), (slice(30, 45), (0, 255, 0)), (slice(45, 60), (0, 0, 255))):
        mask[rows, 20:60] = (1 - opacity) * grey[rows, 20:60] + opacity * np.array(colour)
    ramp = rng.integers(60, 255, (40, 40))
    flow[10:50, 20:60] = np.stack([ramp, ramp // 3 + rng.integers(0, 60, ramp.shape), 20 + 0 * ramp], axis=2)
    flow[30:50, 20:60] = flow[30:50, 20:60, ::-1]
    painted, real = ([image.astype(np.uint8)] for image in (mask, flow))
    assert min(coloured_share(painted), coloured_share(real)) > 0.02
    assert painted_share(painted) > 0.9
    assert painted_share(real) < 0.45
    assert painted_share([painted[0][..., 0]]) == 0

    def kind(frames):
        evidence = replace(header_evidence(of_header(header(SOPClassUID=US, Modality="US"))), frames=1)
        seen = replace(evidence, coloured=lambda: coloured_share(frames), painted=lambda: painted_share(frames))
        return deciding_rule(seen).kind

    assert (kind(painted), kind(real)) == ("capture", "colour")


def test_every_rule_gives_a_known_kind_and_has_a_code_of_its_own():
    assert {rule.kind for rule in RULES} <= set(BY_CODE)
    assert (
        len({rule.code for rule in RULES})
        == len(RULES)
        == sum(map(len, (OBJECTS, ULTRASOUND, MAGNETIC_RESONANCE, OTHERS)))
    )
    assert all(rule.source for rule in RULES)


def test_what_is_not_measured_says_why():
    assert all(bool(kind.reason) is not kind.measured for kind in SERIES_KINDS)
    assert {kind.group for kind in SERIES_KINDS if kind.measured} == {Group.CINE, Group.ECHO}


def test_seconds_of_the_day():
    assert seconds_of_day("101230.5") == 36750.5
    assert seconds_of_day("20260101101230.5+0100") == 36750.5
    assert seconds_of_day("soon") is None
