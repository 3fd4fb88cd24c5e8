"""A tiny data set on disk in the layout of the CAMUS PNG folder, drawn, not recorded."""

import csv
from pathlib import Path

import cv2
import numpy as np

from kinecor_lab.datasets.camus_resized import COLUMNS


def drawn(seed: int, high: int = 120, wide: int = 150) -> tuple[np.ndarray, np.ndarray]:
    """A speckled sector with a dark ventricle in a brighter wall and an atrium below, and its label."""
    rng = np.random.default_rng(seed)
    label = np.zeros((high, wide), np.uint8)
    x, y = wide // 2 + int(rng.integers(-6, 7)), 50 + int(rng.integers(-4, 5))
    a, b = 13 + int(rng.integers(0, 5)), 30 + int(rng.integers(0, 6))
    cv2.ellipse(label, (x, y), (a + 7, b + 7), 0, 0, 360, (2,), -1)
    cv2.ellipse(label, (x, y), (a, b), 0, 0, 360, (1,), -1)
    label[y + 22 :] = 0
    cv2.ellipse(label, (x, y + 32), (a - 2, 10), 0, 0, 360, (3,), -1)
    echo = np.choose(label, (60, 25, 120, 25)).astype(float)
    rows, columns = np.mgrid[0:high, 0:wide]
    sector = abs(np.arctan2(columns - wide / 2, rows + 8)) < 0.62
    return (rng.rayleigh(echo / 1.25) * sector).clip(0, 255).astype(np.uint8), label * sector.astype(np.uint8)


def write_camus(folder: Path, patients: int = 6) -> Path:
    """Writes images/, labels/ and index.csv; every third patient is of split "valid"."""
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    with (folder / "index.csv").open("w", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["patient", "view", "phase", "split", "spacing_mm"])
        for number in range(patients):
            for phase in ("ED", "ES"):
                image, label = drawn(2 * number + (phase == "ES"))
                name = f"p{number}_4CH_{phase}.png"
                cv2.imwrite(str(folder / "images" / name), image)
                cv2.imwrite(str(folder / "labels" / name), label)
                lines.writerow([f"p{number}", "A4C", phase, "valid" if number % 3 == 2 else "train", 0.9])
    return folder


def write_resized_camus(folder: Path, patients: int = 6, side: int = 64, agreement: float = 1.0) -> Path:
    """The same two-chamber, resized to squares, with frames.csv; patients are of the same splits."""
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    with (folder / "frames.csv").open("w", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(COLUMNS)
        for number in range(patients):
            for phase in ("ED", "ES"):
                image, label = drawn(1000 + 2 * number + (phase == "ES"))
                name = f"p{number}_2CH_{phase}.png"
                cv2.imwrite(str(folder / "images" / name), cv2.resize(image, (side, side)))
                small = cv2.resize(label, (side, side), interpolation=cv2.INTER_NEAREST)
                cv2.imwrite(str(folder / "labels" / name), small)
                split, quality = "valid" if number % 3 == 2 else "train", "Poor" if number % 2 else "Good"
                lines.writerow([f"p{number}", "A2C", phase, split, 1.2, 1.5, agreement, quality])
    return folder
