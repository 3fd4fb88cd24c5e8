"""What other systems, such as echo carts, reported of the study: their numbers with their source, apart from ours."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from kinecor.core.table.measures import typeset, unit_name
from kinecor.core.values.foreign import ForeignReport, ForeignValue
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.workspace import Workspace, date_words

_MOST = 400


class ReportedView(QWidget):
    """One paragraph for each report, a line for each number, under the report's own headings."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 2, 12, 8)
        column.addWidget(self.words)

    @property
    def reports(self) -> tuple[ForeignReport, ...]:
        """Those of the study on screen."""
        study = self._workspace.study_reading
        return tuple(one for one in self._workspace.reports if study is not None and one.study_id == study.study_id)

    def refresh(self) -> int:
        """Show the reports of the study on screen; how many values they have."""
        reports = self.reports
        self.words.setText("".join(_report(one) for one in reports))
        return sum(len(one.values) for one in reports)


def _report(one: ForeignReport) -> str:
    source = " · ".join(filter(None, (one.equipment, date_words(one.date) if one.date else "", one.path)))
    title = escape(one.title or tr("Structured report"))
    out = [
        f"<p style='margin:4px 0 0 0'><b>{title}</b><br><span style='color:{theme.QUIET}'>{escape(source)}</span></p>"
    ]
    heading = ""
    for value in one.values[:_MOST]:
        within = " › ".join(value.within[-2:])
        if within != heading:
            heading = within
            out.append(f"<p style='margin:6px 0 0 0; color:{theme.QUIET}'>{escape(within)}</p>")
        out.append(f"<p style='margin:0'>{_value(value)}</p>")
    if len(one.values) > _MOST:
        more = tr("{count} more values: kinecor analyse lists all in result.json").format(count=len(one.values) - _MOST)
        out.append(f"<p style='margin:0; color:{theme.QUIET}'>{escape(more)}</p>")
    return "".join(out)


def _value(one: ForeignValue) -> str:
    unit = unit_name(one.unit) if one.unit != "1" else ""
    details = ", ".join(which for _, which in one.details)
    tail = "; ".join(filter(None, (details, one.remark)))
    quiet = f" <span style='color:{theme.QUIET}'>({escape(tail)})</span>" if tail else ""
    return f"{escape(one.name)} <b>{escape(typeset(f'{one.value:g}'))} {escape(unit)}</b>{quiet}"
