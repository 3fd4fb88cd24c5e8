"""Live contours: processor time a frame by side of the network, and LV Dice on CAMUS valid where it is to be had.

python benchmarks/live.py CLIP
"""

import csv
import os
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from kinecor.analysis.live import INTERVAL_S
from kinecor.analysis.live import SIDES as IN_USE
from kinecor.io.open.recordings import open_path
from kinecor_models.contours.apical import open_live
from kinecor_models.contours.sequence import open_sequence
from kinecor_models.contract import ClipInput, fitted
from kinecor_models.localisation.framing import sector_box

SIDES = (*IN_USE, 96)


def timed(name, step, frames):
    for frame in frames[:3]:
        step(frame)
    found = []
    for frame in frames:
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        step(frame)
        found.append((time.process_time() - cpu_s, time.perf_counter() - wall_s))
    cpu, wall = 1000 * np.array(found).T
    print(
        f"{name}: n {len(cpu)}, processor {np.median(cpu):.0f} ms (95 %: {np.percentile(cpu, 95):.0f}), "
        f"wall {np.median(wall):.0f} ms (95 %: {np.percentile(wall, 95):.0f}); load {os.getloadavg()[0]:.1f}"
    )


def dice(root, side):
    """Mean, standard deviation and number of LV Dice of single images."""
    rows = [row for row in csv.DictReader((root / "index.csv").open()) if row["split"] == "valid"]
    model, found = open_live("lv-apical", side, "cpu"), []
    for row in rows:
        name = f"{row['patient']}_4CH_{row['phase']}.png"
        image, label = (cv2.imread(str(root / kind / name), 0) for kind in ("images", "labels"))
        grid = fitted(sector_box(ClipInput([image])), side)
        line = model.live(grid, INTERVAL_S)(image).contours["lv_endo"]
        mask = np.zeros(label.shape, np.uint8)
        if line is not None:
            cv2.fillPoly(mask, [np.round(grid.to_image(line) * 16).astype(np.int32)], 1, shift=4)
        truth = label == 1
        found.append(2 * (truth & (mask > 0)).sum() / (truth.sum() + mask.sum()))
    return np.mean(found), np.std(found), len(found)


def main():
    (recording, *_) = open_path(sys.argv[1]).recordings
    cine = recording.cines[0]
    frames = [np.asarray(cine.frames[number]) for number in range(len(cine))]
    box = sector_box(ClipInput(frames))
    for side in SIDES:
        timed(f"lv-apical, {side} px", open_live("lv-apical", side, "cpu").live(fitted(box, side), INTERVAL_S), frames)
    model = open_sequence("lv-convlstm", "cpu")
    timed(f"lv-convlstm, {model.card.size} px", model.live(fitted(box, model.card.size), "A4C"), frames)
    data = os.environ.get("KINECOR_TEST_DATA")
    if data:
        for side in SIDES:
            mean, sd, count = dice(Path(data) / "camus-a4c", side)
            print(f"lv-apical, {side} px: LV Dice {mean:.3f} +- {sd:.3f}, n {count}")


if __name__ == "__main__":
    main()
