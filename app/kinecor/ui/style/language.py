"""The language of the window: Qt's translations of the English text in the program.

Text that is shown is passed through `tr`. Tables of plain values, such as names of measurements, stay in English and
are translated where they are shown. `installer/languages.py` collects both. Finished sentences of checks, and reasons
of values, are translated by the reports' templates (`translated`).
"""

from importlib.resources import files
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from kinecor.core.report.language import language as report_language

CONTEXT: Final = "Kinecor"
LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
# Of texts of the program's core; of Qt's see `_installed`.
_code = "en"
# With what they were loaded from: Qt does not copy it.
_installed: list[tuple[QTranslator, bytes]] = []


def tr(text: str) -> str:
    """The text in the language in force; as it is where there is no translation."""
    return QCoreApplication.translate(CONTEXT, text)


def translated(text: str) -> str:
    """A finished sentence of the core in the language in force: of a check, of the history, why something is refused.

    Its templates are those of reports and of the window (languages/report_*.toml, window_*.toml); what has none stays
    English.
    """
    return report_language(_code, window=True).translate(text)


def listed(words: tuple[str, ...]) -> str:
    """As "a", "a and b" or "a, b and c", in the language in force."""
    return report_language(_code).listed(words)


def numbered(text: str) -> str:
    """A text with its numbers as the language in force writes them: "0,84 mm/px"."""
    return report_language(_code).number(text)


def dated(text: str) -> str:
    """A date (YYYY-MM-DD) as the language in force writes it: "01.07.2025"; anything else as it is."""
    return report_language(_code).day(text)


def iso_dated(text: str) -> str:
    """A date as the language in force writes it as YYYY-MM-DD; anything else as it is."""
    return report_language(_code).iso_day(text)


def in_force() -> str:
    """The code of the language in force."""
    return _code


def language_of(name: str) -> str:
    """The language to use: the one of this name, else that of the system where there is a translation, else English."""
    if name in LANGUAGES:
        return name
    system = QLocale.system().name().partition("_")[0]
    return system if system in LANGUAGES else "en"


def use_language(app: QApplication, name: str) -> None:
    """Show text in a language from now on; what is on screen keeps its own, so a window is made again."""
    global _code
    while _installed:
        app.removeTranslator(_installed.pop()[0])
    language = _code = language_of(name)
    if language == "en":
        return
    translator = QTranslator(app)
    data = (files("kinecor_resources") / "languages" / f"kinecor_{language}.qm").read_bytes()
    if translator.load(data):
        app.installTranslator(translator)
        _installed.append((translator, data))
    # Qt's own buttons (Cancel, Close) and the names of keys.
    of_qt = QTranslator(app)
    if of_qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(of_qt)
        _installed.append((of_qt, b""))
