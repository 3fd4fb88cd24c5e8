"""`kinecor site`: how automatic values agree with those that the readers of a site signed."""

import argparse
import sys

from kinecor.cli.outcomes import DONE
from kinecor.core.report.agreement import TITLES, cells, counts, heading, set_aside_words
from kinecor.core.report.language import language
from kinecor.core.study.site_agreement import GroupKind, SiteAgreement, site_agreement
from kinecor.core.values.message import Message, joined_by
from kinecor.io.export.site_tables import write_site_csv, write_site_json
from kinecor.session.signed_studies import Unused, read_site


def site(chosen: argparse.Namespace) -> int:
    """Run the command: print the agreement of all patients, write the tables and pages; 0 where that was done.

    Raises:
        KinecorError: too few patients, or nothing that can be read.

    """
    read = read_site(chosen.dir, _progress, tuple(chosen.log), tuple(chosen.key))
    for set_aside in read.set_aside:
        if set_aside.why in (Unused.UNVERIFIED, Unused.WITHOUT_VALUES):
            print(f"kinecor: {set_aside.file}: {set_aside.words}", file=sys.stderr)
    if not_used := set_aside_words(*(read.count(why) for why in Unused)):
        print(f"kinecor: {not_used}", file=sys.stderr)
    agreement = site_agreement(read.studies)
    _print(agreement)
    if chosen.out is not None:
        from kinecor.io.report.site_pages import write_site_pdf  # loads reportlab

        csv, data, pages = (chosen.out / f"agreement.{ending}" for ending in ("csv", "json", "pdf"))
        write_site_csv(csv, agreement)
        write_site_json(data, agreement, read)
        write_site_pdf(pages, agreement, read, language(chosen.language))
        for path in (csv, data, pages):
            print(path)
    return DONE


def _print(agreement: SiteAgreement) -> None:
    """The rows of all patients, with the groups below them."""
    print(counts(agreement))
    for code in agreement.codes:
        rows = agreement.of_value(code)
        print(f"\n{heading(rows[0])}")
        print("  " + _line(TITLES))
        for row in rows:
            print(("  " if row.kind is GroupKind.ALL else "    ") + _line(cells(row)))


def _line(texts: tuple[Message, ...]) -> str:
    return str(joined_by(" | ", texts))


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total} files", end="\n" if done == total else "", file=sys.stderr, flush=True)
