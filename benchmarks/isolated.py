"""What it costs to decode in processes of their own: `python benchmarks/isolated.py [--pairs N]`.

Off screen, one colour loop of 1016 x 708 pixels with contours on every frame, in one window. The first round decodes
and paints each frame, with nothing held from before; the two after it find frames decoded. By turns with decoders
here and there, in the order here, there, there, here: the first round, three rounds, and decoding alone, without
window. Processor time of all threads of this process and of the decoders together: what the second core does in the
meantime counts as well. Of each: the median over pairs of neighbours, its 95 % interval (bootstrap), and the share of
the same work with decoders here. Decoders are started before, and their start is not counted.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
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

tiles.FRAMES = 30


def used_s(processes: tuple[int, ...]) -> float:
    """Processor time of this process and of the decoders."""
    used = time.process_time()
    for pid in processes:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            used += int((thread / "schedstat").read_text().split()[0]) / 1e9
    return used


def opened(app: QApplication, streams: list[bytes]) -> MainWindow:
    """A window with the loop, contoured, that plays when it is told each frame."""
    cine = tiles.loop(0, FrameCache())
    streams += [cv2.imencode(".jpg", cine.frames[one])[1].tobytes() for one in range(tiles.FRAMES)]
    frames = CachedFrames(lambda one: codecs.decode_image("jpeg8", streams[one]), cine.frames.shape, FrameCache())
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
    window.player.play()
    window.player._timer.stop()
    return window


def play(app: QApplication, window: MainWindow, rounds: int) -> None:
    """From the first round on: no frame is decoded, no picture drawn."""
    frames = window.workspace.cine.frames
    frames._cache._forget_all(frames._token)
    window.image._forget()
    for one in (*range(tiles.FRAMES),) * rounds:
        window.player._show(one)
        while window.reading.board.busy:
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)
        app.processEvents()
    while any(not one.done() for one in window.reading.board.ahead._pending.values()):
        time.sleep(0.001)


def decode(streams: list[bytes]) -> None:
    """All frames, and nothing else; held, as the cache does."""
    held = [codecs.decode_image("jpeg8", one) for one in streams]
    del held


def compare(what: str, work: Callable[[], None], decoders: isolated.Decoders, pairs: int, rounds: int = 1) -> None:
    """Run `work`, so many rounds, with decoders here and there by turns, and print what it costs."""
    took: dict[bool, list[float]] = {False: [], True: []}
    for number in range(-1, pairs):
        for there in (False, True) if number % 2 else (True, False):
            isolated._decoders = decoders if there else None
            began = used_s(decoders.processes)
            work()
            if number >= 0:  # the first pair warms up
                took[there].append(1000 * (used_s(decoders.processes) - began) / tiles.FRAMES / rounds)
    more = np.subtract(took[True], took[False])
    drawn = np.median(np.random.default_rng(0).choice(more, (2000, len(more))), axis=1)
    here, (low, high) = statistics.median(took[False]), np.quantile(drawn, (0.025, 0.975))
    print(
        f"{what}: here {here:.2f}, there {statistics.median(took[True]):.2f} ms a frame; "
        f"more {np.median(more):+.2f} ({low:+.2f} to {high:+.2f}), "
        f"{100 * np.median(more) / here:+.1f} % ({100 * low / here:+.1f} to {100 * high / here:+.1f}); {pairs} pairs"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=40)
    pairs = parser.parse_args().pairs
    app = application()
    cv2.setNumThreads(1)
    decoders = isolated.Decoders()
    isolated._decoders = decoders
    stream = cv2.imencode(".jpg", np.zeros((16, 16), np.uint8))[1].tobytes()
    while len(decoders.processes) < isolated.WORKERS:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(partial(codecs.decode_image, "jpeg8"), [stream] * 100))
    streams: list[bytes] = []
    window = opened(app, streams)
    try:
        compare("first round of playing", partial(play, app, window, 1), decoders, pairs)
        compare("three rounds of playing", partial(play, app, window, 3), decoders, pairs, 3)
        compare("decoding alone", partial(decode, streams), decoders, pairs)
    finally:
        window.player.pause()
        window.close()
        window.deleteLater()
        app.processEvents()
        isolated.end()


if __name__ == "__main__":
    main()
