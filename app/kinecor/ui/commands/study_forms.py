"""Forms of the study on screen."""

from typing import TYPE_CHECKING

from kinecor.io.archive.audit_messages import Event
from kinecor.session.edits import Sign
from kinecor.ui.app.messages import REMARK_MS
from kinecor.ui.report.render import content_of, report_to_sign
from kinecor.ui.study.join_form import JoinForm, stills_of
from kinecor.ui.study.patient_form import PatientForm
from kinecor.ui.study.sign_form import AddendumForm, SignForm
from kinecor.ui.style.language import tr

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow


class StudyForms:
    """Asks what only a person can say of the study on screen: patient, signature, stages.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window

    def show_agreement(self) -> None:
        """Show how automatic values agree with those that were signed here."""
        from kinecor.ui.study.agreement_dialog import AgreementDialog

        AgreementDialog(parent=self.window).open()

    def ask_patient(self) -> None:
        """Let the reader enter what the file lacks of the patient."""
        study = self.window.workspace.study.reading
        if study is not None:
            PatientForm(study, self.window.workspace.study.do, self.window).open()

    def ask_signature(self) -> None:
        """Let the reader sign the study on screen, with what is typed in the report."""
        self.window.report.commit()
        if self.window.workspace.study.reading is not None and not self.window.exporting.still_computing():
            form = SignForm(self.window.workspace, self.window.reading.results.accepted, self.window)
            form.signed.connect(lambda signature: self._sign(signature, form))
            form.finished.connect(lambda _: self.window.jobs.cancel("sign"))
            form.open()

    def _sign(self, signature: Sign, form: SignForm) -> None:
        """Make the report that is signed, then sign both."""
        content, reader = content_of(self.window.workspace), self.window.workspace.actor
        if content is None:
            form.reject()
            return

        def done(made: tuple[Sign, bytes, bytes]) -> None:
            if self.window.workspace.signing.sign(*made):
                self.window.audit.send_audit(Event.CHANGED, words="signed")
            form.accept()

        proposed = self.window.workspace.signing.proposed_readings
        self.window.jobs.start(
            "sign", lambda tick: report_to_sign(content, signature, reader, tick, proposed), done, form.show_failed
        )

    def ask_addendum(self) -> None:
        """Ask for the reason to change the signed study on screen."""
        if self.window.workspace.study.reading is not None:
            form = AddendumForm(self.window.workspace, self.window)
            form.accepted.connect(lambda: self.window.audit.send_audit(Event.CHANGED, words="addendum"))
            form.open()

    def ask_join(self) -> None:
        """Let the reader join two stills of the study on screen."""
        if len(stills_of(self.window.workspace)) < 2:
            self.window.banner.show_message(
                tr("This study has no two stills to join: open the folder with both of them.")
            )
        else:
            JoinForm(self.window.workspace, self.window).open()

    def ask_stages(self) -> None:
        """Show the stages and views of the study on screen, and let the reader set them."""
        if self.window.workspace.cine is None:
            self.window.banner.show_message(tr("Stress stages are of loops: open a stress echo study first."))
        else:
            from kinecor.ui.study.stress_form import StressForm

            form = StressForm(
                self.window.workspace,
                self.window.reading.board.open_recording,
                lambda: self._name_views()[1],
                self.window,
            )
            form.view_named.connect(self.window.analysing.consider_views)
            form.open()

    def name_views(self) -> None:
        """Name views of a stress study after those of the same number at other stages."""
        count, said = self._name_views()
        if count:
            self.window.status.showMessage(said, REMARK_MS)
        else:
            self.window.banner.show_message(said)

    def _name_views(self) -> tuple[int, str]:
        """Name views by number; how many were named, and in words, or what to do first."""
        count = self.window.workspace.study.name_views_by_number()
        if not count:
            return 0, tr(
                "No view could be named: name the views of one stage first; others follow by their view numbers."
            )
        self.window.analysing.consider_views()
        text = tr("1 view named by its number") if count == 1 else tr("{n} views named by their numbers")
        return count, text.format(n=count)
