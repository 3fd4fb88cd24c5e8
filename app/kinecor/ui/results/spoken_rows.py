"""A row of the results panel as a screen reader says it."""

from kinecor.ui.results.rows import Row
from kinecor.ui.style.language import tr, translated


def spoken_row(row: Row) -> str:
    """Name, view, value with unit and interval, class, who decided, and the reason for a doubt, in one sentence."""
    name = f"{row.shown_name} {row.view}".rstrip()
    if row.computing:
        return f"{name}: {tr('still computing')}"
    if row.withheld:
        value = tr("not available")
    else:
        value = " ".join(filter(None, (translated(row.value), translated(row.interval), row.unit)))
    grade = row.span.grade if row.span is not None and not row.withheld else ""
    decided = translated(row.status) if row.decided is not None or row.accepted else ""
    return f"{name}: " + ", ".join(filter(None, (value, grade, decided, row.reason)))
