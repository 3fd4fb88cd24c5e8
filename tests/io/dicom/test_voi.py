import numpy as np
from pydicom.dataset import Dataset

from kinecor.core.values.grey import GreyWindow
from kinecor.io.dicom.voi import common_window, header_window


def header(**elements):
    made = Dataset()
    for name, value in elements.items():
        setattr(made, name, value)
    return made


def test_the_first_window_counts_with_its_curve():
    assert header_window(header(WindowCenter=[600, 40], WindowWidth=[1200, 80])) == GreyWindow(600, 1200)
    soft = header(WindowCenter=600, WindowWidth=1200, VOILUTFunction="SIGMOID")
    assert header_window(soft) == GreyWindow(600, 1200, "SIGMOID")
    odd = header(WindowCenter=600, WindowWidth=1200, VOILUTFunction="CUBIC")
    assert header_window(odd).curve == "LINEAR"


def test_what_is_no_window_is_none():
    assert header_window(header()) is None
    assert header_window(header(WindowCenter=600)) is None
    assert header_window(header(WindowCenter=600, WindowWidth=0)) is None
    assert header_window(header(WindowCenter=600, WindowWidth=1)) is None


def test_a_table_is_taken_for_the_line_from_black_to_white():
    rise = np.clip((np.arange(400) - 100) * 2, 0, 400).astype(int).tolist()
    table = header(LUTDescriptor=[400, 50, 16], LUTData=rise)
    found = header_window(header(VOILUTSequence=[table]))
    assert found.curve == "LINEAR_EXACT"
    low, high = found.centre - found.width / 2, found.centre + found.width / 2
    assert abs(low - 150) < 8
    assert abs(high - 350) < 8
    flat = header(LUTDescriptor=[3, 0, 16], LUTData=[5, 5, 5])
    assert header_window(header(VOILUTSequence=[flat])) is None


def test_pictures_that_are_looked_at_together_share_a_window():
    assert common_window([None, None]) is None
    windows = [GreyWindow(100, 300), None, GreyWindow(200, 500), GreyWindow(120, 400)]
    assert common_window(windows) == GreyWindow(120, 400)
