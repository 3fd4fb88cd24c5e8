"""A window on recordings that need no file, with an analysis that needs no model."""

from dataclasses import dataclass, replace

import pytest
from pytestqt.qtbot import QtBot

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.message import message
from kinecor.core.values.recording import Stack
from kinecor.core.volumes.extent import proposed_extent
from kinecor.session.edits import Edit, OnSlice, SetEvents, SetExtent, SetTrack, Several
from kinecor.ui.app import settings
from kinecor.ui.app.hanging import HangingProtocol, StudyKind
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.modes import Mode
from kinecor.ui.commands import opening
from kinecor.ui.style.theme import apply_theme
from tests import stacks
from tests.readings import BY, cine, read

# pytest-qt gives up after 5 s, which a busy machine may need.
for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals):
    wait.__kwdefaults__["timeout"] = 60_000

OFFERED = Calibration(1.02, 1.02, message("the file's scale times the shrinking of its picture"))


MEASURED = {kind.value: HangingProtocol(Mode.MEASURE) for kind in StudyKind}
"""Most tests measure."""


@dataclass(frozen=True)
class Proposal:
    edit: Edit
    by: str
    rest: object = None


def beating(recording, reading, tick):
    """Proposes an ellipse that beats; for a stack, a heart."""
    if isinstance(recording, Stack):
        return beating_stack(recording, tick)
    for frame in range(len(recording)):
        tick(frame, len(recording))
    wanted = read(recording)
    events = () if wanted.events is None else (SetEvents(wanted.events),)
    edits = (*(SetTrack(track) for track in wanted.tracks.values()), *events)
    return Proposal(Several(message("analysed by unet 1.0"), edits), BY)


def beating_stack(recording, tick):
    wanted = stacks.read(recording)
    tick(1, 1)
    edits = [
        OnSlice(number, SetTrack(track)) for number, one in enumerate(wanted.slices) for track in one.tracks.values()
    ]
    extent = SetExtent(proposed_extent(wanted))
    return Proposal(Several(message("analysed by lv-test 1.0"), (*edits, extent, SetEvents(wanted.events))), stacks.BY)


def unscaled():
    return replace(cine(calibrated=False), offered=OFFERED)


@pytest.fixture
def themed(qapp):
    apply_theme(qapp)
    return qapp


@pytest.fixture
def open_window(themed, qtbot, monkeypatch):
    """open_window(recordings, refused, propose) -> a shown window with them; closed at the end of the test."""
    made = []

    def opener(recordings=(), refused=(), propose=beating, *, analysed=True, reports=()):
        monkeypatch.setattr(opening, "open_all", lambda paths, tick: (tuple(recordings), tuple(refused), reports))
        window = MainWindow(settings.Settings(reader="Dr Grey", hanging=MEASURED), propose)
        qtbot.addWidget(window)
        made.append(window)
        window.resize(1200, 800)
        window.show()
        if recordings or refused:
            window.opening.open_paths(["study"])
            qtbot.waitUntil(lambda: not window.jobs.keys)
            window.player.pause()
            if window.player.frames:
                window.player.seek(0)  # it has played a few frames, by the machine's load
        if recordings and analysed:
            qtbot.waitUntil(lambda: not window.busy)
        return window

    yield opener
    for window in made:
        window.close()


@pytest.fixture
def window(open_window):
    """A window on one analysed loop with a scale."""
    return open_window([cine()])
