"""Edits of what holds for a whole recording: its scale, its view, whether it is measured, the reader's notes."""

from dataclasses import dataclass

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.reading import Reading, View
from kinecor.session.codec import Edit, authored, invalidate_accepted, tagged


@tagged("set-calibration/1")
@dataclass(frozen=True, slots=True)
class SetCalibration(Edit):
    """Another calibration, or none."""

    calibration: Calibration | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        if self.calibration is None:
            return "calibration removed"
        return f"calibration {self.calibration.row_mm:.4g} × {self.calibration.col_mm:.4g} mm"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this calibration in use."""
        return invalidate_accepted(reading, "calibration", by, calibration=self.calibration)


@tagged("set-view/1")
@dataclass(frozen=True, slots=True)
class SetView(Edit):
    """The view of the recording."""

    view: View

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"view {self.view.label}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading of that view."""
        return authored(reading, "view", by, view=self.view)


@tagged("set-view-seen/1")
@dataclass(frozen=True, slots=True)
class SetViewSeen(Edit):
    """The view that a model recognises in the images, next to the view in use."""

    view: View | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"view {self.view.label} recognised" if self.view else "no view recognised"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this view recognised."""
        return authored(reading, "view_seen", by, view_seen=self.view)


@tagged("set-withheld/1")
@dataclass(frozen=True, slots=True)
class SetWithheld(Edit):
    """The reason why nothing is measured in this recording, or None: it may be measured."""

    reason: str | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "measurements allowed" if self.reason is None else f"not measured: {self.reason}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading whose measurements are withheld, or no longer are."""
        return authored(reading, "withheld", by, withheld=self.reason)


@tagged("set-notes/1")
@dataclass(frozen=True, slots=True)
class SetNotes(Edit):
    """The reader's notes, as a whole."""

    text: str

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "notes" if self.text else "notes removed"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these notes."""
        return authored(reading, "notes", by, notes=self.text)
