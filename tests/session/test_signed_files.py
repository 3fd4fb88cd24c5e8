"""A study signed by an earlier version is as it was signed, though later versions measure more of it.

saved/signed-callipers.kinecor.xz was signed with edition 1 of the table of measurements: a parasternal long axis with
its four distances and an apical clip with excursions of TAPSE and MAPSE, of the recordings of `signed_site`. From
edition 2 on the same callipers give Teichholz volumes, TAPSE and MAPSE.
"""

import lzma
from dataclasses import replace
from pathlib import Path

import pytest

from kinecor.core.study.conclusions import SignState, sign_status
from kinecor.core.table.measures import EDITION
from kinecor.core.table.table import measurements
from kinecor.core.values.reading import View, first_reading
from kinecor.core.values.study import first_study_reading
from kinecor.session.edits import SetCalliper, SetView
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.session.signed_site import recording

SAVED = Path(__file__).with_name("saved") / "signed-callipers.kinecor.xz"


@pytest.fixture
def signed(tmp_path):
    saved = tmp_path / "signed.kinecor"
    saved.write_bytes(lzma.decompress(SAVED.read_bytes()))
    clips = [replace(clip, source=replace(clip.source, study_id="1.2.1")) for clip in map(recording, (1, 2))]
    with Store.open(saved) as store:
        journal = Journal(store)
        journal.open_study(first_study_reading("1.2.1", clips))
        yield [journal.open(first_reading(clip)) for clip in clips], journal.study


def test_a_study_signed_with_fewer_rows_is_as_it_was_signed(signed):
    readings, study = signed
    assert EDITION > 1
    listed = [{row.code for row in measurements(one)} for one in readings]
    assert {"LVIDd", "EDVT", "ESVT", "EFT"} <= listed[0]
    assert {"EF", "TAPSE", "MAPSES", "MAPSEL"} <= listed[1]
    found = sign_status(readings, study)
    assert (found.state, found.words) == (SignState.SIGNED, "signed by Anna on 2026-11-24 10:00 UTC")


@pytest.mark.parametrize(
    ("number", "edit"),
    [
        (0, SetCalliper("LVIDd", 0, ((30.0, 20.0), (30.0, 67.0)))),
        (1, SetCalliper("TAPSE", 3, ((90.0, 60.0), (90.0, 83.0)))),
        (1, SetCalliper("MAPSE septal", 3, ((50.0, 60.0), (50.0, 75.0)))),
        (1, SetView(View("A2C", None, "Dr Red"))),
    ],
)
def test_any_later_change_of_it_is_seen(signed, number, edit):
    readings, study = signed
    readings[number] = edit.apply(readings[number], "Dr Red")
    assert sign_status(readings, study).state is SignState.CHANGED
