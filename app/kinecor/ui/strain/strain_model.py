"""The strain of the recording on screen, shared by all views that draw it, and what a reader may choose about it."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from kinecor.core.strain.short_axis import why_no_short_axis_strain
from kinecor.core.strain.short_axis_view import ShortAxisView, short_axis_view
from kinecor.core.strain.wall_strain import WallStrain, wall_strain, why_no_strain
from kinecor.core.table.measurement import Status
from kinecor.core.table.table import measurements
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.strain_choices import StrainChoices
from kinecor.session.edits import SetStrainChoices
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.workspace import Change, Workspace


class SegmentFocus(QObject):
    """One of the six segments of the view on screen, or none.

    Signals:
        changed(): another segment, or none.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._segment: int | None = None

    @property
    def segment(self) -> int | None:
        """0 to 5 from the left of the picture over the apex to the right."""
        return self._segment

    def point_at(self, segment: int | None) -> None:
        """Let a segment stand out, or none."""
        if segment != self._segment:
            self._segment = segment
            self.changed.emit()


class StrainModel(QObject):
    """Works strain out while somebody looks at it, and only then.

    What is written down is worked out at once. While a contour or a mark is being dragged a worker follows as fast as
    it can, from one state on the way to the latest, so that the picture stays under the mouse.

    Signals:
        changed(): another strain, other marks, or another recording.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.strain: WallStrain | None = None
        """Of the Reading on screen, previews included; of a stack, of the level that the selected slice belongs to."""
        self.slice = 0
        """The slice of a stack that is looked at, from 0."""
        self.why = ""
        """Why there is none, or why the global value is withheld; "" where there is nothing to say."""
        self.previewing = False
        """Whether what is shown is on the way: a contour or a mark is being dragged."""
        self._watchers: set[object] = set()
        self._jobs = Jobs(1, "strain", self)
        workspace.changed.connect(self._follow)

    @property
    def watched(self) -> bool:
        """Whether somebody looks."""
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
        """What is chosen for the loop on screen."""
        return self.reading.strain if self.reading else StrainChoices()

    def watch(self, watched: bool, by: object) -> None:
        """Somebody begins to look, or stops."""
        (self._watchers.add if watched else self._watchers.discard)(by)
        self._work_out(preview=False)

    def look_at(self, number: int) -> None:
        """Another slice of the stack on screen is selected."""
        if number != self.slice:
            self.slice = number
            if self._watchers and self.reading is not None and self.reading.kind.stack:
                self._work_out(preview=False)

    def toggle(self, segment: int) -> None:
        """Leave one of the segments shown out, or take it in again."""
        if isinstance(self.strain, ShortAxisView):
            segment = self.strain.numbers[segment] - 1
        self.choose(excluded=tuple(sorted(set(self.choices.excluded) ^ {segment})))

    def choose(self, **changes: object) -> None:
        """Choose otherwise: `excluded`, `compensate_drift` or `depth`, as in StrainChoices; one step of the history."""
        saved = self._workspace.saved
        if saved is None:
            return
        wanted = replace(saved.strain, **changes)  # type: ignore[arg-type]
        if wanted != saved.strain:
            self._workspace.do(SetStrainChoices(wanted))

    def _follow(self, change: Change) -> None:
        if self._watchers:
            self._work_out(preview=change.preview)

    @property
    def busy(self) -> bool:
        """Whether strain of a state on the way is still to come."""
        return bool(self._jobs.keys)

    def shutdown(self) -> None:
        """Stop and leave no thread behind."""
        self._jobs.shutdown()

    def _work_out(self, *, preview: bool) -> None:
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
        told = next((one for one in measurements(reading) if one.code == "GCS"), None)
        withheld = told.note if told is not None and told.status is Status.WITHHELD else None
        return short_axis_view(reading, number), why_no_short_axis_strain(reading) or withheld or ""
    found = wall_strain(reading)
    return found, (found.why if found else why_no_strain(reading)) or ""
