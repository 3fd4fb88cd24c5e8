"""Scatterers in, B-mode clip out."""

import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.echo.overlay import Overlay
from kinecor_phantoms.scanner.beam_space import Floats
from kinecor_phantoms.scanner.grey_map import STEPS, grey_map
from kinecor_phantoms.scanner.look import Look
from kinecor_phantoms.scanner.machine import Machine
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.scan_convert import ScanConverter
from kinecor_phantoms.scanner.scene import Scene
from kinecor_phantoms.scanner.screen import Screen

Heartbeat = Callable[[float], float]


def simulate(
    scene: Scene,
    times_s: NDArray[np.floating],
    probe: Probe,
    look: Look,
    screen: Screen,
    rng: Generator,
    heartbeat: Heartbeat | None = None,
    *,
    workers: int = 1,
) -> NDArray[np.uint8]:
    """A B-mode clip of a scene.

    Args:
        scene: what is seen; `scene.echoes(frame)` for frame 0 to n - 1.
        times_s: (n,) of the frames, in s.
        probe: the transducer.
        look: settings and the window's quality.
        screen: where the sector is; its depth and opening must be the probe's.
        rng: the same generator state gives the same clip, whatever the number of workers.
        heartbeat: share of the beat elapsed since the R wave, 0 to 1, at a time in s; for the ECG and stitched beats.
        workers: threads over frames.

    Returns:
        (n, rows, columns) uint8.

    Raises:
        ValueError: the screen was made for another probe, there is no frame, or no worker.

    """
    frames = np.empty((len(times_s), screen.rows, screen.columns), np.uint8)
    for number, picture in enumerate(stream(scene, times_s, probe, look, screen, rng, heartbeat, workers=workers)):
        frames[number] = picture
    return frames


def stream(
    scene: Scene,
    times_s: NDArray[np.floating],
    probe: Probe,
    look: Look,
    screen: Screen,
    rng: Generator,
    heartbeat: Heartbeat | None = None,
    *,
    workers: int = 1,
) -> Iterator[NDArray[np.uint8]]:
    """The frames of `simulate`, one (rows, columns) uint8 image after the other; only a few are in memory at a time."""
    if len(times_s) < 1 or workers < 1:
        raise ValueError(f"a clip needs a frame and a worker, got {len(times_s)} and {workers}")
    if not (math.isclose(screen.depth_mm, probe.depth_mm) and math.isclose(screen.sector_deg, probe.sector_deg)):
        raise ValueError("the screen's depth and opening must be the probe's; make it with Screen.fitted(probe)")
    machine = Machine(scene, times_s, probe, look, rng, heartbeat)
    convert = ScanConverter(machine.space, screen)
    overlay = Overlay(screen, probe, look, times_s, heartbeat, rng)
    levels, top = grey_map(look.grey_map), np.float32(STEPS - 1)
    last: Floats | None = None
    for number, shares in enumerate(_in_order(machine.frame, len(times_s), workers)):
        if last is not None and look.persistence > 0:
            shares += np.float32(look.persistence) * (last - shares)
        last = shares
        values = np.clip(convert(shares), 0, 1) * top + np.float32(0.5)
        picture = convert.picture(levels.take(values.astype(np.intp)))
        overlay.draw(picture, number)
        yield picture


def _in_order(make: Callable[[int], Floats], count: int, workers: int) -> Iterator[Floats]:
    """Frames in order, a few computed ahead by threads."""
    if workers == 1:
        yield from map(make, range(count))
        return
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[Floats]] = deque()
        for number in range(count):
            ahead.append(pool.submit(make, number))
            if len(ahead) > workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
