"""Anonymise: what de-identified copies of a study would change, shown before they are written."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.message import Message
from kinecor.core.values.recording import Recording
from kinecor.session.store import readings_folder
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.layouts import last_row
from kinecor.ui.workspace.jobs import Jobs

if TYPE_CHECKING:
    from kinecor.io.write.anonymise import Planned

_PICTURE_PX = 360


class AnonymiseDialog(QDialog):
    """A file of each recording with what its copy would change; copies of all are written on demand."""

    def __init__(self, recordings: Sequence[Recording], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Anonymise"))
        self._recordings = tuple(recordings)
        self._key = readings_folder() / "anonymise.key"
        self.jobs = Jobs(1, "anonymise", self)
        self.shown = Choice()
        for recording in self._recordings:
            self.shown.addItem(Path(recording.source.path).name)
        self.dates = QCheckBox(tr("Keep dates, shifted for each patient"))
        self.characteristics = QCheckBox(tr("Keep sex, age, height and weight"))
        self.key = QPushButton(tr("Key…"))
        self.key.setAutoDefault(False)
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.elements = QTreeWidget()
        self.elements.setObjectName("elements")
        self.elements.setHeaderLabels([tr("Element"), tr("In the file"), tr("In the copy")])
        self.elements.setRootIsDecorated(False)
        self.elements.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.elements.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.elements.header().resizeSection(1, 200)
        self.picture, self.caption = QLabel(), QLabel()
        self.picture.setFixedSize(_PICTURE_PX, _PICTURE_PX)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setStyleSheet("background: black;")
        self.caption.setWordWrap(True)
        self.caption.setFixedWidth(_PICTURE_PX)
        self.caption.setMinimumHeight(3 * self.caption.fontMetrics().lineSpacing())
        self.caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.frame = QSlider(Qt.Orientation.Horizontal)
        self.frame.setAccessibleName(tr("Frame"))
        self.frame.setFixedWidth(_PICTURE_PX)
        self.confirm = QCheckBox(tr("I have looked at all frames: nothing in them names a person"))
        self.confirm.setFixedWidth(_PICTURE_PX)
        self._planned: Planned | None = None
        self._confirmed: set[str] = set()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.cancel, self.write = QPushButton(tr("Close")), QPushButton(tr("Write copies…"))
        self.write.setObjectName("primary")
        self._lay_out()
        for box in (self.dates, self.characteristics):
            box.toggled.connect(lambda _: self.refresh())
        self.shown.currentIndexChanged.connect(lambda _: self.refresh())
        self.frame.valueChanged.connect(lambda _: self._show_frame())
        self.confirm.clicked.connect(self._confirm)
        self.key.clicked.connect(self._choose_key)
        self.cancel.clicked.connect(self._cancel)
        self.write.clicked.connect(self._choose_folder)
        self.finished.connect(lambda _: self.jobs.shutdown())
        self.refresh()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.shown, 1)
        for part in (self.dates, self.characteristics, self.key):
            top.addWidget(part)
        right = QVBoxLayout()
        below: tuple[QWidget, ...] = (self.picture, self.frame, self.caption, self.confirm)
        for widget in below:
            right.addWidget(widget)
        right.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.elements, 1)
        middle.addLayout(right)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.facts)
        column.addLayout(middle, 1)
        column.addLayout(last_row(self.words, self.cancel, self.write))
        self.resize(1000, 560)

    def refresh(self) -> None:
        """Show what the copy of the chosen recording would change, under the options as they stand."""
        self.elements.clear()
        self.picture.clear()
        self._planned = None
        self.frame.hide()
        self.confirm.hide()
        self.facts.setText("")
        self.caption.setStyleSheet("")
        self.caption.setText(tr("What is changed is being determined…"))
        path = _files(self._recordings[self.shown.currentIndex()])[0]
        rules = self._rules()
        self.jobs.start("preview", lambda tick: _plan(path, rules, tick), self._show, self._not_shown)

    def _rules(self) -> "_Chosen":
        confirmed = frozenset(self._confirmed)
        return self._key, self.dates.isChecked(), self.characteristics.isChecked(), confirmed

    def _show(self, planned: "Planned") -> None:
        days = planned.earlier_days
        dates = tr("dates are removed") if days is None else tr("dates are {n} days earlier").format(n=days)
        self.facts.setText(
            tr("Pseudonym {name}; {dates}. The key {key} gives the same pseudonym every time.").format(
                name=planned.pseudonym, dates=dates, key=self._key
            )
        )
        for element in planned.elements:
            becomes = tr("removed") if element.becomes is None else element.becomes or tr("empty")
            item = QTreeWidgetItem([element.name, element.was, becomes])
            item.setToolTip(1, element.was)
            self.elements.addTopLevelItem(item)
        self._planned = planned
        frames = len(planned.frames)
        with QSignalBlocker(self.frame):
            self.frame.setRange(0, frames if frames > 1 else 0)
            self.frame.setValue(0)
        self.frame.setVisible(frames > 1)
        self.confirm.setVisible(planned.kind not in _SURE)
        self.confirm.setChecked(planned.digest in self._confirmed)
        self._show_frame()

    def _show_frame(self) -> None:
        """Show all frames at once, the brightest of each pixel, or the one that the slider is at."""
        planned, number = self._planned, self.frame.value()
        if planned is None:
            return
        shown = planned.picture(number - 1 if number else None)
        rows, columns = shown.shape[:2]
        image = QImage(shown.tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888)
        ratio = self.devicePixelRatioF()
        side = round(_PICTURE_PX * ratio)
        pixmap = QPixmap.fromImage(image).scaled(
            side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        pixmap.setDevicePixelRatio(ratio)
        self.picture.setPixmap(pixmap)
        what = tr("Frame {n}.").format(n=number) if number else tr("All frames, the brightest of each pixel.")
        self.caption.setText(f"{what} {_said_of(planned)}")
        self.caption.setStyleSheet("" if planned.kind in _SURE else f"color: {theme.WARNING};")

    def _confirm(self) -> None:
        """Let a picture in which no sector is found be copied, or not."""
        if self._planned is not None:
            change = self._confirmed.add if self.confirm.isChecked() else self._confirmed.discard
            change(self._planned.digest)

    def _not_shown(self, why: str) -> None:
        self.caption.setText("! " + tr("No copy is made of this file: {why}").format(why=why))
        self.caption.setStyleSheet(f"color: {theme.WARNING};")

    def _choose_key(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Key of the pseudonyms"), str(self._key), options=QFileDialog.Option.DontConfirmOverwrite
        )
        if name:
            self._key = Path(name)
            self.refresh()

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder for the copies"))
        if name:
            self.start(Path(name))

    def start(self, out: Path) -> None:
        """Write copies of all recordings below a folder."""
        files = [path for recording in self._recordings for path in _files(recording)]
        rules = self._rules()
        self._say(tr("Writing copies…"))
        self.jobs.start(
            "write",
            lambda tick: _write(files, out, rules, tick),
            self._written,
            self._failed,
            lambda done, total: self._say(tr("{n} of {total} files").format(n=done, total=total)),
        )
        self._refresh_buttons()

    def _written(self, result: tuple[Path, dict[str, Message]]) -> None:
        folder, refused = result
        text = tr("Written to {folder}; the list of changes is in the same folder").format(folder=folder)
        left = "; ".join(f"{name}: {translated(why)}" for name, why in refused.items())
        said = tr("! {n} files left out: {why}").format(n=len(refused), why=left)
        self._say(f"{text}. {said}" if refused else text, theme.WARNING if refused else "")
        self._refresh_buttons()

    def _failed(self, why: str) -> None:
        self._say("! " + why, theme.BAD)
        self._refresh_buttons()

    def _say(self, words: str, colour: str = "") -> None:
        self.words.setText(words)
        self.words.setStyleSheet(f"color: {colour};" if colour else "")

    def _refresh_buttons(self) -> None:
        writing = "write" in self.jobs.keys
        self.write.setEnabled(not writing)
        self.cancel.setText(tr("Cancel") if writing else tr("Close"))

    def _cancel(self) -> None:
        if self.jobs.cancel("write"):
            self._say(tr("Cancelled; nothing was written"))
            self._refresh_buttons()
        else:
            self.reject()


_Chosen = tuple[Path, bool, bool, frozenset[str]]
"""The key's file, whether dates and characteristics stay, and digests of pictures that a person has looked at."""
_SURE = ("as it is", "sector")
"""Of `Picture`: no person needs to look at them."""
_STILL = ("still",)


def _said_of(planned: "Planned") -> str:
    if planned.blanked is None:
        return tr("No text is found; its pixels stay as they are.")
    share = f"{100 * planned.blanked.mean():.0f}"
    striped = tr("Striped red: blanked in all frames ({n} %): all but the sector, and text in it.").format(n=share)
    if planned.kind in _SURE:
        return striped
    if planned.kind in _STILL:
        still = tr("! Nothing moves in it, so faint text may be hidden: without your confirmation there is no copy.")
        return f"{striped} {still}"
    return tr(
        "! No sector is found, so text and tissue cannot be separated. This is what the copy would show "
        "({n} % is blanked): without your confirmation there is none."
    ).format(n=share)


def _files(recording: Recording) -> list[Path]:
    """The files of a recording, each once; a video or volume is its own file."""
    found = (
        path
        for cine in recording.cines
        for path in ([instance.path for instance in cine.instances] or [cine.source.path])
    )
    return [Path(path) for path in dict.fromkeys(found)]


def _is_dicom(path: Path) -> bool:
    from kinecor.io.open.find import find

    try:
        return any(candidate.kind == "dicom" for candidate in find(path).candidates)
    except KinecorError:  # a simulated recording has no file
        return False


def _plan(path: Path, chosen: _Chosen, tick: Tick) -> "Planned":
    """What a copy changes; runs on a worker."""
    from kinecor.io.write.anonymise import NOT_DICOM, Rules, load_key, plan_copy

    tick(0, 0)
    key, dates, characteristics, confirmed = chosen
    if not _is_dicom(path):
        raise KinecorError(NOT_DICOM)
    return plan_copy(path, Rules(load_key(key), dates, characteristics, confirmed))


def _write(files: Sequence[Path], out: Path, chosen: _Chosen, tick: Tick) -> tuple[Path, dict[str, Message]]:
    from kinecor.io.write.anonymise import Rules, load_key, write_copies

    key, dates, characteristics, confirmed = chosen
    named = [
        (tr("file {n}").format(n=number), path if _is_dicom(path) else None) for number, path in enumerate(files, 1)
    ]
    return write_copies(named, out, Rules(load_key(key), dates, characteristics, confirmed), tick)
