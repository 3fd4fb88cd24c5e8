"""Analysing again: by another network or method."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from kinecor.core.values.errors import KinecorError
from kinecor.ui.app import dialogs
from kinecor.ui.app.messages import ANALYSIS
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.corrections import corrections
from kinecor.ui.workspace.jobs import Progress, propose_with_models

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow


class Methods:
    """Analyses the recording on screen again: by another network, by another method, by two side by side.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window

    def analyse_again(self, network: str | None = None, method: str = "") -> None:
        """Analyse the recording on screen again; asks first where a reader corrected it."""
        self.window.banner.settle(ANALYSIS)
        reading = self.window.workspace.saved
        corrected = None if reading is None else corrections(reading)
        if corrected is None:
            self.window.analysing.again(network, method=method)
        else:
            dialogs.corrections_dialog(
                self.window, corrected, lambda kept: self.window.analysing.again(network, kept, method)
            ).open()

    def ask_network(self) -> None:
        """Let the reader choose a network, and analyse the recording on screen with it."""
        kind = self.window.workspace.kind
        if kind is None:
            return
        self.window.jobs.start(
            "networks",
            lambda _: (dialogs.networks_of(kind), dialogs.own_folder()),
            lambda offered: dialogs.network_dialog(
                self.window, offered[0], self.analyse_again, offered[1], self.ask_models
            ).open(),
            self.window.banner.show_message,
        )

    def ask_method(self) -> None:
        """Let the reader choose a method, and analyse the recording on screen by it, or by two side by side."""
        from kinecor.ui.study.method_form import method_form, methods_of

        kind = self.window.workspace.kind
        if kind is None:
            return
        self.window.jobs.start(
            "methods",
            lambda _: methods_of(kind),
            lambda offered: method_form(
                self.window, offered, lambda name: self.analyse_again(method=name), self.compare_methods
            ).open(),
            self.window.banner.show_message,
        )

    def compare_methods(self, left: str, right: str) -> None:
        """Analyse the recording on screen by two methods, and show them side by side; nothing of it is saved."""
        from kinecor.ui.study.methods_compared import MethodResult, MethodsCompared, results_of

        recording = self.window.workspace.recording
        if recording is None:
            return
        reading = self.window.workspace.opened.finished_reading(recording)
        names = left, right
        self.window.player.pause()

        def use(number: int) -> None:
            if self.window.workspace.recording is recording:
                self.analyse_again(method=names[number])

        def show(results: tuple[MethodResult, ...]) -> None:
            self.window.status.show_progress(None)
            MethodsCompared(recording, results, use, self.window).open()

        def fail(why: str) -> None:
            self.window.status.show_progress(None)
            self.window.banner.show_message(why)

        self.window.jobs.start(
            "compared methods",
            lambda tick: results_of(recording, reading, names, propose_with_models, tick),
            show,
            fail,
            ticked=lambda done, total: self.window.status.show_progress(Progress(tr("Comparing methods"), done, total)),
        )

    def ask_models(self) -> None:
        """Let the reader choose the folder of networks of their own, and offer those in it."""
        from kinecor.analysis.own_models import set_models_folder

        name = QFileDialog.getExistingDirectory(self.window, tr("Folder of cards and weights"))
        if name:
            try:
                set_models_folder(Path(name))
            except KinecorError as error:
                self.window.banner.show_message(error.message)
        self.ask_network()
