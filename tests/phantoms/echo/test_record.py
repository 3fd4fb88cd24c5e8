import numpy as np
import pytest

from kinecor_phantoms.echo.record import in_threads, record_echo
from kinecor_phantoms.echo.views import Stand
from kinecor_phantoms.recording import LV_CAVITY, LV_MYOCARDIUM
from kinecor_phantoms.scanner.look import Look
from tests.hearts import heart

QUICK = {"frames": 2, "frames_per_s": 10.0, "size": (112, 96), "scatterers": 8_000}


@pytest.fixture(scope="module")
def clip():
    return record_echo(heart("normal"), "A4C", 3, **QUICK)


def test_a_clip_has_images_scale_and_truth(clip):
    assert clip.frames.shape == (2, 112, 96)
    assert clip.frames.dtype == np.uint8
    assert clip.times_s == pytest.approx([0, 0.1])
    assert clip.spacing_mm[0] == clip.spacing_mm[1] > 0.5
    assert clip.heart_rate_per_min == pytest.approx(heart("normal").rhythm.rate_per_min)
    assert clip.plane.labels.shape == clip.frames.shape
    assert clip.truth.volume_ml == pytest.approx(heart("normal").at(clip.times_s).volume_ml)
    x0, y0, x1, y1 = clip.region
    for line in clip.plane.contours["lv_endo"]:
        assert ((line >= (x0, y0)) & (line <= (x1, y1))).all()


def test_its_contours_are_in_its_scale(clip):
    line = clip.plane.contours["lv_endo"][0]
    base = (line[0] + line[-1]) / 2
    length_mm = np.hypot(*(line - base).T).max() * clip.spacing_mm[0]
    assert length_mm == pytest.approx(heart("normal").shape.length_mm, rel=0.03)


def test_muscle_is_brighter_than_blood(clip):
    for frame, labels in zip(clip.frames, clip.plane.labels, strict=True):
        assert frame[labels == LV_MYOCARDIUM].mean() > 1.3 * frame[labels == LV_CAVITY].mean()


def test_a_seed_gives_the_same_clip_whatever_the_threads(clip):
    again = record_echo(heart("normal"), "A4C", 3, workers=1, **QUICK)
    assert (again.frames == clip.frames).all()
    other = record_echo(heart("normal"), "A4C", 4, **QUICK)
    assert (other.frames != clip.frames).any()
    assert np.array_equal(other.plane.labels, clip.plane.labels)


def test_parameters_record_how_it_was_simulated():
    made = record_echo(heart("dilated"), "PSAX mid", 1, stand=Stand(turn_deg=4.0), look=Look(ecg=False), **QUICK)
    full, empty = heart("dilated").at([0.0, heart("dilated").rhythm.beats[0].aortic_close_s]).volume_ml
    assert made.parameters["population"] == "dilated"
    assert made.parameters["stand_turn_deg"] == 4.0
    assert made.parameters["ejection_fraction_percent"] == pytest.approx(100 * (1 - empty / full))
    assert made.ecg_region is None
    assert made.plane.contours["la"] == (None, None)


@pytest.mark.parametrize("view", ["IVC", "other"])
def test_views_without_a_heart_have_no_truth(view):
    made = record_echo(heart("normal"), view, 0, **QUICK)
    assert made.truth is made.plane is None
    assert made.frames.max() > 40


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"frames": 0}, "frames must be 1 to 2000"),
        ({"size": (63, 96)}, "side of the picture in pixels must be 64 to 1024"),
        ({"frames_per_s": 5.0}, "between 10 and 200"),
        ({"scatterers": 10}, "5000 to 400000"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_the_range(change, reported):
    with pytest.raises(ValueError, match=reported):
        record_echo(heart("normal"), "A4C", 0, **QUICK | change)


def test_unknown_views_are_refused():
    with pytest.raises(ValueError, match="view must be one of A4C"):
        record_echo(heart("normal"), "A5C", 0, **QUICK)


def test_anatomies_come_in_order():
    beating = heart("normal").at([0.0, 0.2, 0.4])
    assert [one.atrium_mm for one in in_threads(beating, 2)] == [one.atrium_mm for one in in_threads(beating, 1)]
