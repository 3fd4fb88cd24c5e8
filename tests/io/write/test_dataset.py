import pytest

import kinecor
from kinecor.io.write.dataset import About, decimal


def test_uids_follow_identity_part_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    about, same, other = (About("Normal", identity, "Simulated") for identity in ("one", "one", "other"))
    assert about.uid("US", 1) == same.uid("US", 1)
    uids = {about.uid("US", 1), about.uid("US", 2), other.uid("US", 1)}
    monkeypatch.setattr(kinecor, "__version__", "999")
    uids.add(about.uid("US", 1))
    assert len(uids) == 4
    assert all(uid.startswith("2.25.") and len(uid) <= 64 for uid in uids)
    # The same simulation is of the same patient, by whatever version.
    assert about.patient_id == same.patient_id != other.patient_id


def test_clips_of_one_heart_are_one_study_of_one_patient() -> None:
    four, two = (About("Normal", view, "Simulated", "the heart") for view in ("A4C", "A2C"))
    alone = About("Normal", "A4C", "Simulated")
    assert four.study_uid == two.study_uid != alone.study_uid
    assert four.patient_id == two.patient_id != alone.patient_id
    assert four.uid("US", 1) != two.uid("US", 1)


@pytest.mark.parametrize("value", [0.0, 1 / 3, -1 / 3, 1e-9, -123456.789012345678, 1e20])
def test_decimal_strings_fit_and_are_as_exact_as_can_be(value: float) -> None:
    text = decimal(value)
    assert len(text) <= 16
    assert float(text) == pytest.approx(value, rel=1e-9)
