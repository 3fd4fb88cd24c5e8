from dataclasses import replace

import numpy as np

from kinecor.core.values.errors import KinecorError, no_tick
from kinecor.core.values.recording import Stack
from kinecor.ui.study.panel import THUMBNAIL_PX, caption, thumbnails
from tests.readings import cine


class Broken:
    shape = (12, 96, 128)

    def __len__(self):
        return 12

    def __getitem__(self, frame):
        raise KinecorError("The frame is damaged.")


def test_captions():
    assert caption(cine(), 1) == "1  clip\n12 frames, 0.4 s"
    assert caption(replace(cine(), view="A4C"), 2).startswith("2  A4C")
    assert caption(cine(1), 3).endswith("still")
    stack = Stack((cine(), cine()), np.array([0.0, 8.0]), 8.0, "1.2.3")
    assert caption(stack, 4) == "4  short axis\n2 slices × 12"


def test_a_long_name_is_cut():
    source = replace(cine().source, path="/data/patient0015_4CH_half_sequence.nii.gz")
    first, _ = caption(replace(cine(), source=source), 1).split("\n")
    assert len(first) <= 3 + 11
    assert first.endswith("…")


def test_thumbnails_are_small_and_a_broken_recording_has_none():
    stack = Stack((cine(), cine()), np.array([0.0, 8.0]), 8.0, "1.2.3")
    made = thumbnails((cine(), replace(cine(), frames=Broken()), stack), no_tick)
    assert made[1] is None
    assert all(max(made[i].shape) <= 2 * THUMBNAIL_PX for i in (0, 2))
