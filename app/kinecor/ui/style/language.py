"""The language of the window: Qt's translations of the English text in the program.

Widgets pass what they say through `tr`; tables of such texts stay in English and are translated where they are shown.
Everything else is a message - of checks, values, the history, errors - and is rendered where it is shown
(`translated`). `installer/languages.py` collects both.
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from kinecor.core.report.language import language
from kinecor.core.values.choices import LANGUAGES
from kinecor.core.values.message import Message, number

CONTEXT: Final = "Kinecor"
# Of texts of the program's core; of Qt's see `_installed`.
_code = "en"
# With what they were loaded from: Qt does not copy it.
_installed: list[tuple[QTranslator, bytes]] = []


def tr(text: str) -> str:
    """The text in the language in force; as it is where there is no translation."""
    return QCoreApplication.translate(CONTEXT, text)


def translated(text: Message) -> str:
    """A message in the language in force: of a check, of the history, why something is refused."""
    return language(_code).render(text)


def shown(text: str) -> str:
    """What a signal or a job carries: a message in the language in force, what `tr` gave as it is."""
    return translated(text) if isinstance(text, Message) else text


def listed(words: Sequence[str]) -> str:
    """As "a", "a and b" or "a, b and c", in the language in force."""
    return language(_code).listed(words)


def numbered(value: float, spec: str) -> str:
    """A number as the language in force writes it, with a specification as in `format`: "0,84"."""
    return translated(number(value, spec))


def dated(text: str) -> str:
    """A date (YYYY-MM-DD) as the language in force writes it: "01.07.2025"; anything else as it is."""
    return language(_code).day(text)


def iso_dated(text: str) -> str:
    """A date as the language in force writes it as YYYY-MM-DD; anything else as it is."""
    return language(_code).iso_day(text)


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
    _code = language_of(name)
    # Of number fields; a group separator would swallow a decimal sign.
    locale = QLocale(_code)
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator | QLocale.NumberOption.RejectGroupSeparator)
    QLocale.setDefault(locale)
    if _code == "en":
        return
    translator = QTranslator(app)
    data = (files("kinecor_resources") / "languages" / f"kinecor_{_code}.qm").read_bytes()
    if translator.load(data):
        app.installTranslator(translator)
        _installed.append((translator, data))
    # Qt's own buttons (Cancel, Close) and the names of keys.
    of_qt = QTranslator(app)
    if of_qt.load(f"qtbase_{_code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(of_qt)
        _installed.append((of_qt, b""))
