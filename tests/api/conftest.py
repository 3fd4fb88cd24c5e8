"""A simulated study of two apical views, opened from DICOM files and analysed once."""

import pytest

import kinecor


@pytest.fixture(scope="package")
def folder(tmp_path_factory):
    """A folder with an A4C and an A2C clip of one heart, as a scanner would send them."""
    place = tmp_path_factory.mktemp("echo")
    for view in ("a4c", "a2c"):
        kinecor.phantom(view, seed=7, ef=35, frames=24, size=(160, 160), out=place / view)
    return place


@pytest.fixture(scope="package")
def study(folder):
    return kinecor.open(folder)


@pytest.fixture(scope="package")
def result(study):
    return kinecor.analyse(study, device="cpu")
