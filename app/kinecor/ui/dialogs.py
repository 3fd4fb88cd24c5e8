"""The list of keys, and what this program is."""

import platform
from html import escape
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

import kinecor
from kinecor.ui.actions import ACTIONS, MOUSE
from kinecor.ui.start_page import RESEARCH_USE

PACKAGES = ("PySide6-Essentials", "pyqtgraph", "numpy", "scipy", "pydicom", "torch", "openvino")


def _dialog(parent: QWidget, title: str, html: str) -> QDialog:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    words = QLabel(html)
    words.setTextFormat(Qt.TextFormat.RichText)
    words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    words.setWordWrap(True)
    words.setMinimumWidth(460)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(20, 16, 20, 14)
    layout.addWidget(words)
    layout.addWidget(buttons)
    return dialog


def keys_dialog(parent: QWidget) -> QDialog:
    """All keys, from the table of actions, and what the mouse does."""
    parts = []
    for group in dict.fromkeys(one.group for one in ACTIONS):
        rows = [(", ".join(one.keys), one.text.removesuffix("…")) for one in ACTIONS if one.group == group and one.keys]
        parts.append(_table(group, rows))
    parts.append(_table("Mouse", list(MOUSE)))
    return _dialog(parent, "Keys", "".join(parts))


def _table(heading: str, rows: list[tuple[str, str]]) -> str:
    lines = "".join(
        f"<tr><td style='padding-right:18px'><b>{escape(left)}</b></td><td>{escape(right)}</td></tr>"
        for left, right in rows
    )
    return f"<p style='margin:6px 0 2px 0; color:#8f99a5'>{escape(heading)}</p><table>{lines}</table>"


def about_dialog(parent: QWidget, models: tuple[str, ...]) -> QDialog:
    """What this is, what it may be used for, its versions and models."""
    versions = [("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            versions.append((package, version(package)))
        except PackageNotFoundError:
            versions.append((package, "not installed"))
    known = "".join(f"<br>{escape(model)}" for model in models) or "<br>none at hand"
    return _dialog(
        parent,
        "About Kinecor",
        f"<p style='font-size:20px'><b>Kinecor</b> {escape(kinecor.__version__)}</p>"
        f"<p style='color:#e0a63a'><b>{RESEARCH_USE}</b></p>"
        "<p>A reading room for the moving heart. Every correction is written down as it is made, "
        "with the name of who made it.</p>"
        f"<p>Models:{known}</p>" + _table("Versions", versions),
    )
