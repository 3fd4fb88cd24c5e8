"""The user guide in the window: the pages of docs/guide, without a network."""

import re
from enum import Enum, auto
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QDesktopServices,
    QGuiApplication,
    QImage,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
)
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

import kinecor_resources
from kinecor.ui.app.modes import Mode
from kinecor.ui.style import theme
from kinecor.ui.style.language import in_force, tr

FIRST: Final = "index"
PAGES: Final = (
    "echo", "mri", "study-folder", "strain", "correcting", "checks", "shortcuts", "report", "archive", "batch",
    "cohort", "cluster", "live", "anonymising", "other-programs",
)  # fmt: skip
"""Pages of docs/guide in the order of the list, as in mkdocs.yml."""
_OF_MODE: Final = {Mode.MEASURE: "correcting", Mode.STRAIN: "strain", Mode.REPORT: "report"}
_SIZE: Final = QSize(1060, 680)
_COMMENT: Final = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_MARGIN_PX: Final = 18
_LIST_PX: Final = 230
_MAX_MARKED: Final = 200  # places of words on one page
_BELOW_PX: Final = 9  # below a paragraph
_ABOVE_PX: Final = 12  # above a heading


def page_of(mode: Mode, *, stack: bool, checks: bool) -> str:
    """The page for what is on screen: a mode, of a stack or a loop, with the Checks list or without."""
    if checks:
        return "checks"
    if mode is Mode.REVIEW or (mode is Mode.MEASURE and stack):
        return "mri" if stack else "echo"
    return _OF_MODE[mode]


def documents() -> Path:
    """The folder of the documents: in the installed package, or docs in a source tree."""
    installed = Path(str(files(kinecor_resources) / "docs"))
    return installed if installed.is_dir() else Path(str(files(kinecor_resources))).parents[1] / "docs"


def place_of(name: str) -> Path:
    """The file of a page: in the language in force, in English where it is not translated."""
    file = f"{name}.md" if name == FIRST else f"guide/{name}.md"
    own = documents() / in_force() / file
    return own if own.is_file() else documents() / file


def text_of(path: Path) -> str:
    """The Markdown of a page without comments.

    Raises:
        OSError: the file cannot be read.

    """
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def title_of(name: str) -> str:
    """The heading of a page; its name where it cannot be read."""
    try:
        first = next(line for line in text_of(place_of(name)).splitlines() if line.startswith("# "))
    except (OSError, StopIteration):
        return name
    return first.removeprefix("# ")


def anchor_of(heading: str) -> str:
    """What a link names a heading by, as mkdocs makes it."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


class Way(Enum):
    """Where the next place of the words is looked for."""

    FORWARD = auto()
    BACKWARD = auto()


class PageView(QTextBrowser):
    """One page, with links, pictures and a history of its own.

    Each page is a document of its own: Qt adds Markdown to what another page left in a document.

    Signals:
        page_changed(): another page is shown.
    """

    page_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.url = QUrl()
        """The page shown, a local file."""
        self._page: QTextDocument | None = None
        self._past: list[QUrl] = []
        self._future: list[QUrl] = []
        self.setOpenLinks(False)
        self.anchorClicked.connect(self.follow)

    @property
    def path(self) -> Path:
        """The file of the page."""
        return Path(self.url.toLocalFile())

    @property
    def backwards(self) -> bool:
        """Whether there is a page to go back to."""
        return bool(self._past)

    @property
    def forwards(self) -> bool:
        """Whether there is a page to go forward to."""
        return bool(self._future)

    def follow(self, link: QUrl) -> None:
        """Show the page of a link; one out of the guide opens in the browser of the system, on a click only."""
        url = self.url.resolved(link)
        if not url.isLocalFile():
            QDesktopServices.openUrl(url)
        elif url != self.url:
            if not self.url.isEmpty():
                self._past.append(self.url)
            self._future.clear()
            self._load(url)

    def backward(self) -> None:
        """The page before."""
        if self._past:
            self._future.append(self.url)
            self._load(self._past.pop())

    def forward(self) -> None:
        """The page that `backward` came from."""
        if self._future:
            self._past.append(self.url)
            self._load(self._future.pop())

    def _load(self, url: QUrl) -> None:
        self.url = url
        try:
            text = text_of(self.path)
        except (OSError, UnicodeDecodeError):
            text = tr("This page is not part of the installed guide.")
        old, page = self._page, QTextDocument(self)
        page.setDefaultFont(self.font())
        page.setDocumentMargin(_MARGIN_PX)
        page.setMarkdown(text)
        _arrange(page)
        self.setDocument(page)
        self._page = page
        if old is not None:
            old.deleteLater()
        self._go_to(url.fragment())
        self.page_changed.emit()

    def _go_to(self, anchor: str) -> None:
        """Scroll to the heading that a link names, else to the top."""
        top, block = 0.0, self.document().begin()
        while anchor and block.isValid():
            if block.blockFormat().headingLevel() and anchor_of(block.text()) == anchor:
                top = self.document().documentLayout().blockBoundingRect(block).top()
                break
            block = block.next()
        self.verticalScrollBar().setValue(round(top))

    def holds(self, words: str) -> bool:
        """Whether the page has these words, in this order."""
        return not self.document().find(words).isNull()

    def to_end(self, way: Way) -> None:
        """Look for words from the top of the page, or from its end where they are looked for backwards."""
        cursor = self.textCursor()
        forward = way is Way.FORWARD
        cursor.movePosition(cursor.MoveOperation.Start if forward else cursor.MoveOperation.End)
        self.setTextCursor(cursor)

    def find_words(self, words: str, way: Way) -> bool:
        """Select the next place of words and scroll to it; False, with nothing changed, where there is none."""
        flags = QTextDocument.FindFlag(0) if way is Way.FORWARD else QTextDocument.FindFlag.FindBackward
        return bool(words) and self.find(words, flags)

    def mark_all(self, words: str) -> None:
        """Mark every place of words on the page; none for ""."""
        places: list[QTextEdit.ExtraSelection] = []
        at = self.document().find(words) if words else QTextCursor()
        while not at.isNull() and len(places) < _MAX_MARKED:
            place = QTextEdit.ExtraSelection()
            place.cursor = at
            place.format.setBackground(QColor(theme.WARNING_GROUND))
            place.format.setFontUnderline(True)
            places.append(place)
            at = self.document().find(words, at)
        self.setExtraSelections(places)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Pictures of local files, no wider than the page; nothing else is loaded."""
        url = self.url.resolved(QUrl(name))
        if kind != QTextDocument.ResourceType.ImageResource or not url.isLocalFile():
            return None
        image, ratio = QImage(url.toLocalFile()), self.devicePixelRatioF()
        bar_px = self.verticalScrollBar().sizeHint().width()
        room_px = round((self.contentsRect().width() - bar_px - 2 * _MARGIN_PX) * ratio)
        if image.width() > room_px > 0:
            image = image.scaledToWidth(room_px, Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        return image

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures follow the width of the page."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width() and not self.url.isEmpty():
            self._load(self.url)


def _arrange(page: QTextDocument) -> None:
    """Part the paragraphs of a page, show code as such and tables with lines."""
    block, cursor = page.begin(), QTextCursor(page)
    while block.isValid():
        following, form = block.next(), block.blockFormat()
        code = form.hasProperty(QTextFormat.Property.BlockCodeFence)
        same = code and following.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)
        form.setBottomMargin(0 if same else _BELOW_PX / 3 if block.textList() else _BELOW_PX)
        form.setTopMargin(_ABOVE_PX if form.headingLevel() and block.position() else 0)
        form.setNonBreakableLines(False)
        if code:
            form.setBackground(QColor(theme.RAISED))
        cursor.setPosition(block.position())
        if cursor.currentTable() is None:
            cursor.setBlockFormat(form)
        block = following
    for frame in page.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            lines = frame.format().toTableFormat()
            lines.setBorder(1)
            lines.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            lines.setBorderBrush(QBrush(QColor(theme.LINE)))
            lines.setBorderCollapse(True)
            lines.setCellPadding(5)
            lines.setBottomMargin(_BELOW_PX)
            frame.setFormat(lines)


class Guide(QDialog):
    """A list of pages, the page, and a field that finds pages by their words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("User guide"))
        self.page = PageView()
        self.pages = QListWidget()
        self.pages.setSpacing(2)
        self.pages.setAccessibleName(tr("Pages of the guide"))
        for name in (FIRST, *PAGES):
            item = QListWidgetItem(tr("Overview") if name == FIRST else title_of(name))
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.pages.addItem(item)
        self.words = QLineEdit()
        self.words.setPlaceholderText(tr("Find in the guide"))
        self.words.setClearButtonEnabled(True)
        back, on = QPushButton(tr("Back")), QPushButton(tr("Forward"))
        close = QPushButton(tr("Close"))
        for button in (back, on, close):
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(back)
        row.addWidget(on)
        row.addWidget(self.words, 1)
        row.addWidget(close)
        parts = QSplitter()
        parts.addWidget(self.pages)
        parts.addWidget(self.page)
        parts.setSizes([_LIST_PX, _SIZE.width() - _LIST_PX])
        parts.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(parts, 1)
        self.back, self.on = back, on
        back.clicked.connect(self.page.backward)
        on.clicked.connect(self.page.forward)
        close.clicked.connect(self.close)
        self.pages.currentItemChanged.connect(self._chosen)
        self.page.page_changed.connect(self._show_place)
        self.words.textChanged.connect(self._find)
        self.words.returnPressed.connect(self._find_by_key)
        self.words.setToolTip(tr("Return goes to the next place, Shift+Return to the one before"))
        QShortcut(QKeySequence.StandardKey.Find, self, self.words.setFocus)
        self.resize(_SIZE.boundedTo(self.screen().availableSize() * 0.95))

    def show_page(self, name: str) -> None:
        """Show a page of the guide."""
        self.page.follow(QUrl.fromLocalFile(str(place_of(name))))
        self.page.setFocus()

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.page.follow(QUrl.fromLocalFile(str(place_of(item.data(Qt.ItemDataRole.UserRole)))))

    def _show_place(self) -> None:
        """Select the page in the list, also one that a link led to; none of a page beyond the guide."""
        self.back.setEnabled(self.page.backwards)
        self.on.setEnabled(self.page.forwards)
        self.pages.blockSignals(True)
        self.pages.setCurrentRow(-1)
        for row in range(self.pages.count()):
            if place_of(self.pages.item(row).data(Qt.ItemDataRole.UserRole)) == self.page.path:
                self.pages.setCurrentRow(row)
        self.pages.blockSignals(False)

    def _find(self, words: str) -> None:
        """List the pages that hold all these words, and mark them where they stand on the page shown."""
        wanted = words.casefold().split()
        for row in range(self.pages.count()):
            item = self.pages.item(row)
            try:
                text = text_of(place_of(item.data(Qt.ItemDataRole.UserRole))).casefold()
            except OSError:
                text = ""
            item.setHidden(not all(name in text for name in wanted))
        if wanted:
            self.page.to_end(Way.FORWARD)
            self.page.find_words(self._sought, Way.FORWARD)
        self.page.mark_all(self._sought if wanted else "")

    def _find_by_key(self) -> None:
        shift = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        self.find_next(backward=bool(shift))

    @property
    def _sought(self) -> str:
        """What is looked for on a page: the words as typed, or the longest of them where they stand apart."""
        typed = " ".join(self.words.text().split())
        return typed if self.page.holds(typed) else max(typed.split(), key=len, default="")

    def find_next(self, *, backward: bool = False) -> None:
        """Go to the next place of the words, on this page and then on the next page of the list that has them."""
        if not self.words.text().strip():
            return
        way = Way.BACKWARD if backward else Way.FORWARD
        if self.page.find_words(self._sought, way):
            return
        rows = [row for row in range(self.pages.count()) if not self.pages.item(row).isHidden()]
        if not rows:
            return
        here = self.pages.currentRow()
        beyond = [row for row in rows if (row < here if backward else row > here)]
        ends = (beyond or rows)[-1 if backward else 0]
        if ends == here:
            self.page.to_end(way)
        else:
            self.pages.setCurrentRow(ends)
            self.page.to_end(way)
        self.page.mark_all(self._sought)
        self.page.find_words(self._sought, way)
