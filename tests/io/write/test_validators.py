"""All objects of one study together, seen by dcmtk and dicom3tools."""

import subprocess
from pathlib import Path

import pytest

from kinecor.io.write.capture import write_encapsulated, write_key_frames, write_loop
from kinecor.io.write.derived import save_derived
from kinecor.io.write.echo_report import echo_report
from kinecor.io.write.presentation import write_presentation
from kinecor.io.write.segmentation import write_segmentation
from tests.io.dicom_check import program
from tests.io.write.sources import AT, read_clip, write_clip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The recording first, then everything made from it."""
    folder = tmp_path_factory.mktemp("study")
    clip = write_clip(folder / "clip.dcm", PatientName="Mueller^Anne", SpecificCharacterSet="ISO_IR 100")
    read = read_clip(clip)
    save_derived(echo_report([read], AT), folder / "sr.dcm")
    write_segmentation(folder / "seg.dcm", read, AT)
    write_key_frames(folder / "key.dcm", read, AT)
    write_loop(folder / "loop.dcm", read, AT)
    write_presentation(folder / "pr.dcm", read, AT)
    write_encapsulated(folder / "pdf.dcm", b"%PDF-1.7", read.recording.instances, "Report", AT)
    return [clip, *(folder / f"{name}.dcm" for name in ("sr", "seg", "key", "loop", "pr", "pdf"))]


def test_dcmtk_takes_each_for_a_dicom_file(study: list[Path]):
    for path in study:
        done = subprocess.run([program("dcmftest"), str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_patient_and_study_are_the_same_in_all(study: list[Path]):
    # The report is left out: this version of the checker does not know its class. Names are in ASCII: the checker
    # compares bytes, which differ between a source's character set and UTF-8.
    known = [str(path) for path in study if path.stem != "sr"]
    done = subprocess.run([program("dcentvfy"), *known], capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode(errors="replace").splitlines()
    assert [line for line in said if line.startswith("Error")] == []
