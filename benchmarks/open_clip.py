"""Time to the first frame, decoding rate and memory for a 300-frame 1016 x 708 colour JPEG loop.

Run as `python benchmarks/open_clip.py`; needs neither data nor a screen (Linux). The clip is a textured sector that
moves, compressed as YBR_FULL_422 JPEG baseline at quality 90, written to a temporary folder.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import imagecodecs
import numpy as np
from compiled import as_installed
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, generate_uid

ROWS, COLUMNS = 708, 1016
ULTRASOUND_MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"


def write_clip(path: Path, frames: int) -> None:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    angle, depth = np.arctan2(x - COLUMNS / 2, y + 1), np.hypot(x - COLUMNS / 2, y)
    sector = (np.abs(angle) < 0.7) & (depth < ROWS)
    speckle = rng.gamma(2.0, 35.0, (ROWS + 2 * 16, COLUMNS))
    pieces = []
    for frame in range(frames):
        shift = 16 + round(12 * np.sin(2 * np.pi * frame / 40))
        grey = np.where(sector, speckle[shift : shift + ROWS], 0).clip(0, 255).astype(np.uint8)
        picture = np.stack([grey, grey, (grey * 0.9).astype(np.uint8)], axis=2)
        picture[20:40, 20:220] = (40, 200, 60)
        pieces.append(imagecodecs.jpeg8_encode(picture, level=90, subsampling="422"))
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = JPEGBaseline8Bit
    meta.MediaStorageSOPClassUID = ULTRASOUND_MULTI_FRAME
    meta.MediaStorageSOPInstanceUID = generate_uid()
    header = Dataset()
    header.file_meta = meta
    header.SOPClassUID, header.SOPInstanceUID = ULTRASOUND_MULTI_FRAME, meta.MediaStorageSOPInstanceUID
    header.StudyInstanceUID, header.SeriesInstanceUID, header.Modality = generate_uid(), generate_uid(), "US"
    header.Rows, header.Columns, header.NumberOfFrames, header.SamplesPerPixel = ROWS, COLUMNS, frames, 3
    header.PhotometricInterpretation, header.PlanarConfiguration = "YBR_FULL_422", 0
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 8, 8, 7, 0
    header.FrameTime, header.FrameIncrementPointer = "16.667", 0x00181063
    header.PixelData = encapsulate(pieces)
    header["PixelData"].is_undefined_length = True
    header.save_as(path, enforce_file_format=True)


def peak_mb() -> float:
    # Not getrusage: its peak is handed down by the process that wrote the clip.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def play(path: Path) -> None:
    """Print the figures; runs in a process of its own, so that writing the clip does not count."""
    from kinecor.io.open.recordings import open_path

    before = peak_mb()
    start = time.perf_counter()
    clip = open_path(path).recordings[0]
    _ = clip.frames[0]
    first_ms = 1000 * (time.perf_counter() - start)
    start = time.perf_counter()
    for frame in range(len(clip)):
        _ = clip.frames[frame]
    sequential = len(clip) / (time.perf_counter() - start)
    order = np.random.default_rng(1).permutation(len(clip))[:100]
    start = time.perf_counter()
    for frame in order:
        _ = clip.frames[int(frame)]
    random = len(order) / (time.perf_counter() - start)
    memory = peak_mb()
    heavy = sorted({"torch", "PySide6", "SimpleITK", "cv2"} & set(sys.modules))
    print(f"clip                 {len(clip)} frames of {clip.columns} x {clip.rows}, {path.stat().st_size >> 20} MB")
    print(f"first frame          {first_ms:.1f} ms after the call     (to reach: under 150)")
    print(f"decoding in order    {sequential:.0f} frames a second      (to reach: over 60)")
    print(f"decoding at random   {random:.0f} frames a second")
    print(f"process memory       {memory:.0f} MB at most, {before:.0f} before opening   (to reach: under 600)")
    print(f"large modules        {', '.join(heavy) or 'none'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--play", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.play:
        play(asked.play)
        return
    with tempfile.TemporaryDirectory(prefix="kinecor-") as folder:
        clip = Path(folder) / "clip.dcm"
        write_clip(clip, asked.frames)
        subprocess.run([sys.executable, __file__, "--play", str(clip)], env=as_installed(), check=True)


if __name__ == "__main__":
    main()
