"""What a screen reader says of a widget that paints itself: its role, name and value.

Qt describes its own controls; of a painted widget it says nothing. Such a widget is `Spoken`, and a factory hands what
it says to Qt, which passes it on to the reader of the system (AT-SPI, NSAccessibility, UI Automation).
"""

from typing import ClassVar, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleValueChangeEvent
from PySide6.QtWidgets import QAccessibleWidget, QWidget


class Spoken:
    """Of a painted widget; its class lists it before the widget that it extends.

    Attributes:
        ROLE: what the widget is: an image, a chart, a list.

    """

    ROLE: ClassVar[QAccessible.Role] = QAccessible.Role.Graphic

    def spoken_name(self) -> str:
        """What the widget shows, in two or three words."""
        raise NotImplementedError

    def spoken_value(self) -> str:
        """What it shows now, as one would read it to a person; "" where it shows nothing."""
        return ""


class SpokenInterface(QAccessibleWidget):
    """What Qt asks a painted widget for."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget, widget.ROLE if isinstance(widget, Spoken) else Spoken.ROLE, "")

    def text(self, kind: QAccessible.Text) -> str:
        """Name and value of the widget; a name that was set on it counts first."""
        widget = self.object()
        if isinstance(widget, QWidget) and isinstance(widget, Spoken):
            if kind == QAccessible.Text.Name:
                return widget.accessibleName() or widget.spoken_name()
            if kind == QAccessible.Text.Value:
                return widget.spoken_value()
        return str(super().text(kind))


_interfaces: Final[dict[int, SpokenInterface]] = {}
"""Those in use, by the address of their widget: Qt holds no reference that Python counts."""


def _interface_of(_name: str, of: QObject) -> QAccessibleInterface | None:
    """The interface of a painted widget; None where Qt's own is right."""
    if not (isinstance(of, QWidget) and isinstance(of, Spoken)):
        return None
    key = id(of)
    interface = _interfaces[key] = SpokenInterface(of)
    of.destroyed.connect(lambda: _interfaces.pop(key, None))
    return interface


def install() -> None:
    """Let Qt ask painted widgets; once, however often it is called."""
    if not _installed:
        QAccessible.installFactory(_interface_of)
        _installed.append(True)


_installed: Final[list[bool]] = []


def announce(widget: QWidget) -> None:
    """Say that a widget shows another value; costs nothing where no screen reader listens."""
    if QAccessible.isActive() and isinstance(widget, Spoken) and widget.isVisible():
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(widget, widget.spoken_value()))
