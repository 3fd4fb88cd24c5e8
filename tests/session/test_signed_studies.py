"""Automatic and signed values in study files, and sites whose bias and spread are known."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from kinecor.core.study.site_agreement import GroupKind, site_agreement
from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.session.signed_studies import Unused, read_site
from kinecor.session.store import readings_folder
from tests.session.signed_site import sign_study


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    return readings_folder()


def no_tick(done: int, total: int) -> None:
    pass


def test_the_file_holds_what_was_proposed_and_what_was_signed(folder: Path) -> None:
    sign_study(1, wider=1.1)
    (study,) = read_site(folder, no_tick).studies
    by_code = {one.code: one for one in study.values.pairs}
    # A ventricle that is wider by a tenth in every frame holds 21 % more, and ejects the same share of it.
    for code in ("EDV", "ESV"):
        assert by_code[code].signed / by_code[code].automatic == pytest.approx(1.21, rel=0.01)
    assert by_code["EF"].signed == pytest.approx(by_code["EF"].automatic, abs=0.5)
    assert by_code["EF"].view == "A4C"
    assert by_code["EF"].low < by_code["EF"].automatic < by_code["EF"].high
    assert "Doe" not in study.values.patient
    assert study.values.equipment == "Maker Model 1"


def test_what_was_not_changed_is_signed_as_proposed(folder: Path) -> None:
    sign_study(1)
    (study,) = read_site(folder, no_tick).studies
    assert study.values.pairs
    assert all(one.automatic == one.signed for one in study.values.pairs)


def test_files_that_do_not_count_are_named_with_their_reason(folder: Path) -> None:
    sign_study(1)
    sign_study(2, values=False)
    sign_study(3, addendum=True)
    changed = sign_study(4)
    connection = sqlite3.connect(changed)
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute("UPDATE entry SET actor = 'Ben' WHERE number = 3")
    connection.commit()
    connection.close()
    (folder / "damaged.kinecor").write_bytes(b"no study" * 600)
    found = read_site(folder, no_tick)
    assert [one.name for one in found.studies] == ["1.2.1.kinecor"]
    assert {one.file: one.why for one in found.set_aside} == {
        "1.2.2.kinecor": Unused.WITHOUT_VALUES,
        "1.2.3.kinecor": Unused.OPEN,
        "1.2.4.kinecor": Unused.UNVERIFIED,
        "damaged.kinecor": Unused.UNVERIFIED,
    }


def test_a_file_without_its_audit_log_cannot_be_verified(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_study(1)
    monkeypatch.setenv("KINECOR_AUDIT_LOG", str(folder / "another.log"))
    (aside,) = read_site(folder, no_tick).set_aside
    assert aside.why is Unused.UNVERIFIED


def test_reading_can_be_cancelled(folder: Path) -> None:
    sign_study(1)

    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        read_site(folder, stop)


def test_a_folder_without_studies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KinecorError, match="expected a folder with saved studies"):
        read_site(tmp_path, no_tick)


def test_bias_and_spread_of_a_site_are_found(folder: Path) -> None:
    """Readers of this site put EF 4 points below the program on average, with an SD of 3."""
    rng = np.random.default_rng(5)
    given = -4 + 3 * rng.standard_normal(30)
    for number, change in enumerate(given[:29]):
        sign_study(number, ef_change=float(change), maker="Philips" if number % 2 else "GE")
    read = read_site(folder, no_tick)
    with pytest.raises(KinecorError, match="at least 30 patients: 29 were found"):
        site_agreement(read.studies)
    sign_study(29, ef_change=float(given[29]), maker="GE")
    # The same patient a second time, signed earlier: only the later study counts.
    sign_study(30, ef_change=9.0, patient="P0", at="2026-11-20T10:00:00+00:00")
    found = site_agreement(read_site(folder, no_tick).studies)
    assert (found.patients, found.studies) == (30, 31)
    ef = found.of_value("EF")
    assert ef[0].kind is GroupKind.ALL
    assert ef[0].differences.bias == pytest.approx(-given.mean(), abs=0.01)
    assert ef[0].differences.sd == pytest.approx(given.std(ddof=1), abs=0.01)
    of_bias, of_limit = ef[0].differences.half_widths
    assert abs(ef[0].differences.bias - 4) < of_bias
    assert abs(ef[0].differences.limits[1] - (4 + 1.96 * 3)) < of_limit
    assert ef[0].changed == 30
    counted = {(one.kind, one.group): one.count for one in ef}
    assert counted[GroupKind.VIEW, "A4C"] == 30
    assert counted[GroupKind.MAKER, "GE"] == 16
    assert counted[GroupKind.MAKER, "PHILIPS"] == 14
    inside = sum(
        one.low <= one.signed <= one.high for study in read.studies for one in study.values.pairs if one.code == "EF"
    )
    assert ef[0].covered[1] == 30
    assert inside <= ef[0].covered[0] <= inside + 1
    (edv, *_) = found.of_value("EDV")
    assert edv.differences.bias == edv.differences.sd == 0
    assert edv.changed == 0
