"""Walls of apical views that move by a formula, with the matching motion."""

import numpy as np

from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure

MIDDLE = np.array([150.0, 210.0])


def arch(thickness=0.0, count=90):
    """Half an ellipse open below about MIDDLE, right end first; hinge points at its lower ends."""
    turn = np.linspace(2 * np.pi, np.pi, count)
    x, y = (40 + thickness) * np.cos(turn), (110 + thickness) * np.sin(turn)
    return MIDDLE + np.stack([x, y], axis=1)


def tracks(places, frames, confidence=0.9):
    """Both outlines of a wall 10 pixels thick; `places(points, frame)` gives the positions of its points."""
    found = {}
    for structure, thickness in ((Structure.LV_ENDO, 0.0), (Structure.LV_EPI, 10.0)):
        contours = tuple(Contour(places(arch(thickness), frame)) for frame in range(frames))
        found[structure] = ContourTrack(structure, contours, (Origin.MODEL,) * frames, np.full(frames, confidence))
    return found


def motion(places, back, frames, *, step=6.0, error=0.0, share=1.0):
    """The motion of `places`, on nodes over the whole image; `back(points, frame)` inverts `places`.

    `share` of it is seen.
    """
    rows, columns = int(288 / step), int(324 / step)
    y, x = np.mgrid[0:rows, 0:columns] * step
    nodes = np.stack([x, y], axis=-1).reshape(-1, 2)
    moved = [places(back(nodes, frame), frame + 1) - nodes for frame in range(frames - 1)]
    field = np.clip(share * np.stack(moved), -300, 300).reshape(frames - 1, rows, columns, 2)
    return Motion((0.0, 0.0), (step, step), field, np.full(field.shape[:3], error))


def zooming(scale):
    """Forward and inverse positions of an image that is zoomed about MIDDLE by scale(frame)."""
    return (
        lambda points, frame: MIDDLE + scale(frame) * (points - MIDDLE),
        lambda points, frame: MIDDLE + (points - MIDDLE) / scale(frame),
    )


def beat(short=0.2, period=20):
    """A zoom to 1 - short at mid-beat and back."""
    return lambda frame: 1 - short * (1 - np.cos(2 * np.pi * frame / period)) / 2


def rigid(turn_deg, shift_px, period=20):
    """Forward and inverse positions of an image that swings about MIDDLE and to and fro."""

    def pose(frame):
        swing = np.sin(2 * np.pi * frame / period)
        angle = np.radians(turn_deg * swing)
        turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return turned, np.array(shift_px) * swing

    def places(points, frame):
        turned, shift = pose(frame)
        return MIDDLE + (points - MIDDLE) @ turned.T + shift

    def back(points, frame):
        turned, shift = pose(frame)
        return MIDDLE + (points - shift - MIDDLE) @ turned

    return places, back
