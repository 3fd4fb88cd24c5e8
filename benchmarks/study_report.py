"""How long the report of a three-view study takes, and its preview after an edit of its text.

`python benchmarks/study_report.py`: simulated contours, so that no network is timed. Printed are the first report of a
process, which loads reportlab and its fonts, and the median of later ones, whose text was edited.
"""

import datetime
import statistics
import time
from dataclasses import replace

import numpy as np

from kinecor.core.report.sentences import parts_of
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, View, first_reading
from kinecor.core.values.recording import ArrayFrames, CineSequence, Patient, Source
from kinecor.core.values.study import IMPRESSION, EditedSentence, ReportText, first_study_reading
from kinecor.core.values.track import ContourTrack, Origin, Structure

VIEWS, FRAMES, SIDE_PX, RUNS = ("A4C", "A2C", "A3C"), 50, 512, 9


def outline(scale: float, wide: float, long: float) -> Contour:
    """An ellipse that is open at the bottom."""
    angle = np.deg2rad(110) + np.linspace(0, np.deg2rad(320), 128)
    return Contour(np.stack([256 + wide * scale * np.cos(angle), 230 + long * scale * np.sin(angle)], axis=1))


def clip(view: str) -> tuple[CineSequence, Reading]:
    """A loop of noise with a ventricle that beats."""
    pixels = np.random.default_rng(len(view)).integers(0, 120, (FRAMES, SIDE_PX, SIDE_PX)).astype(np.uint8)
    cine = CineSequence(
        frames=ArrayFrames(pixels),
        times_s=np.arange(FRAMES) * 0.02,
        times_origin="FrameTime",
        calibration=Calibration(0.3, 0.3, "region of the file"),
        source=Source(
            f"{view}.dcm", f"1.{view}", "1", "US", "Maker", Patient("Doe^Jane", "42", "1950-01-02", "F", 170, 70)
        ),
        heart_rate_per_min=60.0,
    )
    beat = 1 - 0.2 * np.sin(np.pi * np.arange(FRAMES) / FRAMES)
    sizes = {Structure.LV_ENDO: (75.0, 140.0), Structure.LV_EPI: (100.0, 165.0)}
    tracks = {
        structure: ContourTrack(
            structure, tuple(outline(one, *size) for one in beat), (Origin.MODEL,) * FRAMES, np.full(FRAMES, 0.95)
        )
        for structure, size in sizes.items()
    }
    events = CardiacEvents((Beat(0, FRAMES // 2),), Origin.MODEL)
    return cine, first_reading(cine).with_(tracks=tracks, events=events, view=View(view, 0.98, "model:x@1"))


def main() -> None:
    """Print seconds."""
    pairs = [clip(view) for view in VIEWS]
    study = first_study_reading("1", [recording for recording, _ in pairs])
    began, cpu = time.perf_counter(), time.process_time()
    parts_of([reading for _, reading in pairs], study)
    print(
        f"checks and values: {time.perf_counter() - began:.2f} s ({time.process_time() - cpu:.2f} s of processor time)"
    )
    began, cpu = time.perf_counter(), time.process_time()
    from kinecor.io.report.pdf import page_images
    from kinecor.io.report.study_report import Member, study_report_bytes

    members = [Member(*one) for one in pairs]
    day = datetime.date(2026, 1, 1)
    study_report_bytes(members, study, software_version="0", printed_on=day)
    first_s, first_cpu_s = time.perf_counter() - began, time.process_time() - cpu
    report_s, pages_s = [], []
    for number in range(RUNS):
        text = ReportText({IMPRESSION: EditedSentence(f"Text {number}", "Reader")})
        began = time.perf_counter()
        data = study_report_bytes(members, replace(study, report=text), software_version="0", printed_on=day)
        report_s.append(time.perf_counter() - began)
        pages = page_images(data, dots_per_inch=150, tick=lambda *_: None)
        pages_s.append(time.perf_counter() - began)
    print(f"first report of a process: {first_s:.2f} s ({first_cpu_s:.2f} s of processor time)")
    print(f"report after an edit: {statistics.median(report_s):.2f} s ({min(report_s):.2f} to {max(report_s):.2f})")
    print(f"with {len(pages)} pages as images: {statistics.median(pages_s):.2f} s ({len(data) / 1e3:.0f} kB)")


if __name__ == "__main__":
    main()
