"""What the window remembers between sessions: recent files, the reader's name, how it looked."""

import getpass
import hashlib
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock

import msgspec
import platformdirs

from kinecor.analysis.devices import DEVICES, PRECISIONS
from kinecor.core.values.choices import LANGUAGES
from kinecor.core.values.errors import UNREADABLE, KinecorError
from kinecor.core.values.reading import is_person
from kinecor.core.values.recording import GreyWindow
from kinecor.io.files.atomic import read_settings, whole
from kinecor.ui.app.hanging import PROTOCOLS, HangingProtocol, NamedLayout, StudyKind
from kinecor.ui.app.key_bindings import checked
from kinecor.ui.app.modes import Layout, Mode, layout_from
from kinecor.ui.style.palettes import PALETTES

if sys.platform != "win32":
    import pwd

VERSION = 1
MAX_RECENT = 8
MAX_WINDOWS = 200
MAX_SEEN = 500
FOREVER_DAYS = -1
KEEP_DAYS = (90, 30, 7, 0, FOREVER_DAYS)
"""Choices of `Settings.keep_days`, the default first."""
log = logging.getLogger(__name__)


def today() -> str:
    """Today's date, ISO 8601."""
    return datetime.now().astimezone().date().isoformat()


def login_name() -> str:
    """The login name, or "" where it is not known."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def full_name() -> str:
    """The name that the system has for the person who is logged in; "" without one, and of a system account."""
    if sys.platform == "win32":
        return ""
    try:
        entry = pwd.getpwuid(os.getuid())
    except (OSError, KeyError):
        return ""
    name = entry.pw_gecos.split(",")[0].replace("&", entry.pw_name.capitalize()).strip()
    return "" if entry.pw_uid == 0 or name.casefold() == entry.pw_name.casefold() else name


@dataclass(frozen=True, slots=True)
class Seen:
    """A study that was open here, so that it can be offered as the earlier study of a later one.

    Attributes:
        patient: digest of the patient's identifier, which is not saved itself.
        date: of the study, YYYYMMDD.
        path: what was opened.

    """

    patient: str
    date: str
    path: str


def patient_digest(patient_id: str) -> str:
    """Of a patient's identifier; "" without one."""
    known = patient_id.strip()
    return hashlib.sha256(f"kinecor patient {known}".encode()).hexdigest() if known else ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the window remembers.

    Attributes:
        recent: paths, latest first.
        reader: recorded as the author of edits; "" is whoever is logged in (see `actor`).
        grey_windows: the last grey window by recording; the latest MAX_WINDOWS of them.
        geometry: size and place of the window, as Qt saves it, in base64; "" for none.
        layouts: of each mode that was changed, by its name.
        study_list: whether it is shown.
        theme: "dark" or "light".
        language: one of LANGUAGES, or "" for that of the system.
        tiles: how many tiles the reader asked for; 0 for those that the study suggests.
        keep_days: for how long recent files, grey windows and studies are remembered; 0 not beyond this session,
            FOREVER_DAYS until they are forgotten.
        used: the day on which each of them was last used, by path, recording or study.
        tour_seen: whether the tour of the window was shown; it is not shown by itself again.
        seen: studies that were open, by their ids; the latest MAX_SEEN of them.
        keys: of the actions whose keys a reader changed, in Qt's portable notation, by the action's name.
        hanging: how kinds of studies open where a reader changed it, by `StudyKind`.
        named_layouts: layouts that a reader saved, by their names.
        screen: width and height of the screen, in the points of Qt, that geometry and layouts were left on; "" if
            it was not saved.
        watched: folders whose studies the worklist lists.
        reduced_motion: whether a loop that opens stays at its first frame until it is played.
        device: where networks run, one of `DEVICES`.
        precision: in which precision, one of `PRECISIONS`.

    """

    recent: tuple[str, ...] = ()
    reader: str = ""
    grey_windows: Mapping[str, GreyWindow] = field(default_factory=dict)
    geometry: str = ""
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    study_list: bool = True
    theme: str = "dark"
    language: str = ""
    tiles: int = 0
    keep_days: int = KEEP_DAYS[0]
    used: Mapping[str, str] = field(default_factory=dict)
    tour_seen: bool = False
    seen: Mapping[str, Seen] = field(default_factory=dict)
    screen: str = ""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hanging: Mapping[str, HangingProtocol] = field(default_factory=dict)
    named_layouts: Mapping[str, NamedLayout] = field(default_factory=dict)
    watched: tuple[str, ...] = ()
    reduced_motion: bool = False
    device: str = DEVICES[0]
    precision: str = PRECISIONS[0]

    def protocol(self, kind: StudyKind) -> HangingProtocol:
        """How a kind of study opens."""
        return self.hanging.get(kind.value, PROTOCOLS[kind])

    def on_screen(self, screen: str) -> "Settings":
        """These settings; on another screen, or at another scale, without geometry and layouts, which do not fit it."""
        return self if self.screen in ("", screen) else replace(self, geometry="", layouts={})

    @property
    def plain(self) -> "Settings":
        """These settings without what the window looked like."""
        plain = Settings()
        return replace(self, geometry=plain.geometry, layouts={}, study_list=plain.study_list)

    @property
    def actor(self) -> str:
        """The author recorded for this person's edits: the reader, else the full name of the login, else its account.

        An account is said to be one, since several people may use it; none could be taken for a model's name.
        """
        account = login_name()
        named = (self.reader.strip(), full_name(), f"account {account}" if is_person(account) else "")
        return next((name for name in named if is_person(name)), "reader")

    def opened(self, path: str) -> "Settings":
        """These settings with `path` as the latest."""
        remaining_names = tuple(name for name in self.recent if name != path)
        return replace(self, recent=(path, *remaining_names)[:MAX_RECENT], used={**self.used, path: today()})

    def looked_at(self, recording_id: str, window: GreyWindow | None) -> "Settings":
        """These settings with the grey window of a recording; None forgets it."""
        remaining_by_name = {
            name: grey_window for name, grey_window in self.grey_windows.items() if name != recording_id
        }
        if window is not None:
            remaining_by_name[recording_id] = window
        return replace(
            self,
            grey_windows=dict(list(remaining_by_name.items())[-MAX_WINDOWS:]),
            used={**self.used, recording_id: today()},
        )

    def with_study(self, study_id: str, seen_study: Seen) -> "Settings":
        """These settings with a study that is open."""
        remaining_by_name = {name: seen for name, seen in self.seen.items() if name != study_id} | {
            study_id: seen_study
        }
        return replace(
            self, seen=dict(list(remaining_by_name.items())[-MAX_SEEN:]), used={**self.used, study_id: today()}
        )

    def earlier(self, patient: str, date: str) -> Seen | None:
        """The latest study of a patient (digest) before a date (YYYYMMDD) whose files are still there; None without."""
        seen_studies = [
            seen_study
            for seen_study in self.seen.values()
            if patient and seen_study.patient == patient and seen_study.date < date
        ]
        return max(
            (seen_study for seen_study in seen_studies if Path(seen_study.path).exists()),
            key=lambda seen_study: seen_study.date,
            default=None,
        )

    @property
    def forgotten(self) -> "Settings":
        """These settings without recent files, grey windows and studies."""
        return replace(self, recent=(), grey_windows={}, used={}, seen={})

    def lasting(self, day: str) -> "Settings":
        """What of these settings is remembered beyond `day`; what has no day (of an earlier version) was used then."""
        if self.keep_days == 0:
            return self.forgotten
        used = {name: self.used.get(name, day) for name in (*self.recent, *self.grey_windows, *self.seen)}
        if self.keep_days != FOREVER_DAYS:
            oldest = (date.fromisoformat(day) - timedelta(days=self.keep_days)).isoformat()
            used = {name: at for name, at in used.items() if at >= oldest}
        return replace(
            self,
            recent=tuple(name for name in self.recent if name in used),
            grey_windows={name: grey_window for name, grey_window in self.grey_windows.items() if name in used},
            used=used,
            seen={name: seen_study for name, seen_study in self.seen.items() if name in used},
        )


def _known(stored: object, names: tuple[str, ...]) -> str:
    """A name that was saved, or the first one where it is not known."""
    return str(stored) if stored in names else names[0]


def place() -> Path:
    """Where the settings are saved: KINECOR_DATA_DIR if set, else the user's configuration folder."""
    folder = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_config_dir("kinecor", appauthor=False)
    return Path(folder) / "window.json"


def load() -> Settings:
    """The saved settings; defaults where they cannot be read, so that the window always starts."""
    try:
        stored = json.loads(read_settings(place()))
        if stored.pop("version") != VERSION:
            return Settings()
        windows = {
            str(name): msgspec.convert(value, GreyWindow) for name, value in stored.get("grey_windows", {}).items()
        }
        layouts = {str(name): layout_from(value) for name, value in stored.get("layouts", {}).items()}
        return Settings(
            tuple(str(one) for one in stored["recent"]),
            str(stored["reader"]),
            windows,
            str(stored.get("geometry", "")),
            layouts,
            bool(stored.get("study_list", True)),
            _known(stored.get("theme"), tuple(PALETTES)),
            _known(stored.get("language"), ("", *LANGUAGES)),
            int(stored.get("tiles", 0)),
            keep_days if (keep_days := stored.get("keep_days")) in KEEP_DAYS else KEEP_DAYS[0],
            {str(name): date.fromisoformat(at).isoformat() for name, at in stored.get("used", {}).items()},
            bool(stored.get("tour_seen", True)),  # settings of an earlier version: not the first start
            {str(name): msgspec.convert(value, Seen) for name, value in stored.get("seen", {}).items()},
            str(stored.get("screen", "")),
            checked(stored.get("keys", {})),
            {
                StudyKind(kind).value: HangingProtocol(Mode(value["mode"]), int(value["tiles"]))
                for kind, value in stored.get("hanging", {}).items()
            },
            {
                str(name): NamedLayout(Mode(value["mode"]), layout_from(value["layout"]), int(value["tiles"]))
                for name, value in stored.get("named_layouts", {}).items()
            },
            tuple(str(one) for one in stored.get("watched", ())),
            bool(stored.get("reduced_motion", False)),
            _known(stored.get("device"), DEVICES),
            _known(stored.get("precision"), PRECISIONS),
        ).lasting(today())
    except FileNotFoundError:
        return Settings()
    except (*UNREADABLE, msgspec.MsgspecError) as error:
        log.info("settings could not be read: %s", error)
        return Settings()


_saving = Lock()


def save(settings: Settings | Callable[[], Settings]) -> None:
    """Save what lasts of the settings, or of those that the function then gives; failing to write them is only logged.

    May be called from any thread: with a function what was saved last is never older than what was saved before.
    """
    with _saving:
        _save(settings if isinstance(settings, Settings) else settings())


def _save(settings: Settings) -> None:
    settings = settings.lasting(today())
    try:
        with whole(place(), private=True) as temporary:
            temporary.write_text(json.dumps({"version": VERSION, **asdict(settings)}, indent=1), encoding="utf-8")
    except KinecorError as error:
        log.info("settings were not saved: %s", error)
