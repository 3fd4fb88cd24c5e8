"""Spectra and M-modes of ultrasound images, by their calibration regions."""

import pytest

from kinecor.core.values.reading import first_reading
from kinecor.io.dicom.graphs import graphs_of
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make

ROWS, COLUMNS = 768, 1024


def spectrum(**elements):
    """A region as scanners write it: 4 ms a column, 0.5 cm/s a row, upwards."""
    item = make.region(42, 343, 943, 733, delta=(0.004, -0.5), units=(4, 7), kind=3, spatial=3)
    for name, value in ({"ReferencePixelX0": 0, "ReferencePixelY0": 195} | elements).items():
        setattr(item, name, value)
    return item


def found(*items, rows=ROWS, columns=COLUMNS):
    header = make.loop_dataset(make.grey_loop(), **make.regions(*items))
    return graphs_of(header, rows, columns)


def test_the_axes_of_a_spectrum():
    (graph,) = found(make.region(239, 97, 553, 340), spectrum())
    assert (graph.form, graph.baseline_px) == ("spectral", 538.0)
    assert graph.velocity_cm_per_s((100.0, 438.0)) == pytest.approx(50.0)
    assert graph.velocity_cm_per_s((100.0, 638.0)) == pytest.approx(-50.0)
    assert graph.between_s((100.0, 438.0), (350.0, 600.0)) == pytest.approx(1.0)
    assert graph.holds([(42.0, 343.0), (943.0, 733.0)])
    assert not graph.holds([(100.0, 300.0)])


def test_a_velocity_at_the_reference_pixel_moves_the_baseline():
    (graph,) = found(spectrum(ReferencePixelPhysicalValueY=20.0))
    assert graph.velocity_cm_per_s((100.0, 538.0)) == pytest.approx(20.0)


@pytest.mark.parametrize("from_top", [None, -3, 538])
def test_a_reference_outside_the_region_is_no_baseline(from_top):
    item = spectrum(ReferencePixelY0=0)
    if from_top is None:
        del item.ReferencePixelY0
    else:
        item.ReferencePixelY0 = from_top
    (graph,) = found(item)
    assert graph.baseline_px is None
    assert graph.velocity_cm_per_s((100.0, 438.0)) is None


def test_an_m_mode_has_depth_and_no_velocity():
    (graph,) = found(make.region(42, 343, 943, 733, delta=(0.004, 0.04), units=(4, 3), spatial=2))
    assert graph.form == "m-mode"
    assert graph.depth_mm((100.0, 400.0), (300.0, 450.0)) == pytest.approx(20.0)
    assert graph.velocity_cm_per_s((100.0, 400.0)) is None


@pytest.mark.parametrize(
    "item",
    [
        make.region(42, 343, 943, 733, delta=(0.004, -0.5), units=(4, 5), kind=3, spatial=3),  # hertz
        make.region(42, 343, 943, 733, delta=(0.004, -0.5), units=(3, 7), kind=3, spatial=3),
        make.region(42, 343, 943, 733, delta=(0.0, -0.5), units=(4, 7), kind=3, spatial=3),
        make.region(42, 343, 943, 733),
    ],
)
def test_what_is_no_graph(item):
    assert found(item) == ()


def test_a_shrunk_image_has_no_axes():
    assert found(spectrum(), rows=600, columns=800) == ()


def test_recordings_of_a_scanner_have_their_axes(shared_data):
    """One Philips examination: baselines at the top, in the middle and at the bottom of the spectrum."""
    folder = shared_data / "ie33-study"
    if not folder.is_dir():
        pytest.skip(f"no recordings at {folder}")
    graphs = [first_reading(one).facts.graphs for one in open_path(folder).recordings]
    forms = [graph.form for of_image in graphs for graph in of_image]
    assert (forms.count("m-mode"), forms.count("spectral")) == (3, 6)
    assert all(graph.baseline_px is not None for some in graphs for graph in some if graph.form == "spectral")
