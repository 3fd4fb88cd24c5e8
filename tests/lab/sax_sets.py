"""Tiny short-axis data sets on disk in the layouts of the ACDC and Sunnybrook PNG folders, drawn, not recorded."""

import csv
from pathlib import Path

import cv2
import numpy as np

BACKGROUND, RV, MYOCARDIUM, CAVITY = 0, 1, 2, 3


def drawn_slice(
    seed: int, high: int = 120, wide: int = 100, *, empty: bool = False, centre: tuple[int, int] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """A bright cavity in a dark wall next to a bright crescent, fat around; and its label in ACDC's values."""
    rng = np.random.default_rng(seed)
    label = np.zeros((high, wide), np.uint8)
    x, y = centre or (wide // 2 + int(rng.integers(-5, 6)), high // 2 + int(rng.integers(-5, 6)))
    inner = int(rng.integers(9, 14))
    if not empty:
        cv2.ellipse(label, (x - inner - 6, y), (inner + 2, inner + 7), 0, 0, 360, (RV,), -1)
        cv2.circle(label, (x, y), inner + 6, (MYOCARDIUM,), -1)
        cv2.circle(label, (x, y), inner, (CAVITY,), -1)
    grey = np.choose(label, (30, 150, 60, 170)).astype(float)
    grey[:6], grey[-6:] = 230, 110
    image = cv2.GaussianBlur(grey + rng.normal(0, 6, grey.shape), (0, 0), 0.8)
    return image.clip(0, 255).astype(np.uint8), label


def write_acdc(folder: Path, patients: int = 4, slices: int = 3) -> Path:
    """Writes images/, labels/ and index.csv; the last slice of every volume is unlabelled."""
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    with (folder / "index.csv").open("w", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["patient", "phase", "slice"])
        for patient in range(patients):
            for phase in ("ED", "ES"):
                for number in range(slices):
                    seed = 100 * patient + 10 * number + (phase == "ES")
                    image, label = drawn_slice(seed, empty=number == slices - 1)
                    name = f"p{patient}_{phase}_s{number:02d}.png"
                    cv2.imwrite(str(folder / "images" / name), image)
                    cv2.imwrite(str(folder / "labels" / name), label)
                    lines.writerow([f"p{patient}", phase, number])
    return folder


def write_scd(folder: Path, patients: int = 2) -> Path:
    """Writes images/, endo_masks/, epi_contours/ and index.csv; the epicardium is drawn at ED only."""
    for name in ("images", "endo_masks", "epi_contours"):
        (folder / name).mkdir(parents=True)
    with (folder / "index.csv").open("w", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["patient", "phase", "instance", "image", "endo_mask", "epi_contour"])
        for patient in range(patients):
            for instance, phase in ((1, "ED"), (9, "ES"), (21, "ED")):
                image, label = drawn_slice(1000 * patient + instance, 128, 128)
                name, epi = f"q{patient}_{instance:04d}", ""
                cv2.imwrite(str(folder / "images" / f"{name}.png"), image)
                cv2.imwrite(str(folder / "endo_masks" / f"{name}.png"), (label == CAVITY).astype(np.uint8) * 255)
                if phase == "ED":
                    epi = f"epi_contours/{name}.txt"
                    whole = np.isin(label, (CAVITY, MYOCARDIUM)).astype(np.uint8)
                    line = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0][:, 0]
                    np.savetxt(folder / epi, line, fmt="%.2f")
                lines.writerow(
                    [f"q{patient}", phase, instance, f"images/{name}.png", f"endo_masks/{name}.png", epi],
                )
    return folder


def write_york(folder: Path, patient: int = 2) -> Path:
    """Writes images/, labels/ and frames.csv: three slices of four frames, the first slice unlabelled."""
    rows = ["name,patient,slice,frame,labelled,cavity_px,myocardium_px"]
    for name in ("images", "labels"):
        (folder / name).mkdir()
    for number in range(3):
        for frame in range(1, 5):
            name, given = f"p{patient:02d}_z{number:02d}_t{frame:02d}", number > 0
            cv2.imwrite(str(folder / "images" / f"{name}.png"), np.full((16, 16), 10 * number + frame, np.uint8))
            if given:
                label = np.zeros((16, 16), np.uint8)
                label[4 : 12 - frame, 4:12] = 1
                cv2.imwrite(str(folder / "labels" / f"{name}.png"), label)
            rows.append(f"{name},{patient},{number},{frame},{int(given)},9,9")
    (folder / "frames.csv").write_text("\n".join(rows))
    return folder


def write_dsb(folder: Path, patients: tuple[int, ...] = (1, 2), gap_mm: float = 10.0) -> Path:
    """Writes images/, labels/, frames.csv and patients.csv: four slices at ED and near ES, the first without a cavity.

    The third place was acquired twice, and between the third and the fourth a slice is missing.
    """
    frames = ["file,patient,phase,phase_name,slice_location_mm,repeat,lv_area_mm2"]
    facts = ["patient,edv_truth_ml,esv_truth_ml,slice_gap_mm,age"]
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    for patient in patients:
        facts.append(f"{patient},{100 + patient}.5,{40 + patient},{gap_mm},30")
        for phase in (1, 12):
            for place, at_mm, repeat in ((0, -20, 1), (1, -10, 1), (2, 0, 1), (2, 1, 2), (3, 20, 1)):
                seed = 1000 * patient + 100 * phase + 10 * place + repeat
                image, label = drawn_slice(seed, 130, 130, empty=place == 0)
                cavity = (label == CAVITY).astype(np.uint8) * 255
                name = f"p{patient:04d}_{phase:02d}_{10000 + at_mm}_{repeat}"
                cv2.imwrite(str(folder / "images" / f"{name}.webp"), image)
                cv2.imwrite(str(folder / "labels" / f"{name}.png"), cavity)
                # Rows come in no order.
                frames.insert(1, f"{name},{patient},{phase},x,{at_mm},{repeat},{int((cavity > 0).sum())}")
    (folder / "frames.csv").write_text("\n".join(frames))
    (folder / "patients.csv").write_text("\n".join(facts))
    return folder


def write_dsb_long(folder: Path, patients: tuple[int, ...] = (1, 2)) -> Path:
    """Writes images/, labels/ and frames.csv of four-chamber long axes: two frames a patient, the second the larger."""
    lines = ["file,patient,instance,lv_pixels,edv_truth_ml,esv_truth_ml,sex,age"]
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    for patient in patients:
        for instance, half in ((3, (20, 10)), (9, (24, 14))):
            label = np.zeros((120, 120), np.uint8)
            cv2.ellipse(label, (60 + patient, 58), half, 40, 0, 360, (255,), -1)
            grey = np.where(label > 0, 180, 60) + np.random.default_rng(patient + instance).normal(0, 8, label.shape)
            name = f"p{patient:04d}_{instance:04d}"
            cv2.imwrite(str(folder / "images" / f"{name}.jpg"), grey.clip(0, 255).astype(np.uint8))
            cv2.imwrite(str(folder / "labels" / f"{name}.png"), label)
            lines.append(f"{name},{patient},{instance},{int((label > 0).sum())},120,50,F,40")
    (folder / "frames.csv").write_text("\n".join(lines))
    return folder
