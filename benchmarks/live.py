"""Live contours: what a frame costs by side of the network, and LV Dice on CAMUS valid where it is to be had.

    python benchmarks/live.py CLIP [--seconds 0]

First, with --seconds, from end to end: the clip is replayed at its own rate, over and over, so long without a window
and as long with one; latency is the time from a frame's arrival to its contours, and to the end of painting them.
`kinecor phantom a4c --frame-rate 30 --out FOLDER` makes a clip of 30 frames a second.
"""

import argparse
import csv
import os
import time
from pathlib import Path

import cv2
import numpy as np

from kinecor.analysis.live import INTERVAL_S, LiveSession
from kinecor.analysis.live import SIDES as IN_USE
from kinecor.io.open.live import open_live as open_source
from kinecor.io.open.recordings import open_path
from kinecor.ui.app.application import application
from kinecor.ui.live.window import LiveWindow
from kinecor_models.contours.apical import open_live
from kinecor_models.contours.sequence import open_sequence
from kinecor_models.contract import ClipInput, fit_grid
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


def percentiles(latencies_s):
    """Median, 95 and 99 %, and the most, in ms."""
    middle, high, higher, most = 1000 * np.percentile(latencies_s, (50, 95, 99, 100))
    return f"{middle:.1f} ms (95 %: {high:.1f}, 99 %: {higher:.1f}, most {most:.1f})"


def contoured(session, frames, app):
    """Wait for the session, and say what became of its frames."""
    began_s = time.process_time(), time.perf_counter()
    while frames["until_s"] > time.monotonic() and not session.ended:
        if app is None:
            time.sleep(0.05)
        else:
            app.processEvents()
            time.sleep(0.001)
    used = (time.process_time() - began_s[0]) / (time.perf_counter() - began_s[1])
    session.close()
    done = frames["done"]
    late = sum(one.latency_s > frames["interval_s"] for one in done)
    print(
        f"{'contours alone' if app is None else 'with a window'}: {len(done)} frames contoured, {done[-1].passed_over} "
        f"passed over, network of {done[-1].side} px; contours after {percentiles([one.latency_s for one in done])}, "
        f"{late} after more than {1000 * frames['interval_s']:.0f} ms; {100 * used:.0f} % of a core; "
        f"load {os.getloadavg()[0]:.1f}"
    )


def end_to_end(clip, interval_s, seconds):
    """Replay a clip without a window, then with one."""
    for windowed in (False, True):
        frames = {"done": [], "until_s": time.monotonic() + seconds, "interval_s": interval_s}
        at_s = {}

        def each(frame, frames=frames, at_s=at_s):
            frames["done"].append(frame)
            at_s[frame.number] = time.monotonic() - frame.latency_s

        def begin(each=each):
            return LiveSession(open_source(str(clip), loop=True), "cpu", each)

        if not windowed:
            contoured(begin(), frames, None)
            continue
        app, painted = application(), []
        window = LiveWindow(begin, clip.name)
        paint = window.view.paintEvent

        def painting(event, window=window, paint=paint, painted=painted, at_s=at_s):
            paint(event)
            if window.view._frame is not None and (arrived_s := at_s.pop(window.view._frame.number, None)) is not None:
                painted.append(time.monotonic() - arrived_s)

        window.view.paintEvent = painting
        window.show()
        contoured(window.session, frames, app)
        window.close()
        late = sum(one > interval_s for one in painted)
        print(f"  {len(painted)} frames painted, after {percentiles(painted)}, {late} after more than an interval")


def dice(root, side):
    """Mean, standard deviation and number of LV Dice of single images."""
    rows = [row for row in csv.DictReader((root / "index.csv").open()) if row["split"] == "valid"]
    model, found = open_live("lv-apical", side, "cpu"), []
    for row in rows:
        name = f"{row['patient']}_4CH_{row['phase']}.png"
        image, label = (cv2.imread(str(root / kind / name), 0) for kind in ("images", "labels"))
        grid = fit_grid(sector_box(ClipInput([image])), side)
        line = model.live(grid, INTERVAL_S)(image).contours["lv_endo"]
        mask = np.zeros(label.shape, np.uint8)
        if line is not None:
            cv2.fillPoly(mask, [np.round(grid.to_image(line) * 16).astype(np.int32)], 1, shift=4)
        truth = label == 1
        found.append(2 * (truth & (mask > 0)).sum() / (truth.sum() + mask.sum()))
    return np.mean(found), np.std(found), len(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--seconds", type=float, default=0.0)
    chosen = parser.parse_args()
    (recording, *_) = open_path(chosen.clip).recordings
    cine = recording.cines[0]
    if chosen.seconds:
        end_to_end(chosen.clip, float(np.median(np.diff(cine.times_s))), chosen.seconds)
    frames = [np.asarray(cine.frames[number]) for number in range(len(cine))]
    box = sector_box(ClipInput(frames))
    for side in SIDES:
        timed(
            f"lv-apical, {side} px", open_live("lv-apical", side, "cpu").live(fit_grid(box, side), INTERVAL_S), frames
        )
    model = open_sequence("lv-convlstm", "cpu")
    timed(f"lv-convlstm, {model.card.size} px", model.live(fit_grid(box, model.card.size), "A4C"), frames)
    data = os.environ.get("KINECOR_TEST_DATA")
    if data:
        for side in SIDES:
            mean, sd, count = dice(Path(data) / "camus-a4c", side)
            print(f"lv-apical, {side} px: LV Dice {mean:.3f} +- {sd:.3f}, n {count}")


if __name__ == "__main__":
    main()
