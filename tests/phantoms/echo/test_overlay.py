from collections.abc import Callable

import numpy as np

from kinecor_phantoms.echo.overlay import ECG_SHARE, Overlay
from kinecor_phantoms.scanner.look import Look
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.screen import Screen

PROBE = Probe()
TIMES = np.arange(60) / 50


def drawn(look: Look, frame: int = 0, size: int = 256, seed: int = 0, *, beat: bool = True) -> np.ndarray:
    screen = Screen.fitted(PROBE, size, size)
    heartbeat = (lambda time: time * 1.2 % 1) if beat else None
    image = np.zeros((size, size), np.uint8)
    Overlay(screen, PROBE, look, TIMES, heartbeat, np.random.default_rng(seed)).draw(image, frame)
    return image


def test_nothing_requested_nothing_drawn() -> None:
    assert not drawn(Look()).any()


def test_each_graphic_has_its_place() -> None:
    assert drawn(Look(text=True))[:60, :60].any()
    assert drawn(Look(bar=True))[:90, 240:].any()
    assert drawn(Look(ticks=True))[:, 128:].any()
    trace = drawn(Look(ecg=True))
    assert trace[222:].any()
    assert not trace[:220].any()


def test_the_marker_moves_with_time() -> None:
    for seed in range(4):
        assert not np.array_equal(drawn(Look(ecg=True), 5, seed=seed), drawn(Look(ecg=True), 40, seed=seed))


def test_without_a_heartbeat_there_is_no_trace() -> None:
    assert not drawn(Look(ecg=True), beat=False).any()


def test_the_image_stays_where_nothing_is_drawn() -> None:
    screen = Screen.fitted(PROBE, 256, 256)
    image = np.full((256, 256), 9, np.uint8)
    look = Look(text=True, ticks=True, bar=True)
    Overlay(screen, PROBE, look, TIMES, None, np.random.default_rng(0)).draw(image, 0)
    assert (image == 9).mean() > 0.9


def test_small_and_odd_images_hold_it() -> None:
    look = Look(text=True, ticks=True, bar=True, ecg=True)
    for rows, columns in ((64, 64), (97, 131), (300, 120)):
        image = np.zeros((rows, columns), np.uint8)
        screen = Screen.fitted(PROBE, rows, columns)
        Overlay(screen, PROBE, look, TIMES, lambda time: time % 1, np.random.default_rng(3)).draw(image, 59)
        assert image.any()


def test_the_trace_stays_within_its_share_of_the_image() -> None:
    for size in (64, 256, 1024):
        trace = drawn(Look(ecg=True), size=size)
        top = round(size * (1 - ECG_SHARE))
        assert trace[top:].any()
        assert not trace[:top].any()


def test_a_long_clip_shows_the_beats_of_its_duration() -> None:
    screen, times_s = Screen.fitted(PROBE, 256, 256), np.arange(0, 9, 0.1)

    def apart(heartbeat: Callable[[float], float], seed: int) -> int:
        """Columns that differ between two frames, three and nine seconds after the trace began."""
        overlay = Overlay(screen, PROBE, Look(ecg=True), times_s, heartbeat, np.random.default_rng(seed))
        images = np.zeros((2, 256, 256), np.uint8)
        for image, frame in zip(images, (29, 89), strict=True):
            overlay.draw(image, frame)
        return int((images[0] != images[1]).any(axis=0).sum())

    for seed in range(4):
        assert apart(lambda time_s: time_s % 1 if time_s < 4.5 else time_s % 0.4 / 0.4, seed) > 60
        assert apart(lambda time_s: time_s % 1, seed) < 20
