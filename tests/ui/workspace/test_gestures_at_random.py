"""Random gestures in the window, on a loop and on a stack: contours stay whole, and undo takes everything back."""

import time

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt

from kinecor.core.outlines.reshaping import crosses_itself
from kinecor.core.tracking.anchors import drawn_frames
from kinecor.core.values.track import Structure
from tests import stacks
from tests.ui.app.test_guards import press
from tests.ui.mouse import drag

ENDO, EPI = Structure.LV_ENDO, Structure.LV_EPI
KEYS = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
ACTIONS = ("propagate", "smooth", "expand", "contract", "nudge_left", "undo", "redo")
GESTURES = 12
SLICE = 4
TOUCHING_PX = 0.7


class Loop:
    """A loop in the window."""

    def __init__(self, window):
        self.window, self.closed = window, False
        self.image = window.image

    @property
    def reading(self):
        return self.window.workspace.saved


class Slice(Loop):
    """A slice of a stack in the window."""

    def __init__(self, window, qtbot):
        super().__init__(window)
        window.grid.choose(SLICE)
        window.stack.set_enlarged(True)
        qtbot.waitUntil(lambda: not window.busy)
        window.player.pause()
        self.image, self.closed = window.stack.image, True

    @property
    def reading(self):
        return self.window.workspace.saved.slices[SLICE]


@pytest.fixture(params=["loop", "stack"])
def shown(request, open_window, qtbot):
    if request.param == "stack":
        return Slice(open_window([stacks.stack()]), qtbot)
    return Loop(request.getfixturevalue("window"))


def settle(shown):
    deadline = time.monotonic() + 60
    window = shown.window
    while (window.propagator.busy or window.busy) and time.monotonic() < deadline:
        QCoreApplication.processEvents()
        time.sleep(0.002)
    assert not window.propagator.busy


def gesture(shown, rng):
    """A drag of a contour, or what a key does."""
    window = shown.window
    if rng.uniform() < 0.4:
        action = window.actions_by_name.get(str(rng.choice(ACTIONS)))
        if action is not None and action.isEnabled():
            action.trigger()
        settle(shown)
        return
    frame = int(rng.integers(len(shown.reading.time_axis)))
    window.player.seek(frame)
    deadline = time.monotonic() + 60
    while shown.image.frame != frame and time.monotonic() < deadline:  # decoded on a worker
        QCoreApplication.processEvents()
    structure = (ENDO, ENDO, EPI)[rng.integers(3)]
    contour = shown.reading.tracks[structure].contours[frame]
    if contour is None:
        return
    place = contour.outline(closed=shown.closed).place(float(rng.choice([0.0, 0.04, 0.96, 1.0, rng.uniform()])))
    way, size = rng.uniform(0, 2 * np.pi), min(rng.exponential(6), 16.0)
    target = place + size * np.array([np.cos(way), np.sin(way)])
    drag(shown.image, tuple(place), tuple(target), KEYS[rng.integers(len(KEYS))])
    settle(shown)


def outside_px(endo, epi):
    """How far the endocardium is outside of the epicardium, pixels."""
    inner, outer = (one.points.astype(np.float32)[:, None] for one in (endo, epi))
    in_endo = [cv2.pointPolygonTest(inner, tuple(map(float, point)), True) for point in outer[1:-1, 0]]
    in_epi = [cv2.pointPolygonTest(outer, tuple(map(float, point)), True) for point in inner[1:-1, 0]]
    return max(0.0, max(in_endo), -min(in_epi))


def is_whole(shown):
    tracks = shown.reading.tracks
    for frame, pair in enumerate(zip(tracks[ENDO].contours, tracks[EPI].contours, strict=True)):
        endo, epi = pair
        assert not any(one is not None and crosses_itself(one) for one in pair), frame
        if endo is not None and epi is not None:
            assert outside_px(endo, epi) < TOUCHING_PX, frame


def state(shown):
    return {
        structure: [None if one is None else one.points.tobytes() for one in track.contours]
        for structure, track in shown.reading.tracks.items()
    }


def anchors(shown):
    return {
        (structure, frame): track.contours[frame].points.tobytes()
        for structure, track in shown.reading.tracks.items()
        for frame in drawn_frames(track)
    }


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_contours_stay_whole_and_undo_takes_it_back(shown, seed, qtbot):
    rng, before = np.random.default_rng(seed), state(shown)
    is_whole(shown)
    for _ in range(GESTURES):
        gesture(shown, rng)
        is_whole(shown)
    drawn = anchors(shown)
    shown.window.actions_by_name["propagate"].trigger()
    settle(shown)
    is_whole(shown)
    assert anchors(shown) == drawn

    after = state(shown)
    undo, redo = (shown.window.actions_by_name[name] for name in ("undo", "redo"))
    done = 0
    while undo.isEnabled() and state(shown) != before and done < 10 * GESTURES:
        undo.trigger()
        done += 1
    assert state(shown) == before
    for _ in range(done):
        redo.trigger()
    assert state(shown) == after

    assert drawn
    shown.window.actions_by_name["analyse"].trigger()
    press(shown.window, "Keep", qtbot)
    assert anchors(shown) == drawn
    is_whole(shown)
