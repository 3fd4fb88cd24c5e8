"""The signature under the study on screen, and what it keeps from being changed."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kinecor.core.study.conclusions import SignStatus, parts_of, sign_status, why_not_signed
from kinecor.core.values.errors import error_message
from kinecor.core.values.message import joined_by
from kinecor.core.values.reading import Reading
from kinecor.session.edits import AddAddendum, Sign
from kinecor.session.store import login
from kinecor.ui.style.language import dated, tr

if TYPE_CHECKING:
    from kinecor.ui.workspace.workspace import Workspace

SIGNED = (
    "This study was signed by {who} on {at} UTC: to change it, write an addendum with the reason; it then needs a new "
    "signature."
)
CHANGED_MEANWHILE = "The study changed while its report was being made: look at it, then sign it again."
NOT_DONE = "The models are still computing values of this study: wait until they are done, or press Cancel."


class Signing:
    """Signs the study on screen, and refuses changes of signed ones."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    @property
    def closed(self) -> bool:
        """Whether the study on screen is signed, so that nothing in it changes."""
        study = self._workspace.study.reading
        return study is not None and study.closed

    def refused_as_signed(self, study_id: str | None = None) -> bool:
        """Whether a change of a study is refused because it is signed; then said so. The one on screen by default."""
        if study_id is None:
            recording = self._workspace.recording
            if recording is None:
                return False
            study_id = recording.source.study_id
        study, notices = self._workspace.opened.study_reading(study_id), self._workspace.notices
        signature = study.signature
        if not study.closed or signature is None:
            return False
        notices.remark.emit(tr(SIGNED).format(who=signature.by, at=f"{dated(signature.at[:10])} {signature.at[11:16]}"))
        notices.locked.emit()
        return True

    @property
    def status(self) -> SignStatus | None:
        """Where the study on screen stands with its signature; None where nothing is open."""
        study = self._workspace.study.reading
        if study is None or study.signature is None:  # without opening every recording
            return None if study is None else sign_status((), study)
        if self._workspace.checks.in_background:
            return self._workspace.checks.signed
        return sign_status(self._workspace.study.readings, study)

    def signature_to_give(self, remark: str = "") -> Sign | None:
        """The signature of this person under all that is concluded about the study on screen, to make its report with.

        None, with a message, where signing is refused. `sign` gives it.

        Args:
            remark: see Signature.

        """
        workspace = self._workspace
        if workspace.computing.awaited:
            workspace.notices.message.emit(tr(NOT_DONE))
            return None
        study, readings = workspace.study.reading, workspace.study.readings
        why = tr("Open a study to sign it.") if study is None else why_not_signed(readings, study)
        if study is None or why is not None:
            workspace.notices.message.emit(why or "")
            return None
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return Sign(at, parts_of(readings, study), login=login(), remark=remark.strip())

    @property
    def proposed_readings(self) -> tuple[Reading, ...]:
        """The Readings of the study on screen as the program proposed them, of those recordings that it read."""
        workspace = self._workspace
        opened = workspace.opened
        journal = opened.study_journal_of(workspace.recording)
        if journal is None:
            return ()
        _ = workspace.study.readings  # opens every recording
        members = (opened.recordings[index] for index in workspace.study.members)
        saved = [recording.source.recording_id for recording in members if not opened.is_unsaved(recording)]
        readings = [journal.proposed(name) for name in saved]
        return tuple(reading for reading in readings if reading is not None)

    def sign(self, signature: Sign, report: bytes, values: bytes = b"") -> bool:
        """Sign the study on screen as this person; False, with a message, where that is refused.

        Args:
            signature: by `signature_to_give`, of the study as it is still.
            report: the report that says so (PDF), which is kept with the signature.
            values: automatic and signed values, kept likewise; b"" for none.

        """
        workspace = self._workspace
        study, readings = workspace.study.reading, workspace.study.readings
        if study is None or workspace.computing.awaited or signature.parts != parts_of(readings, study):
            workspace.notices.message.emit(tr(CHANGED_MEANWHILE))
            return False
        return workspace.study.do(signature, lambda journal: journal.sign(signature, report, workspace.actor, values))

    def add_addendum(self, reason: str) -> bool:
        """Open the signed study on screen to changes; False, with a message, where that is refused."""
        try:
            return self._workspace.study.do(AddAddendum(datetime.now(UTC).isoformat(timespec="seconds"), reason))
        except ValueError as error:
            self._workspace.notices.message.emit(joined_by("", (error_message(error).capitalised(), ".")))
            return False
