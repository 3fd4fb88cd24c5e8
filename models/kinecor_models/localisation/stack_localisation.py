"""What the slices of a stack say together about where the heart is."""

from collections.abc import Sequence

import numpy as np

from kinecor_models.localisation.heart_finding import Heart

# Slices less sure than this are asked where their neighbours are, not heard.
SURE = 0.55
# A slice farther from the line through the others than this share of the heart's extent is not believed.
FAR = 0.6


def agreed(hearts: Sequence[Heart]) -> list[Heart]:
    """Each slice's heart as the whole stack sees it.

    The long axis runs nearly straight through the slices, so that their middles lie on a line but for breath-hold
    misregistration: it is fitted to the sure ones, weighted by confidence and extent, and takes the place of those that
    are unsure or far from it. All slices get the largest extent of the sure ones, so that one scale serves the stack.

    Args:
        hearts: by slice, in order from one end of the stack to the other, all in pictures of one frame of reference.

    """
    sure = [i for i, heart in enumerate(hearts) if heart.confidence >= SURE and heart.extent_px > 0]
    if len(sure) < 3:
        return list(hearts)
    extents = np.array([hearts[i].extent_px for i in sure])
    extent = float(np.percentile(extents, 90))
    at, xy = np.array(sure, float), np.array([(hearts[i].x, hearts[i].y) for i in sure])
    weight = np.array([hearts[i].confidence for i in sure]) * extents
    for _ in range(3):
        line = [np.polyfit(at, xy[:, k], 1, w=np.sqrt(weight)) for k in (0, 1)]
        off = np.hypot(*(xy[:, k] - np.polyval(line[k], at) for k in (0, 1)))
        # Once more, with those far off heard less.
        weight = np.array([hearts[i].confidence for i in sure]) * extents / (1 + (off / (0.25 * extent)) ** 2)
    out = []
    for number, heart in enumerate(hearts):
        x, y = (float(np.polyval(line[k], number)) for k in (0, 1))
        off_px = float(np.hypot(heart.x - x, heart.y - y))
        if heart.confidence < SURE or off_px > FAR * extent:
            out.append(Heart(x, y, extent, heart.confidence))
        else:
            out.append(Heart((heart.x + x) / 2, (heart.y + y) / 2, extent, heart.confidence))
    return out


# A ventricle whose middle is farther from the line through the others than this share of its neighbours' radius is
# another chamber or a vessel.
ASTRAY = 0.75


def astray(ventricles: Sequence[tuple[float, float, float] | None]) -> dict[int, tuple[float, float, float]]:
    """Slices whose ventricle cannot be the one that the other slices show, and where it should be sought.

    Args:
        ventricles: by slice, in order: x, y of the cavity's middle and the epicardium's radius in picture pixels.

    Returns:
        by slice: (x, y) on the line through the others' middles, and the largest radius of the two nearest others.

    """
    there = [i for i, one in enumerate(ventricles) if one is not None]
    if len(there) < 4:
        return {}
    values = np.array([ventricles[i] for i in there], float)
    at, radius = np.array(there, float), float(np.median(values[:, 2]))
    weight = values[:, 2].copy()
    for _ in range(4):
        line = [np.polyfit(at, values[:, k], 1, w=np.sqrt(weight)) for k in (0, 1)]
        off = np.hypot(*(values[:, k] - np.polyval(line[k], at) for k in (0, 1)))
        weight = values[:, 2] / (1 + (off / (0.25 * radius)) ** 2)
    out = {}
    for number, distance in zip(there, off, strict=True):
        others = sorted((i for i in there if i != number), key=lambda i: abs(i - number))[:2]
        reach = max(float(ventricles[i][2]) for i in others)  # type: ignore[index]
        if distance > ASTRAY * reach:
            out[number] = (float(np.polyval(line[0], number)), float(np.polyval(line[1], number)), reach)
    return out
