"""Reports as PDF/A-2b: what the standard asks, read with pikepdf and, where installed, by PDFBox's validator."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from kinecor import RESEARCH_USE
from kinecor.io.report.study_report import recording_report_bytes
from tests.io.report.test_study_report import DAY, made, member
from tests.readings import cine, read

JARS = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in (
        *("preflight", "pdfbox2", "fontbox2", "xmpbox"),
        *("commons-logging", "commons-io", "javax.activation", "jaxb-api"),
    )
]
# PDF/A-1 knows version 2 of colour profiles only; PDF/A-2 allows 4.
LATER_PROFILE = "2.1.6 : Invalid graphics object, Invalid version of the ICCProfile"


@pytest.fixture(scope="module")
def both() -> dict[str, bytes]:
    recording = cine()
    return {
        "study": made([member("A4C"), member("A2C")]),
        "recording": recording_report_bytes(recording, read(recording), software_version="9.8.7", printed_on=DAY),
    }


@pytest.mark.parametrize("which", ["study", "recording"])
def test_the_properties_name_the_standard_and_stand_in_both_places(both: dict[str, bytes], which: str) -> None:
    with pikepdf.open(BytesIO(both[which])) as document:
        xmp = document.open_metadata()
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("2", "B")
        assert xmp["dc:description"] == str(document.docinfo["/Subject"]) == RESEARCH_USE
        assert xmp["dc:title"] == str(document.docinfo["/Title"])
        (intent,) = document.Root.OutputIntents
        assert intent.DestOutputProfile.read_bytes()[36:40] == b"acsp"


@pytest.mark.parametrize("which", ["study", "recording"])
def test_all_fonts_that_show_text_are_embedded_and_nothing_is_transparent(both: dict[str, bytes], which: str) -> None:
    with pikepdf.open(BytesIO(both[which])) as document:
        for one in document.objects:
            if not isinstance(one, pikepdf.Dictionary):
                continue
            if one.get("/Type") == "/Font" and one.get("/Subtype") == "/TrueType":
                assert "/FontFile2" in one.FontDescriptor
            if one.get("/Type") == "/ExtGState":
                assert float(one.get("/ca", 1)) == float(one.get("/CA", 1)) == 1
            assert "/SMask" not in one or one.SMask == pikepdf.Name("/None")


@pytest.mark.skipif(
    shutil.which("java") is None or not all(one.exists() for one in JARS),
    reason="PDFBox's preflight is not installed (Debian: libpdfbox2-java libcommons-logging-java libcommons-io-java "
    "libactivation-java libjaxb-api-java default-jre-headless)",
)
@pytest.mark.parametrize("which", ["study", "recording"])
def test_a_validator_of_the_stricter_part_1_objects_to_the_profile_only(
    both: dict[str, bytes], which: str, tmp_path: Path
) -> None:
    """PDFBox validates PDF/A-1b, which forbids all that 2b does and more; the file is given to it as such."""
    path = tmp_path / "as-part-1.pdf"
    path.write_bytes(both[which].replace(b"<pdfaid:part>2<", b"<pdfaid:part>1<"))
    main = "org.apache.pdfbox.preflight.Validator_A1b"
    run = subprocess.run(
        ["java", "-cp", ":".join(map(str, JARS)), main, str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    errors = {one.strip() for one in run.stdout.splitlines() if one.strip()}
    assert errors == {"The file as-part-1.pdf is not a valid PDF/A-1b file, error(s) :", LATER_PROFILE}
