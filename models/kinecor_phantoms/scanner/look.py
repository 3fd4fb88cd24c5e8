"""What a sonographer sets and a maker builds in: all that turns the same heart into another image."""

import math
from dataclasses import dataclass

from kinecor_phantoms.scanner.grey_map import GREY_MAPS
from kinecor_phantoms.scanner.shadow import Shadow

SLIDERS = 8

_RANGES = {
    "gain_db": (-30, 30),
    "dynamic_range_db": (30, 100),
    "persistence": (0, 0.95),
    "averaging": (0, 3),
    "smoothing": (0, 3),
    "edge": (0, 2),
    "reverberation_mm": (4, 60),
    "clutter_reach_mm": (3, 100),
    "enhancement_db_per_cm": (0, 3),
    "bright_shadow_db_per_mm": (0, 20),
    "patches_db": (0, 10),
    "flicker_db": (0, 3),
    "stitched": (1, 8),
    "seam_mm": (0, 8),
}
_DECIBELS = ("noise_db", "clutter_db", "side_lobe_db", "reverberation_db")


@dataclass(frozen=True, slots=True)
class Look:
    """Settings of the machine and how well the window sees. Decibels are over tissue unless said otherwise.

    Attributes:
        gain_db: -30 to 30.
        dynamic_range_db: shown between black and white, 30 to 100.
        tgc_db: eight sliders from the transducer down, each -20 to 20.
        grey_map: a name of `grey_map.GREY_MAPS`.
        persistence: share of the last image in the next, 0 to 0.95.
        averaging: of power before compression (compounding): how wide over the point response, 0 to 3. It fills the
            dark gaps between grains.
        smoothing: of the compressed image, in the same measure, 0 to 3.
        edge: how much of what smoothing takes off is added on top, 0 to 2.
        noise_db: electronic noise at the bottom of the image; -inf for none.
        clutter_db, clutter_reach_mm: haze and arcs at the transducer, and where they have fallen to 1/e.
        side_lobe_db: of the side lobes' envelope over the main lobe, at its middle.
        reverberation_db, reverberation_mm: of an echo that went to and fro once more, and how much deeper it shows.
        enhancement_db_per_cm: that tissue takes more than blood, 0 to 3.
        bright_shadow_db_per_mm: that very bright echoes take, 0 to 20.
        patches_db: unevenness of the window (contact, fat), standard deviation, 0 to 10.
        flicker_db: of the gain from frame to frame, standard deviation, 0 to 3.
        shadows: ribs, lung, walls that drop out.
        stitched: beats from which the sector is put together, 1 to 8.
        seam_mm: by which the pieces are off from each other, standard deviation, 0 to 8.
        ecg, text, ticks, bar: whether the trace, the text, the depth ticks and the grey bar are drawn.

    Raises:
        ValueError: a value is outside its range.

    """

    gain_db: float = 5.0
    dynamic_range_db: float = 55.0
    tgc_db: tuple[float, ...] = (-12.0, -5.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    grey_map: str = "soft"
    persistence: float = 0.12
    averaging: float = 0.35
    smoothing: float = 0.2
    edge: float = 0.0
    noise_db: float = -20.0
    clutter_db: float = 5.0
    clutter_reach_mm: float = 18.0
    side_lobe_db: float = -31.0
    reverberation_db: float = -math.inf
    reverberation_mm: float = 14.0
    enhancement_db_per_cm: float = 0.8
    bright_shadow_db_per_mm: float = 1.0
    patches_db: float = 4.0
    flicker_db: float = 0.3
    shadows: tuple[Shadow, ...] = ()
    stitched: int = 1
    seam_mm: float = 1.0
    ecg: bool = False
    text: bool = False
    ticks: bool = False
    bar: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"a look's {name} must be between {low} and {high}, got {getattr(self, name)}")
        for name in _DECIBELS:
            if not getattr(self, name) <= 20:
                raise ValueError(f"a look's {name} is at most 20 dB over tissue, got {getattr(self, name)}")
        if len(self.tgc_db) != SLIDERS or not all(-20 <= slider <= 20 for slider in self.tgc_db):
            raise ValueError(f"a look's tgc_db are {SLIDERS} values between -20 and 20, got {self.tgc_db}")
        if self.grey_map not in GREY_MAPS:
            raise ValueError(f"a look's grey_map is one of {', '.join(GREY_MAPS)}, got {self.grey_map!r}")
