import numpy as np
import pytest
from scipy.ndimage import affine_transform, gaussian_filter

from kinecor.analysis.analyse import propose
from kinecor.core.strain.short_axis import short_axis_regions
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import first_reading
from kinecor.core.values.recording import ArrayFrames, CineSequence, Source
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetContours, SetEvents, SetWithheld
from tests.core.short_axis_walls import MIDDLE, SIDE_PX, linear, swing, tracks

FRAMES, PERIOD = 25, 12


def zoom(frame):
    return (1 - 0.15 * swing(frame, PERIOD)) * np.eye(2)


@pytest.fixture(scope="module")
def cine():
    """A grainy image that is zoomed to 0.85 and back, twice."""
    grain = gaussian_filter(np.random.default_rng(3).normal(0, 1, (SIDE_PX, SIDE_PX)), 2.0)
    grain = np.clip(120 + 45 * grain / grain.std(), 0, 255)
    middle, frames = MIDDLE[::-1], []
    for frame in range(FRAMES):
        back = np.linalg.inv(zoom(frame))
        frames.append(affine_transform(grain, back, middle - back @ middle, order=1, mode="reflect"))
    return CineSequence(
        frames=ArrayFrames(np.stack(frames).astype(np.uint8)),
        times_s=np.arange(FRAMES) * 0.04,
        times_origin="FrameTime",
        calibration=Calibration(0.5, 0.5, "file"),
        source=Source("clip.dcm", "1.2", "1", "US"),
        view="PSAX mid",
    )


def drawn(cine, *frames):
    """The Reading with both contours drawn at these frames."""
    reading = SetWithheld("contours need an apical view").apply(first_reading(cine), "model:x@1")
    truth = tracks(linear(zoom)[0], FRAMES)
    for structure, track in truth.items():
        for frame in frames:
            reading = SetContours(structure, frame, (track.contours[frame],)).apply(reading, "Dr Grey")
    return reading, truth


def test_contours_of_ed_and_es_become_strain_of_the_loop(cine):
    # Both beats of the loop, so that none of their ED and ES rests on a contour from one side only.
    reading, truth = drawn(cine, 0, 6, 24)
    proposal = propose(cine, reading)
    after = proposal.edit.apply(reading, proposal.by)
    assert proposal.by.startswith("model:dis-flow@")
    assert after.withheld is None
    assert [after.tracks[Structure.LV_ENDO].origins[at] for at in (0, 6, 24)] == [Origin.EDITED] * 3
    for at in (0, 6, 12):
        true = truth[Structure.LV_ENDO].contours[at]
        assert after.tracks[Structure.LV_ENDO].contours[at].area_px2 == pytest.approx(true.area_px2, rel=0.03)
    assert after.events.beats[0].es in (5, 6, 7)
    rows = {row.code: row for row in measurements(after)}
    assert rows["GCS"].quantity.value == pytest.approx(-15, abs=1)
    assert "one mid-ventricular slice" in rows["GCS"].method
    regions = short_axis_regions(after)
    np.testing.assert_allclose(regions.values("end_systolic")[6:12], -15, atol=2)


@pytest.mark.parametrize("frame", [0, 7])
def test_contours_of_one_frame_are_propagated_but_carry_no_strain(cine, frame):
    reading, truth = drawn(cine, frame)
    proposal = propose(cine, reading)
    after = proposal.edit.apply(reading, proposal.by)
    assert after.tracks[Structure.LV_ENDO].origins[frame] is Origin.EDITED
    for at in (0, 6, 12):
        true = truth[Structure.LV_ENDO].contours[at]
        assert after.tracks[Structure.LV_ENDO].contours[at].area_px2 == pytest.approx(true.area_px2, rel=0.03)
    assert after.events.beats[0].es in (5, 6, 7)
    rows = {row.code: row for row in measurements(after)}
    assert rows["GCS"].quantity is None
    assert "low contour confidence" in rows["GCS"].note
    assert short_axis_regions(after) is None


def test_a_persons_marks_stay_and_nothing_is_propagated_without_contours(cine):
    reading, _ = drawn(cine, 0)
    marked = SetEvents(CardiacEvents((Beat(0, 5),), Origin.EDITED)).apply(reading, "Dr Grey")
    proposal = propose(cine, marked)
    assert proposal.edit.apply(marked, proposal.by).events.beats == (Beat(0, 5),)


def test_an_undrawn_short_axis_says_what_to_do(cine):
    proposal = propose(cine, first_reading(cine))
    after = proposal.edit.apply(first_reading(cine), proposal.by)
    assert "trace cavity and wall" in after.withheld
