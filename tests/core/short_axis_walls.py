"""Closed walls of short-axis slices that move by a formula, with the matching motion."""

import numpy as np

from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure

MIDDLE = np.array([80.0, 84.0])
INNER_PX, OUTER_PX = 24.0, 34.0
SIDE_PX, STEP_PX = 168, 6.0


def circle(radius, count=100):
    turn = np.arange(count) * 2 * np.pi / count
    return MIDDLE + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def tracks(places, frames, confidence=0.9):
    """Both outlines of a wall 10 pixels thick; `places(points, frame)` gives the positions of its points."""
    found = {}
    for structure, radius in ((Structure.LV_ENDO, INNER_PX), (Structure.LV_EPI, OUTER_PX)):
        contours = tuple(Contour(places(circle(radius), frame)) for frame in range(frames))
        found[structure] = ContourTrack(structure, contours, (Origin.MODEL,) * frames, np.full(frames, confidence))
    return found


def motion(places, back, frames, *, closed=True, share=1.0, error=0.0):
    """The motion of `places`, whose `frames` come round again where it is `closed`; `back` undoes `places`.

    `share` of it is seen.
    """
    count = int(SIDE_PX / STEP_PX) + 1
    y, x = np.mgrid[0:count, 0:count] * STEP_PX
    nodes = np.stack([x, y], axis=-1).reshape(-1, 2)
    pairs = frames if closed else frames - 1
    moved = [places(back(nodes, frame), (frame + 1) % frames) - nodes for frame in range(pairs)]
    field = np.clip(share * np.stack(moved), -300, 300).reshape(pairs, count, count, 2)
    return Motion((0.0, 0.0), (STEP_PX, STEP_PX), field, np.full(field.shape[:3], error), "model:flow@1")


def linear(matrix):
    """Forward and inverse positions of an image that matrix(frame) (2, 2) turns or stretches about MIDDLE."""
    return (
        lambda points, frame: MIDDLE + (points - MIDDLE) @ matrix(frame).T,
        lambda points, frame: MIDDLE + (points - MIDDLE) @ np.linalg.inv(matrix(frame)).T,
    )


def swing(frame, period):
    """0 at the beginning of each period, 1 in its middle."""
    return (1 - np.cos(2 * np.pi * frame / period)) / 2


def turned(degrees):
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
