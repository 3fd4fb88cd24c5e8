"""`kinecor cohort`: the results of a run as data, with a dictionary and plots."""

import argparse
import sys
from pathlib import Path

from kinecor.cli.batch.folder import RunFolder
from kinecor.cli.outcomes import DONE
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.io.export.cohort import (
    agreement,
    dictionary,
    read_rows,
    read_values,
    write_cohort_csv,
    write_csv,
    write_dictionary,
    write_parquet,
    write_values,
    write_values_dictionary,
)
from kinecor.io.export.run_tables import StudyRow, study_cells
from kinecor.io.export.tidy import TIDY


def cohort(chosen: argparse.Namespace) -> int:
    """Run the command: write the tables and plots, and print their paths.

    Raises:
        KinecorError: the run, or the reader's table, cannot be used.

    """
    out: Path = chosen.out or chosen.dir / "cohort"
    about = _about(chosen.dir)
    rows = read_rows(chosen.dir / "result.json", about)
    if not rows:
        raise KinecorError(
            message("{path} has no study: name the folder of a run that has some", dir=chosen.dir / "result.json")
        )
    found = None
    if chosen.reference is not None:
        found = agreement(rows, chosen.measure, chosen.reference, chosen.key, chosen.column or chosen.measure)
    values = list(read_values(chosen.dir / "result.json", about))
    written = [out / "cohort.csv", out / "dictionary.csv", out / "values.csv", out / "values-dictionary.csv"]
    write_cohort_csv(written[0], rows)
    write_dictionary(written[1], rows)
    write_values(written[2], values)
    write_values_dictionary(written[3])
    if found is not None:
        written.append(out / "agreement.csv")
        pairs = zip(found.studies, found.ours.tolist(), found.reference.tolist(), found.doubtful, strict=True)
        write_csv(
            written[-1],
            ("study", chosen.measure, "reference", "difference", "trust"),
            ((study, own, other, own - other, "check" if doubt else "ok") for study, own, other, doubt in pairs),
        )
        low, high = found.limits
        print(
            f"kinecor: {found.code} less {chosen.column or found.code}: n {len(found.studies)}, "
            f"bias {found.bias:.2f}, limits of agreement {low:.2f} to {high:.2f}; "
            f"{found.withheld} withheld, {found.unmatched} without a study",
            file=sys.stderr,
        )
    if not chosen.csv_only:
        from kinecor.io.export import cohort_plots as plots

        written += [out / "cohort.parquet", out / "values.parquet"]
        write_parquet(written[-2], map(study_cells, rows), dictionary())
        write_parquet(written[-1], values, TIDY)
        written += [out / f"{chosen.measure.lower()}-distribution.png", out / f"trust-by-{chosen.by}.png"]
        plots.plot_distribution(written[-2], rows, chosen.measure)
        plots.plot_trust(written[-1], rows, _site if chosen.by == "site" else _equipment, chosen.by)
        if found is not None:
            written.append(out / f"{chosen.measure.lower()}-agreement.png")
            plots.plot_agreement(written[-1], found, chosen.column or "reference")
    for path in written:
        print(path)
    return DONE


def _site(row: StudyRow) -> str:
    return row.site


def _equipment(row: StudyRow) -> str:
    return row.equipment


def _about(folder: Path) -> dict[str, tuple[str, str, str]]:
    """Patient, site and equipment by the id of a recording, which result.json does not have."""
    run = RunFolder(folder)
    return {
        name: (outcome.patient, outcome.site, outcome.equipment)
        for name in run.names()
        if (outcome := run.outcome(name)) is not None
    }
