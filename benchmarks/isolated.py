"""What it costs to decode in a process of its own: `python benchmarks/isolated.py`.

Off screen, one colour loop of 1016 x 708 with contours on every frame. Each frame is decoded and painted, as in the
first round of playing; later rounds find frames in the cache. Processor time of this process and of the decoders
together, alternately with decoders here and there; then the wall time from the first request until pixels are here,
with the start of the process, and the bare decoding.
"""

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cv2
import numpy as np
import tiles
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.track import Origin, Structure
from kinecor.io.files import codecs, isolated
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.session.edits import SetEvents, SetTrack, Several
from kinecor.ui.app.application import application
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.settings import Settings

REPEATS = 3
tiles.FRAMES = 30


def used_s() -> float:
    """Processor time of this process and of the decoders."""
    used = time.process_time()
    for pid in isolated._decoders.processes if isolated._decoders else ():
        for thread in Path(f"/proc/{pid}/task").iterdir():
            used += int((thread / "schedstat").read_text().split()[0]) / 1e9
    return used


def round_s(app: QApplication, number: int) -> tuple[float, float, float]:
    """Processor time a frame, in ms: of decoding alone, of the first round and of the second."""
    cine = tiles.loop(number % 4, FrameCache())
    streams = [cv2.imencode(".jpg", cine.frames[one])[1].tobytes() for one in range(tiles.FRAMES)]
    frames = CachedFrames(lambda one: codecs.decoded("jpeg8", streams[one]), cine.frames.shape, FrameCache())
    codecs.decoded("jpeg8", streams[0])
    began = used_s()
    held = [codecs.decoded("jpeg8", one) for one in streams]
    bare = used_s() - began
    del held
    object.__setattr__(cine, "frames", frames)
    window = MainWindow(Settings(reader="bench"))
    window.analysing.consider = window.analysing.consider_study = lambda: None
    window.resize(1440, 900)
    window.show()
    window.workspace.open((cine,))
    window.player.pause()
    parts = ((Structure.LV_ENDO, 180, 300), (Structure.LV_EPI, 215, 300), (Structure.LA, 90, 560))
    edits = [SetTrack(tiles.track(one, cine, radius, y)) for one, radius, y in parts]
    window.workspace.do(
        Several("bench", (*edits, SetEvents(CardiacEvents((Beat(0, 20),), Origin.MODEL)))), actor="model:bench@1"
    )
    while window.busy or window.analysing._looks.keys:  # the image checks decode every frame, too
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)
    frames._cache.release(frames._token)
    window.player.play()
    window.player._timer.stop()
    rounds = []
    for _ in range(2):
        began = used_s()
        for one in range(tiles.FRAMES):
            window.player._show(one)
            while window.reading.board.busy:
                app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)
            app.processEvents()
        rounds.append(used_s() - began)
    window.player.pause()
    window.close()
    window.deleteLater()
    app.processEvents()
    return tuple(1000 * one / tiles.FRAMES for one in (bare, *rounds))


def main() -> None:
    app = application()
    cv2.setNumThreads(1)
    took = {False: [], True: []}
    for number in range(2 * REPEATS):
        there = bool(number % 2)
        if there:
            began = time.perf_counter()
            isolated.isolate()
            image = np.zeros((16, 16), np.uint8)
            stream = cv2.imencode(".jpg", image)[1].tobytes()
            codecs.decoded("jpeg8", stream)
            print(f"first frame with the start of its process: {time.perf_counter() - began:.2f} s on the wall")
            while len(isolated.isolate().processes) < isolated.WORKERS:  # their start is not part of playing
                with ThreadPoolExecutor(4) as pool:
                    list(pool.map(partial(codecs.decoded, "jpeg8"), [stream] * 100))
        took[there].append(round_s(app, number))
        isolated.end()
    for which, words in enumerate(("decoding alone", "first round", "second round")):
        here, there = ([one[which] for one in took[place]] for place in (False, True))
        more = [b - a for a, b in zip(here, there, strict=True)]
        print(
            f"{words}: here {statistics.median(here):.1f}, there {statistics.median(there):.1f} ms a frame; "
            f"more {statistics.median(more):+.1f} ({min(more):+.1f} to {max(more):+.1f}), "
            f"{100 * statistics.median(more) / statistics.median(here):+.0f} %"
        )


if __name__ == "__main__":
    main()
