from kinecor_models.evaluation.apical_table import Score, calibration


def test_confidence_is_held_against_dice_by_structure() -> None:
    found = [Score("p", "ED", "lv_endo", 0.9, 4, 1, 0.8), Score("p", "ES", "lv_endo", 0.8, 4, 1, 0.9)]
    text = calibration([*found, Score("p", "ED", "la", 0.7, 4, 1, 0.7)])
    assert "LV: expected calibration error 0.100, n = 2" in text
    assert "left atrium: expected calibration error 0.000, n = 1" in text
    assert "wall" not in text
