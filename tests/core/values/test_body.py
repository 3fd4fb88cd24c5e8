import pytest

from kinecor.core.values.choices import Body, BsaFormula, bsa_m2


def test_body_surface_area_as_published():
    # sqrt(180 * 80 / 3600) is 2 exactly; Du Bois by their own formula.
    assert bsa_m2(180, 80) == pytest.approx(2.0)
    assert bsa_m2(180, 80, BsaFormula.DU_BOIS) == pytest.approx(0.007184 * 80**0.425 * 180**0.725)
    assert bsa_m2(180, 80, BsaFormula.DU_BOIS) == pytest.approx(1.996, abs=0.001)
    assert bsa_m2(110, 18) == pytest.approx(0.7416, abs=1e-4)


def test_a_body_knows_its_surface_only_with_both():
    assert Body(180, None).bsa_m2 is None
    assert Body(None, 80).bsa_m2 is None
    assert Body(180, 80, "F", BsaFormula.DU_BOIS).bsa_m2 == pytest.approx(1.996, abs=0.001)


@pytest.mark.parametrize(("height", "weight"), [(1.8, 80), (180, 8000), (float("nan"), 80), (300, 80)])
def test_a_slip_is_refused(height, weight):
    with pytest.raises(ValueError, match="expected"):
        Body(height, weight)
