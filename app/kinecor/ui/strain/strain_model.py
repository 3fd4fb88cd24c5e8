"""The strain of the recording on screen, shared by all views that draw it, and what a reader may choose about it."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from kinecor.core.checks.assessment import assessed
from kinecor.core.strain.short_axis import ShortAxisView, short_axis_view, why_no_short_axis_strain
from kinecor.core.strain.wall_strain import WallStrain, wall_strain, why_no_strain
from kinecor.core.table.measurement import Status
from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.session.edits import SetStrainChoices
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.workspace import Change, Workspace


class SegmentFocus(QObject):
    """The segment highlighted in all views: one of those of the view on screen, or none.

    Signals:
        changed(): another segment, or none.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._segment: int | None = None

    @property
    def segment(self) -> int | None:
        """0 to 5 from the left of the image over the apex to the right."""
        return self._segment

    def point_at(self, segment: int | None) -> None:
        """Highlight a segment, or none."""
        if segment != self._segment:
            self._segment = segment
            self.changed.emit()


class StrainModel(QObject):
    """Computes strain lazily, only while a strain view is visible.

    The saved state is computed at once. While a contour or an event is dragged a worker computes one preview after
    another, always the latest, so that the image follows the mouse.

    Signals:
        changed(): strain, events or the recording changed.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.strain: WallStrain | None = None
        """Of the Reading on screen, previews included; for a stack, of the level of the selected slice."""
        self.slice = 0
        """The selected slice of a stack (0-based)."""
        self.why = ""
        """The reason that there is no strain, or that the global value is not available; else ""."""
        self.previewing = False
        """Whether a preview is shown, while a contour or an event is dragged."""
        self._watchers: set[object] = set()
        self._jobs = Jobs(1, "strain", self)
        workspace.changed.connect(self._follow)

    @property
    def watched(self) -> bool:
        """Whether a strain view is visible."""
        return bool(self._watchers)

    @property
    def reading(self) -> Reading | None:
        """The Reading on screen."""
        return self._workspace.reading

    @property
    def times_s(self) -> FloatArray:
        """(t,) of the loop on screen."""
        return self.reading.facts.times_s if self.reading else np.zeros(1)

    @property
    def choices(self) -> StrainChoices:
        """The reader's choices for the loop on screen."""
        return self.reading.strain if self.reading else StrainChoices()

    def watch(self, watched: bool, by: object) -> None:
        """A strain view becomes visible or hidden."""
        (self._watchers.add if watched else self._watchers.discard)(by)
        self._compute(preview=False)

    def select_slice(self, number: int) -> None:
        """Select another slice (0-based) of the stack on screen."""
        if number != self.slice:
            self.slice = number
            if self._watchers and self.reading is not None and self.reading.kind.stack:
                self._compute(preview=False)

    def toggle(self, segment: int) -> None:
        """Exclude one of the segments shown, or include it again."""
        if isinstance(self.strain, ShortAxisView):
            segment = self.strain.numbers[segment] - 1
        self.choose(excluded=tuple(sorted(set(self.choices.excluded) ^ {segment})))

    def choose(self, **changes: object) -> None:
        """Change choices: `excluded`, `compensate_drift` or `depth`, as in StrainChoices; one step of the history."""
        saved = self._workspace.saved
        if saved is None:
            return
        wanted = replace(saved.strain, **changes)  # type: ignore[arg-type]
        if wanted != saved.strain:
            self._workspace.do(SetStrainChoices(wanted))

    def _follow(self, change: Change) -> None:
        if self._watchers:
            self._compute(preview=change.preview)

    @property
    def busy(self) -> bool:
        """Whether strain of a preview is being computed."""
        return bool(self._jobs.keys)

    def shutdown(self) -> None:
        """Stop; no thread remains."""
        self._jobs.shutdown()

    def _compute(self, *, preview: bool) -> None:
        reading = self.reading if self._watchers else None
        self.previewing = preview
        if reading is None:
            self._jobs.cancel_all()
            self._show(None, "")
        elif not preview:
            self._jobs.cancel_all()
            self._show(*_strain_and_why(reading, self.slice))
        elif not self._jobs.keys:
            self._begin(reading)

    def _begin(self, reading: Reading) -> None:
        def done(found: tuple[WallStrain | None, str]) -> None:
            self._show(*found)
            latest = self.reading
            if self.previewing and latest is not None and latest is not reading:
                self._begin(latest)

        number = self.slice
        self._jobs.start("strain", lambda _: _strain_and_why(reading, number), done, lambda why: self._show(None, why))

    def _show(self, strain: WallStrain | None, why: str) -> None:
        self.strain, self.why = strain, why
        self.changed.emit()


def _strain_and_why(reading: Reading, number: int) -> tuple[WallStrain | None, str]:
    if reading.kind.strain == "short-axis":
        gcs = next((one for one in assessed(reading).measurements if one.code == "GCS"), None)
        withheld = gcs.note if gcs is not None and gcs.status is Status.WITHHELD else None
        return short_axis_view(reading, number), why_no_short_axis_strain(reading) or withheld or ""
    found = wall_strain(reading)
    return found, (found.why if found else why_no_strain(reading)) or ""
