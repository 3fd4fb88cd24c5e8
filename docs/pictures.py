"""Make the pictures of the user guide again: `kinecor shot` and report pages of simulated recordings, and the guide.

    python docs/pictures.py [NAME ...]    write docs/pictures/NAME.png; all of them if none is named

Takes minutes. Each picture has at most 256 colours and 100 kB.
"""

import io
import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

PICTURES = Path(__file__).parent / "pictures"
ECHO = ("phantom", "a4c", "--population", "infarct", "--seed", "7", "--graphics")
MRI = ("phantom", "mri", "--population", "infarct", "--seed", "7")
NORMAL = ("phantom", "a4c", "--seed", "11", "--heart-rate", "65", "--beats", "2")
THREE_VIEWS = tuple(("phantom", view, "--seed", "3") for view in ("a4c", "a2c", "a3c"))
AMYLOID = (*NORMAL, "--population", "amyloid")
RING = ("phantom", "mri", "--population", "athletic", "--seed", "5", "--frames", "20")
"""A stack whose basal slice has muscle round a part of its cavity only."""
WRONG_RATE_PER_MIN = 112
"""The heart rate that CONTRADICTED has in its header."""
CONTRADICTED = (*NORMAL, "wrong rate")
DAMAGED = (*NORMAL, "damaged frame")
DAMAGED_FRAMES = (18, 60)
"""Frames of DAMAGED whose compressed image has wrong bytes, from 0."""
SHOTS = {
    "guide-review": (ECHO, ("--mode", "review")),
    "guide-strain": (ECHO, ("--strain",)),
    "guide-report": (ECHO, ("--mode", "report")),
    "guide-stack": (MRI, ()),
    "guide-tour": (ECHO, ("--tour", "4")),
    "checks-rate": (CONTRADICTED, ("--checks",)),
    "checks-base": (RING, ("--checks",)),
    "checks-damaged": (DAMAGED, ("--checks",)),
    "checks-clean": (NORMAL, ()),
    "checks-amyloid": (AMYLOID, ()),
    "window": (NORMAL, ()),
}
"""What is simulated, and what is shown of it, by the name of the picture."""
PAGES = {
    "checks-rate-report": (CONTRADICTED, ""),
    "checks-base-report": (RING, "Open checks"),
    "checks-damaged-report": (DAMAGED, ""),
    "checks-clean-report": (NORMAL, ""),
    "checks-amyloid-report": (AMYLOID, ""),
    "report": (ECHO, ""),
    "strain-report": (ECHO, "A4C: longitudinal strain"),
}
"""What is simulated, and what the page of its report says that is shown; the first page without."""
PAGE_SCALE = 1.5
"""Pixels a point of a report's page."""
STUDY_SIZE = "1440x900"
"""Of the picture of three views."""
SIZE, COLOURS, SCALES, MAX_BYTES = "1120x680", (256, 160, 96), (1.0, 0.85, 0.75, 0.65), 100_000


def kinecor(*arguments: str) -> None:
    """Run a command of Kinecor."""
    subprocess.run([sys.executable, "-m", "kinecor", *arguments], check=True, stdout=subprocess.DEVNULL)


def reduced(png: bytes) -> bytes:
    """A picture as large and in as many colours as fit into MAX_BYTES; with fewer colours grey levels would be lost."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    for scale, colours in product(SCALES, COLOURS):
        out = io.BytesIO()
        size = (round(image.width * scale), round(image.height * scale))
        scaled = image if scale == 1 else image.resize(size, Image.Resampling.LANCZOS)
        small = scaled.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(out, "PNG", optimize=True)
        if out.tell() <= MAX_BYTES:
            break
    return out.getvalue()


def guide() -> bytes:
    """The guide itself, at a page."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QBuffer, QIODevice

    from kinecor.ui.app.application import application
    from kinecor.ui.app.guide import Guide

    app = application()
    shown = Guide()
    shown.resize(*(int(one) for one in SIZE.split("x")))
    shown.show()
    shown.show_page("checks")
    app.processEvents()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    shown.grab().save(buffer, "PNG")
    shown.close()
    return bytes(buffer.data().data())


def study_of(recordings: tuple[tuple[str, ...], ...], folder: Path) -> Path:
    """The folder of a simulated study: a folder in it for each recording."""
    out = folder / "study"
    for number, made in enumerate(recordings):
        kinecor(*made, "--out", str(out / str(number)))
    return out


def wrong_rate(header: "Dataset") -> None:
    """State a heart rate that the images contradict."""
    header.HeartRate = WRONG_RATE_PER_MIN


def damaged(header: "Dataset") -> None:
    """Compress the frames, and leave some of them cut off within their data."""
    from PIL import Image
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEGBaseline8Bit

    frames = []
    for number, frame in enumerate(header.pixel_array):
        out = io.BytesIO()
        Image.fromarray(frame).save(out, "JPEG", quality=90)
        data = bytearray(out.getvalue())
        if number in DAMAGED_FRAMES:
            middle = len(data) // 2
            data[middle : middle + 40] = bytes(range(40))
        frames.append(bytes(data))
    header.PixelData = encapsulate(frames)
    header["PixelData"].VR = "OB"
    header.file_meta.TransferSyntaxUID = JPEGBaseline8Bit


CHANGES = {CONTRADICTED: wrong_rate, DAMAGED: damaged}
"""What is done to the files of a simulated recording, whose last word names it."""


def recording_of(made: tuple[str, ...], folder: Path) -> Path:
    """The folder of a simulated recording, simulated if it is not there."""
    out = folder / "-".join(one.strip("-") for one in made).replace(" ", "-")
    if not out.is_dir():
        change = CHANGES.get(made)
        kinecor(*(made[:-1] if change else made), "--out", str(out))
        for file in out.rglob("*.dcm") if change else ():
            import pydicom

            header = pydicom.dcmread(file)
            change(header)
            header.save_as(file)
    return out


def page(recording: Path, heading: str, folder: Path) -> bytes:
    """The first page of the report of a recording that has a heading."""
    import pypdfium2

    out = folder / f"{recording.name}-results"
    if not out.is_dir():
        kinecor("analyse", str(recording), "--out", str(out), "--pdf")
    reports = [*(out / "reports").glob("*.pdf")]
    # A stack comes with long axes, each with a report: that of the study has them all.
    (report,) = reports if len(reports) == 1 else (out / "study-reports").glob("*.pdf")
    with pypdfium2.PdfDocument(report) as document:
        png = io.BytesIO()
        shown_page = next(sheet for sheet in document if heading in sheet.get_textpage().get_text_range())
        shown_page.render(scale=PAGE_SCALE).to_pil().save(png, "PNG")
    return png.getvalue()


def shown(recording: Path, options: tuple[str, ...], folder: Path) -> bytes:
    """What the window shows of a recording."""
    out = folder / "shot.png"
    kinecor("shot", str(recording), "--out", str(out), "--size", SIZE, *options)
    return out.read_bytes()


def main(names: list[str]) -> int:
    """Write the pictures; the exit status."""
    wanted = names or [*SHOTS, *PAGES, "study", "guide-f1"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in wanted:
            # Of its own: a damaged copy of a recording would be refused next to what was concluded about the whole one.
            os.environ["KINECOR_DATA_DIR"] = str(folder / "data" / name)
            if name == "guide-f1":
                png = guide()
            elif name == "study":
                png = shown(study_of(THREE_VIEWS, folder), ("--size", STUDY_SIZE), folder)
            elif name in PAGES:
                made, heading = PAGES[name]
                png = page(recording_of(made, folder), heading, folder)
            else:
                made, options = SHOTS[name]
                png = shown(recording_of(made, folder), options, folder)
            small = reduced(png)
            (PICTURES / f"{name}.png").write_bytes(small)
            print(f"docs/pictures/{name}.png: {len(small) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
