"""Updates a second of four tiles in phase, and the time to switch layouts: `python benchmarks/tiles.py`.

Off screen, 1440 x 900, four colour loops of 1016 x 708 at 60 frames a second with three contours of 96 points on every
frame. The loops are JPEG in memory and go through the cache of decoded frames, as a DICOM file does: the first round
decodes ahead on workers, the later ones find every frame. First the processor time of an update (all tiles and the
timeline painted), which other programs change less; then play in real time: an update is from the tick of the clock
to all painted, a dropped one is a frame that was due and never painted. The GUI thread does nothing else. From the
second round on a playing tile is one copy of an image held with its contours; at rest it is painted from its parts.
"""

import os
import tempfile
import time

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["KINECOR_DATA_DIR"] = tempfile.mkdtemp(prefix="kinecor-bench-")

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.recording import CineSequence, Source
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.session.edits import SetEvents, SetTrack, Several
from kinecor.ui.app.application import application
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.settings import Settings
from kinecor.ui.style.plot_host import load_plots
from kinecor.ui.tiles.layouts import Layout

ROWS, COLUMNS, POINTS, RATE, FRAMES, ROUNDS = 708, 1016, 96, 60.0, 60, 5
VIEWS = ("A4C", "A2C", "A3C", "PLAX")


def loop(number: int, cache: FrameCache) -> CineSequence:
    """A loop of noise with a moving disk, compressed."""
    rng = np.random.default_rng(number)
    ground = cv2.GaussianBlur(rng.integers(0, 160, (ROWS, COLUMNS, 3)).astype(np.uint8), (0, 0), 1.5)
    coded = []
    for frame in range(FRAMES):
        image = ground.copy()
        cv2.circle(image, (500, 350), int(150 + 40 * np.cos(2 * np.pi * frame / FRAMES)), (30, 20, 60), -1)
        coded.append(cv2.imencode(".jpg", image)[1])

    def decoded(frame: int) -> np.ndarray:
        return np.ascontiguousarray(cv2.imdecode(coded[frame], cv2.IMREAD_COLOR))

    frames = CachedFrames(decoded, (FRAMES, ROWS, COLUMNS, 3), cache)
    source = Source(f"clip{number}.dcm", f"bench-{number}", "bench", "US")
    times_s = np.arange(FRAMES) / RATE
    return CineSequence(frames, times_s, "FrameTime", Calibration(0.2, 0.2, "bench"), source, view=VIEWS[number])


def track(structure: Structure, cine: CineSequence, radius: float, y: float) -> ContourTrack:
    angle = np.deg2rad(110) + np.linspace(0, np.deg2rad(320), POINTS)
    beat = 1 - 0.2 * np.sin(np.pi * cine.times_s) ** 2
    contours = [
        Contour(np.stack([500 + 0.6 * radius * b * np.cos(angle), y + radius * b * np.sin(angle)], axis=1))
        for b in beat
    ]
    count = len(cine)
    return ContourTrack(structure, tuple(contours), (Origin.MODEL,) * count, np.full(count, 0.9))


def main() -> None:
    app = application()
    cv2.setNumThreads(1)
    cache = FrameCache()
    clips = tuple(loop(number, cache) for number in range(4))
    window = MainWindow(Settings(reader="bench"))
    window.analysing.consider = window.analysing.consider_study = lambda: None
    window.resize(1440, 900)
    window.show()
    window.workspace.open(clips)
    window.player.pause()
    for number, cine in enumerate(clips):
        tracks = (
            track(Structure.LV_ENDO, cine, 180, 300),
            track(Structure.LV_EPI, cine, 215, 300),
            track(Structure.LA, cine, 90, 560),
        )
        events = SetEvents(CardiacEvents((Beat(0, 20 + number),), Origin.MODEL))
        edit = Several("bench", (*(SetTrack(one) for one in tracks), events))
        window.workspace.do(edit, actor="model:bench@1", recording=cine)
    board = window.reading.board
    board.set_layout(Layout.FOUR)
    app.processEvents()
    load_plots()
    window.reading.make_plots()
    app.processEvents()
    painted = Painted(board.image)
    updates = [
        updated(app, painted, lambda frame=frame: window.player.seek(frame)) for frame in [*range(1, FRAMES), 0] * 4
    ]
    report_times("update, frames decoded", updates[FRAMES:])
    window.player.play()
    window.player._timer.stop()  # every frame is shown in turn, however long it takes
    player = window.player
    updates = [updated(app, painted, lambda frame=frame: player._show(frame)) for frame in [*range(1, FRAMES), 0] * 4]
    report_times("playing, from the second round on", updates[FRAMES:])
    window.player.pause()
    window.reading.timeline.hide()
    app.processEvents()
    updates = [
        updated(app, painted, lambda frame=frame: window.player.seek(frame)) for frame in [*range(1, FRAMES), 0] * 4
    ]
    report_times("without the timeline", updates[FRAMES:])
    window.reading.timeline.show()
    app.processEvents()
    for round_ in range(1, ROUNDS + 1):
        wall_ms, used_ms, dropped = played(window)
        report(f"round {round_}", wall_ms, dropped)
        report_times(f"round {round_}", used_ms)
    print(f"decoded frames held: {cache.held_bytes / 2**20:.0f} MiB of at most {cache.limit_bytes / 2**20:.0f} MiB")
    window.player.pause()
    layouts = [Layout.ONE, Layout.FOUR, Layout.TWO, Layout.SIX, Layout.THREE] * 8
    report_times("switch of layout", [timed(app, lambda one=one: board.set_layout(one)) for one in layouts])
    board.set_layout(Layout.FOUR)
    report_times(
        "focus to another tile", [timed(app, lambda at=at: board.show_recording(at % 4)) for at in range(1, 33)]
    )
    window.close()
    app.processEvents()


def played(window) -> tuple[list[float], list[float], int]:
    """One loop in real time: from each tick to all painted, and processor time of that, in ms; frames not painted."""
    player, paints = window.player, Paints(window)
    player.seek(0)
    player._timer.timeout.connect(paints.tick)
    player.play()
    loop, end = QEventLoop(), QTimer(singleShot=True, timerType=Qt.TimerType.PreciseTimer)
    end.timeout.connect(loop.quit)
    end.start(int(1000 * FRAMES / RATE))
    loop.exec()
    player.pause()
    player._timer.timeout.disconnect(paints.tick)
    window.removeEventFilter(paints)
    return paints.took_ms, paints.used_ms, FRAMES - len(paints.frames | {0})


class Paints(QObject):
    """The frames that a window painted, and how long after the tick of the clock that was done."""

    def __init__(self, window) -> None:
        super().__init__()
        self._window, self._ticked_s, self._used_s = window, None, 0.0
        self.frames: set[int] = set()
        self.took_ms: list[float] = []
        self.used_ms: list[float] = []
        window.installEventFilter(self)

    def tick(self) -> None:
        self._ticked_s, self._used_s = time.perf_counter(), time.thread_time()

    def eventFilter(self, _, event) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.UpdateRequest:  # paints all that has changed
            self.frames.add(self._window.player.frame)
            QTimer.singleShot(0, self._painted)
        return False

    def _painted(self) -> None:
        if self._ticked_s is not None:
            self.took_ms.append(1000 * (time.perf_counter() - self._ticked_s))
            self.used_ms.append(1000 * (time.thread_time() - self._used_s))
            self._ticked_s = None


def report(what: str, took_ms: list[float], dropped: int) -> None:
    middle, high = np.percentile(took_ms, (50, 95))
    print(
        f"{what}: {len(took_ms)} updates in {FRAMES / RATE:.1f} s, {dropped} dropped, p50 {middle:.1f} ms, "
        f"p95 {high:.1f} ms"
    )


class Painted(QObject):
    """Whether a tile was painted; all that changed are painted together."""

    def __init__(self, tile) -> None:
        super().__init__()
        self.seen = False
        tile.installEventFilter(self)

    def eventFilter(self, _, event) -> bool:  # noqa: N802
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False


def updated(app, painted: Painted, work) -> float:
    """Processor time in ms until the tiles are painted."""
    painted.seen = False
    began_s = time.thread_time()
    work()
    while not painted.seen:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    return 1000 * (time.thread_time() - began_s)


def timed(app, work) -> float:
    began_s = time.thread_time()
    work()
    app.processEvents()
    return 1000 * (time.thread_time() - began_s)


def report_times(what: str, took_ms: list[float]) -> None:
    middle, high = np.percentile(took_ms, (50, 95))
    print(f"{what}: processor p50 {middle:.1f} ms, p95 {high:.1f} ms, worst {max(took_ms):.1f} ms, n {len(took_ms)}")


if __name__ == "__main__":
    main()
