"""Makes the demo study again: resources/kinecor_resources/demo, three apical clips of one simulated heart.

python installer/demo.py

The same heart and settings give the same images; they are stored as baseline JPEG, since a study that is installed with
the program has to be small.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Final

import simplejpeg
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from kinecor.analysis.phantom_make import PhantomRequest, make_echo
from kinecor.analysis.phantoms import Output, write_echo

FOLDER: Final = Path(__file__).resolve().parents[1] / "resources/kinecor_resources/demo"
VIEWS: Final = ("A4C", "A2C", "A3C")
REQUEST: Final = PhantomRequest(population="normal", seed=3, size=(300, 400), frames_per_s=40.0, graphics=True)
_QUALITY: Final = 80


def main() -> int:
    """Write the clips; returns the exit status."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as work:
        for view in VIEWS:
            made = make_echo(view, REQUEST)
            identity = REQUEST.identity(view)
            output = Output(Path(work) / view, "Demo", identity, False, False, REQUEST.identity("echo"))
            (clip,) = (path for path in write_echo(made, output) if path.suffix == ".dcm")
            _compressed(clip, FOLDER / f"{view.lower()}.dcm")
            print(FOLDER / f"{view.lower()}.dcm")
    return 0


def _compressed(path: Path, to: Path) -> None:
    one = dcmread(path)
    frames = [
        simplejpeg.encode_jpeg(frame[..., None], quality=_QUALITY, colorspace="GRAY") for frame in one.pixel_array
    ]
    one.PixelData = encapsulate(frames)
    one["PixelData"].is_undefined_length = True
    one.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    one.LossyImageCompression = "01"
    one.LossyImageCompressionMethod = "ISO_10918_1"
    one.save_as(to)


if __name__ == "__main__":
    raise SystemExit(main())
