"""Make the pictures of the user guide again: `kinecor shot` of simulated recordings and of the demo, and the guide.

    python docs/pictures.py [NAME ...]    write docs/pictures/NAME.png; all of them if none is named

Takes minutes. Each picture has at most 256 colours and 100 kB.
"""

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
ECHO = ("phantom", "a4c", "--population", "infarct", "--seed", "7", "--graphics")
MRI = ("phantom", "mri", "--population", "infarct", "--seed", "7")
SHOTS = {
    "guide-review": (ECHO, ("--mode", "review")),
    "guide-strain": (ECHO, ("--strain",)),
    "guide-report": (ECHO, ("--mode", "report")),
    "guide-stack": (MRI, ()),
    "guide-tour": (ECHO, ("--tour", "4")),
}
"""What is simulated, and what is shown of it, by the name of the picture."""
SIZE, COLOURS, MOST_BYTES = "1120x680", (256, 160, 96, 64, 32), 100_000


def kinecor(*arguments: str) -> None:
    """Run a command of Kinecor."""
    subprocess.run([sys.executable, "-m", "kinecor", *arguments], check=True, stdout=subprocess.DEVNULL)


def reduced(png: bytes) -> bytes:
    """A picture in as many colours as fit into MOST_BYTES."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in COLOURS:
        out = io.BytesIO()
        small = image.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
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


def main(names: list[str]) -> int:
    """Write the pictures; the exit status."""
    wanted = names or [*SHOTS, "guide-f1"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KINECOR_DATA_DIR"] = str(Path(folder) / "data")
        for name in wanted:
            if name == "guide-f1":
                png = guide()
            else:
                made, options = SHOTS[name]
                recording = Path(folder) / made[1]
                if not recording.is_dir():
                    kinecor(*made, "--out", str(recording))
                out = Path(folder) / f"{name}.png"
                kinecor("shot", str(recording), "--out", str(out), "--size", SIZE, *options)
                png = out.read_bytes()
            small = reduced(png)
            (PICTURES / f"{name}.png").write_bytes(small)
            print(f"docs/pictures/{name}.png: {len(small) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
