"""Times of listing a large folder and a DICOMDIR, and of the first clip of many: `python benchmarks/large_folder.py`.

Makes 10,000 small MR images in series of 200, a DICOMDIR of 3,000 of them, and 80 clips of 80 colour frames (JPEG) in
a temporary folder; prints processor and wall time of each step, once. `--files`, `--records`, `--clips` make fewer.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from kinecor.io.files.cache import FrameCache
from kinecor.io.open.find import find
from kinecor.io.open.recordings import open_first, open_path
from kinecor.io.open.survey import survey

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.io import make_dicom as make

OF_A_SERIES = 200
# UIDs in the file that is copied, as long as those that replace them.
_SERIES, _INSTANCE = b"1.2.3.4444.999999", b"1.2.3.5555.999999"


def make_images(folder: Path, files: int) -> list[Path]:
    """Copies of one image with UIDs of their own."""
    image = make.mr_image(0, 0, series=_SERIES.decode(), SeriesDescription="sa_cine")
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = _INSTANCE.decode()
    content = make.save(image, folder / "first").read_bytes()
    (folder / "first").unlink()
    made = []
    for number in range(files):
        inner = folder / f"{number // OF_A_SERIES:03d}"
        inner.mkdir(exist_ok=True)
        series = f"1.2.3.4444.{100000 + number // OF_A_SERIES}".encode()
        own = content.replace(_SERIES, series).replace(_INSTANCE, f"1.2.3.5555.{100000 + number}".encode())
        path = inner / f"{number:05d}"
        path.write_bytes(own)
        made.append(path)
    return made


def make_directory(folder: Path, files: list[Path]) -> Path:
    """A DICOMDIR that names these files."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    made.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    records = []
    for path in files:
        record = Dataset()
        record.DirectoryRecordType, record.ReferencedFileID = "IMAGE", list(path.relative_to(folder).parts)
        record.ReferencedSOPInstanceUIDInFile, record.InstanceNumber = (
            f"1.2.3.{100000 + int(path.name)}",
            int(path.name),
        )
        records.append(record)
    made.DirectoryRecordSequence = records
    made.save_as(folder / "DICOMDIR", enforce_file_format=True)
    return folder / "DICOMDIR"


def make_clips(folder: Path, clips: int) -> None:
    """Clips of 80 frames of 600 x 800 in colour."""
    frames = (
        np.random.default_rng(0).integers(0, 200, (80, 75, 100, 1), np.uint8).repeat(8, 1).repeat(8, 2).repeat(3, 3)
    )
    header = make.loop_dataset(frames, make.JPEG_BASELINE)
    for number in range(clips):
        header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
        make.save(header, folder / f"{number:03d}.dcm")


def timed(what: str, work: Callable[[], object]) -> None:
    """Print how long `work` takes."""
    wall_s, used_s = time.perf_counter(), time.process_time()
    result = work()
    used_s, wall_s = time.process_time() - used_s, time.perf_counter() - wall_s
    print(f"{what:<44} {used_s:6.2f} s of processor time, {wall_s:6.2f} s  {result}")


def main() -> None:
    """Make the files, and time each step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, count in (("files", 10_000), ("records", 3_000), ("clips", 80)):
        parser.add_argument(f"--{name}", type=int, default=count)
    chosen = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        images, clips = folder / "images", folder / "clips"
        images.mkdir()
        clips.mkdir()
        files = make_images(images, chosen.files)
        timed(f"{chosen.files} files listed", lambda: f"{len(survey([str(images)]))} series")
        directory = make_directory(images, files[: chosen.records])
        timed(f"DICOMDIR of {chosen.records} read", lambda: f"{len(find(directory).candidates)} files")
        timed(f"DICOMDIR of {chosen.records} listed", lambda: f"{len(survey([str(directory)]))} series")
        make_clips(clips, chosen.clips)
        timed(f"first of {chosen.clips} clips", lambda: "shown" if open_first(clips) is not None else "none")
        timed(f"all of {chosen.clips} clips", lambda: f"{len(open_path(clips, cache=FrameCache()).recordings)} clips")


if __name__ == "__main__":
    main()
