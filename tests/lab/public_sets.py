"""Tiny public sets on disk, drawn, in the layouts in which CAMUS and EchoNet-Dynamic are published."""

import csv
from pathlib import Path

import cv2
import numpy as np
import SimpleITK

from tests.lab.camus import drawn
from tests.models.warped_fields import apical

FRAMES = 5


def _write(path, values, size_mm):
    image = SimpleITK.GetImageFromArray(values)
    image.SetSpacing((size_mm[1], size_mm[0], 1.0)[: values.ndim])
    SimpleITK.WriteImage(image, str(path), path.name.endswith(".gz"))


def beat(frames=FRAMES):
    """Frames and labels (t, rows, columns) of a drawn heart from ED to ES."""
    both = [apical(number / (frames - 1)) for number in range(frames)]
    return np.stack([one.image for one in both]), np.stack([one.label for one in both])


def write_nifti(folder: Path, patients=3, views=("2CH", "4CH"), *, lists=True, size_mm=(0.8, 0.8)) -> Path:
    """database_nifti/patientNNNN with a half sequence of which every frame is labelled, and the official lists."""
    frames, labels = beat()
    names = [f"patient{number + 1:04}" for number in range(patients)]
    for name in names:
        place = folder / "database_nifti" / name
        place.mkdir(parents=True)
        for view in views:
            for what, values in (("half_sequence", frames), ("ED", frames[0]), ("ES", frames[-1])):
                _write(place / f"{name}_{view}_{what}.nii.gz", values.astype(np.float32), size_mm)
            for what, values in (("half_sequence_gt", labels), ("ED_gt", labels[0]), ("ES_gt", labels[-1])):
                _write(place / f"{name}_{view}_{what}.nii.gz", values.astype(np.float32), size_mm)
            (place / f"Info_{view}.cfg").write_text(
                f"ED: 1\nES: {FRAMES}\nNbFrame: {FRAMES}\nEF: 50\nFrameRate: 40.0\n"
            )
    if lists:
        (folder / "database_split").mkdir()
        for number, split in enumerate(("training", "validation", "testing")):
            (folder / "database_split" / f"subgroup_{split}.txt").write_text("\n".join(names[number::3]))
    return folder


def write_metaimage(folder: Path, patients=3) -> Path:
    """training/patientNNNN as .mhd and .raw with pixels twice as wide as high, ED and ES labelled; one unlabelled."""
    frames, labels = beat()
    wide = [cv2.resize(one, None, fx=1, fy=2, interpolation=cv2.INTER_NEAREST) for one in (*frames, *labels)]
    frames, labels = np.stack(wide[:FRAMES]), np.stack(wide[FRAMES:])
    for number in range(patients):
        name = f"patient{number + 1:04}"
        testing = number == patients - 1
        place = folder / ("testing" if testing else "training") / name
        place.mkdir(parents=True)
        for what, values in (("sequence", frames), ("ED", frames[0][None]), ("ES", frames[-1][None])):
            _write(place / f"{name}_4CH_{what}.mhd", values, (0.4, 0.8))
        if not testing:
            for what, values in (("ED_gt", labels[0][None]), ("ES_gt", labels[-1][None])):
                _write(place / f"{name}_4CH_{what}.mhd", values, (0.4, 0.8))
        (place / "Info_4CH.cfg").write_text(f"ED: 1\nES: {FRAMES}\nNbFrame: {FRAMES}\nImageQuality: Good\n")
    return folder


def write_echonet(folder: Path, videos=3, side=112) -> Path:
    """Videos/*.avi with a cavity that shrinks, FileList.csv and VolumeTracings.csv."""
    (folder / "Videos").mkdir(parents=True)
    with (
        (folder / "FileList.csv").open("w", newline="") as listed,
        (folder / "VolumeTracings.csv").open("w", newline="") as traced,
    ):
        files, traces = csv.writer(listed), csv.writer(traced)
        files.writerow(["FileName", "EF", "ESV", "EDV", "FrameHeight", "FrameWidth", "FPS", "NumberOfFrames", "Split"])
        traces.writerow(["FileName", "X1", "Y1", "X2", "Y2", "Frame"])
        for number, split in zip(range(videos), ("TRAIN", "VAL", "TEST"), strict=False):
            name = f"0X{number + 1:X}A"
            files.writerow([name, 55, 40, 90, side, side, 50, 20, split])
            out = cv2.VideoWriter(
                str(folder / "Videos" / f"{name}.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 50, (side, side)
            )
            for _ in range(20):
                image, _ = drawn(number, side, side)
                out.write(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
            out.release()
            for frame, half in ((4, 20.0), (12, 12.0)):
                traces.writerow([f"{name}.avi", 56, 20, 56, 80, frame])
                for y in range(20, 82, 3):
                    wide = half * np.sqrt(max(0.0, 1 - ((y - 50) / 32) ** 2))
                    traces.writerow([f"{name}.avi", 56 - wide, y, 56 + wide, y, frame])
    return folder
