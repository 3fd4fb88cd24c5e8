"""The strain of the loop on screen, for all views that draw it, and what a reader may choose about it."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from kinecor.core.arrays import FloatArray
from kinecor.core.reading import Reading
from kinecor.core.strain_choices import StrainChoices
from kinecor.core.wall_strain import WallStrain, wall_strain, why_no_strain
from kinecor.session.strain_edits import SetStrainChoices
from kinecor.ui.workspace import Change, Workspace


class StrainDesk(QObject):
    """Works strain out while somebody looks at it, and only then: opening and dragging stay as fast as without.

    Signals:
        changed(): another strain, other marks, or another recording.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.strain: WallStrain | None = None
        """Of the Reading on screen, previews included."""
        self.why = ""
        """Why there is none, or why the global value is withheld; "" where there is nothing to say."""
        self.previewing = False
        """Whether what is shown is on the way: a contour or a mark is being dragged."""
        self._watchers: set[object] = set()
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

    def toggle(self, segment: int) -> None:
        """Leave one of the six segments out, or take it in again."""
        self.choose(excluded=tuple(sorted(set(self.choices.excluded) ^ {segment})))

    def choose(self, **changes: object) -> None:
        """Choose otherwise: `excluded`, `compensate_drift` or `depth`, as in StrainChoices; one step of the history."""
        kept = self._workspace.kept
        if kept is None or kept.slices:
            return
        wanted = replace(kept.strain, **changes)  # type: ignore[arg-type]
        if wanted != kept.strain:
            self._workspace.do(SetStrainChoices(wanted))

    def _follow(self, change: Change) -> None:
        if self._watchers:
            self._work_out(preview=change.preview)

    def _work_out(self, *, preview: bool) -> None:
        reading = self.reading if self._watchers else None
        self.previewing = preview
        self.strain, self.why = None, ""
        if reading is not None and not reading.slices:
            self.strain = wall_strain(reading)
            self.why = (self.strain.why if self.strain else why_no_strain(reading)) or ""
        self.changed.emit()
