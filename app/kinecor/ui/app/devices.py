"""Where networks run on this workstation: a page of the preferences."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from kinecor.analysis.devices import DEVICES, PRECISIONS
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr


class DevicesPage(QWidget):
    """Processor or GPU, and the precision; a GPU can be chosen only where there is one.

    Args:
        device: the present choice, one of DEVICES.
        precision: likewise, of PRECISIONS.
        gpu: whether there is a CUDA GPU.
        chosen: called with other choices.
        parent: the dialog.

    """

    def __init__(
        self,
        device: str,
        precision: str,
        gpu: bool,
        chosen: Callable[[str, str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        devices = {
            "auto": tr("Automatic: a GPU where there is one"),
            "cpu": tr("Processor"),
            "cuda": tr("GPU (CUDA)"),
        }
        self.device = _choice({name: devices[name] for name in DEVICES}, device)
        items = self.device.model()
        if isinstance(items, QStandardItemModel):
            items.item(DEVICES.index("cuda")).setEnabled(gpu)
        precisions = {
            "": tr("Automatic: whatever is faster here"),
            "float": tr("Floating point: all workstations compute alike"),
            "int8": tr("Eight-bit integers"),
        }
        self.precision = _choice({name: precisions[name] for name in PRECISIONS}, precision)
        for choice in (self.device, self.precision):
            choice.activated.connect(
                lambda _: chosen(str(self.device.currentData()), str(self.precision.currentData()))
            )
        self.found = QLabel(
            tr("A CUDA GPU was found.") if gpu else tr("No CUDA GPU was found: networks run on the processor.")
        )
        note = QLabel(tr("Holds for recordings that are analysed from now on. The precision is that of the processor."))
        for label in (self.found, note):
            label.setObjectName("quiet")
            label.setWordWrap(True)
        form = QFormLayout(self)
        form.addRow(tr("Networks run on"), self.device)
        form.addRow("", self.found)
        form.addRow(tr("Precision of contour networks"), self.precision)
        form.addRow("", note)


def _choice(titles: Mapping[str, str], present: str) -> Choice:
    """A list of values by their titles, with the present one chosen."""
    choice = Choice()
    for value, title in titles.items():
        choice.addItem(title, value)
    choice.setCurrentIndex(choice.findData(present))
    return choice
