"""Prescribed strain: a beating wall, whose apex on the right does not."""

import numpy as np

from kinecor.core.strain.wall_strain import FROM_CONTOURS, Shortening, WallStrain, strain_rate_per_s
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.core.values.events import Beat
from kinecor.core.volumes.segments import names_of

SHORTENING = np.array([-16.0, -18.0, -21.0, -3.0, -17.0, -14.0])
QUALITY = np.array([0.9, 0.95, 0.8, 0.7, 0.2, 0.85])


def prescribed(
    times_s, *, es=6, view="A4C", excluded=(), why=None, quality=QUALITY, followed=True, shortening=SHORTENING
):
    """A WallStrain of a loop with ED at its first frame and ES at `es`."""
    n = len(times_s)
    bend = np.sin(np.pi * np.arange(n) / max(n - 1, 1))
    bend = bend / bend[es]
    segments = bend[:, None] * shortening * (1.0 if followed else np.nan)
    whole = bend * shortening[[one for one in range(6) if one not in excluded]].mean()
    angle = np.deg2rad(110) + np.linspace(0, np.deg2rad(320), 120)
    contour = np.stack([64 + 19 * np.cos(angle), 45 + 31 * np.sin(angle)], axis=1)
    points = np.array([64, 45]) + (contour - (64, 45)) * (1 - 0.15 * bend)[:, None, None]

    def summary(value):
        return Shortening(value, 1.05 * value, value, 4.8, float(times_s[es]))

    return WallStrain(
        time_s=times_s,
        points_px=points,
        beats=(Beat(0, es),),
        last_frames=(n - 1,),
        global_percent=whole,
        segments_percent=segments,
        global_rate_per_s=strain_rate_per_s(whole, times_s),
        segments_rate_per_s=strain_rate_per_s(segments, times_s),
        quality=quality,
        excluded=excluded,
        compensated=True,
        global_drift_percent=-0.8,
        segments_drift_percent=np.full(6, -0.5) if followed else None,
        whole=summary(float(whole[es])),
        segments=tuple(
            summary(float(value)) if followed and good >= TRACKING_QUALITY.withheld else None
            for value, good in zip(shortening, quality, strict=True)
        ),
        names=names_of(view),
        view=view,
        method="contours and motion, fused" if followed else FROM_CONTOURS,
        why=why,
    )
