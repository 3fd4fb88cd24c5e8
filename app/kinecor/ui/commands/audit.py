"""The audit log and the department's repository of audit messages."""

from typing import TYPE_CHECKING

from kinecor.core.values.errors import Tick
from kinecor.io.archive.audit_messages import Event, send
from kinecor.session.audit import Opened, compared_at_opening
from kinecor.ui.app.messages import REMARK_MS
from kinecor.ui.style.language import translated

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow


class AuditTrail:
    """Compares what is opened with the audit log, and tells a department's repository.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window
        self.compared_with_log: set[str] = set()

    def compare_with_log(self) -> None:
        """Compare the files of the studies that were opened with the audit log, in the background."""
        opened = self.window.workspace.opened.entries_at_opening
        new = {study: count for study, count in opened.items() if study not in self.compared_with_log}
        self.compared_with_log |= new.keys()

        def compare(tick: Tick) -> list[Opened]:
            opened_studies = []
            for study, count in new.items():
                tick(0, 0)
                opened_studies.append(compared_at_opening(study, count))
            return [opened for opened in opened_studies if opened is not None]

        def done(opened_studies: list[Opened]) -> None:
            for opened in opened_studies:
                if opened.contradicts:
                    self.window.banner.show_message(opened.words)
                    self.send_audit(Event.CONTRADICTED, opened.study_id, words=opened.words)
                else:
                    self.window.status.showMessage(translated(opened.words), REMARK_MS)

        for study in new:
            self.send_audit(Event.OPENED, study)
        if new:
            self.window.jobs.start(f"audit {next(iter(new))}", compare, done, self.window.banner.show_message)

    def send_audit(self, event: Event, study_id: str = "", *, words: str = "", target: str = "") -> None:
        """Tell the department's repository, where one is configured; of the study on screen by default."""
        study = (
            self.window.workspace.opened.study_reading(study_id) if study_id else self.window.workspace.study.reading
        )
        if study is not None:
            send(event, self.window.workspace.actor, (study,), words=str(words), target=target)
