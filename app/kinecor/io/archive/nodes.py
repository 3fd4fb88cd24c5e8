"""Archives that this computer knows, how it receives, and passwords in the system's keyring."""

import json
import logging
import os
import re
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
import platformdirs

from kinecor.core.values.errors import UNREADABLE, KinecorError, error_message
from kinecor.core.values.message import NOTHING, Message, joined_by, message, verbatim
from kinecor.io.files.atomic import read_settings, write_text
from kinecor.session.keys import system_keyring

if TYPE_CHECKING:
    import ssl  # loaded when it is needed: the window knows archives before it speaks to one

VERSION: Final = 1
AE_TITLE: Final = "KINECOR"
PORT: Final = 11112
_MB: Final = 1 << 20
_ADDRESS = re.compile(r"(?P<title>[^@]{1,16})@(?P<host>\[[^\]]+\]|[^:\[\]]+):(?P<port>\d{1,5})")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_KEYRING: Final = "kinecor archive"

Retrieve = Literal["get", "move"]


def import_needed(name: str) -> ModuleType:
    """Import a library of the extra `archive`.

    Args:
        name: of the module.

    Raises:
        KinecorError: it is not installed; the sentence says what to install.

    """
    try:
        return import_module(name)
    except ImportError as error:
        library = {"pynetdicom": "pynetdicom", "dicomweb_client": "dicomweb-client"}.get(name.partition(".")[0], name)
        raise KinecorError(
            message(
                "Archives need {library}, which is not installed: pip install 'kinecor[archive]' installs it",
                library=verbatim(library),
            )
        ) from error


def check_ae_title(title: str) -> str:
    """The title without surrounding spaces.

    Args:
        title: as typed.

    Raises:
        KinecorError: it is no AE title (PS3.5 6.2: 1 to 16 characters of ASCII, no backslash, not only spaces).

    """
    cleaned = title.strip()
    if not 1 <= len(cleaned) <= 16 or not cleaned.isascii() or not cleaned.isprintable() or "\\" in cleaned:
        raise KinecorError(
            message(
                "Expected an AE title of 1 to 16 letters, digits and signs without '\\', got '{title}'",
                title=verbatim(title),
            )
        )
    return cleaned


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise KinecorError(message("Expected a port from 1 to 65535, got {port}", port=port))


def is_loopback(host: str) -> bool:
    """Whether a host name is this computer's own.

    Args:
        host: name or address.

    """
    return host.strip("[]").lower() in _LOOPBACK or host.startswith("127.")


@dataclass(frozen=True, slots=True)
class Node:
    """An archive.

    Attributes:
        name: what it is called here.
        host, port, ae_title: of its DICOM service (DIMSE); unused where `url` is set.
        own_ae_title: how this computer introduces itself.
        url: of its DICOMweb service; "" for DIMSE.
        retrieve: by C-GET over the same connection, or by C-MOVE to the receiver of this computer, which the archive
            must know by AE title, address and port.
        tls: whether DIMSE goes over TLS; DICOMweb does where the URL begins with https.
        ca: file of the certificates (PEM) that sign the archive's; "" for those the system trusts.
        certificate, key: files with this computer's own, for archives that ask for one; "" for none.
        user: for DICOMweb, or DIMSE over TLS; the password is in the system's keyring.

    """

    name: str
    host: str = ""
    port: int = 104
    ae_title: str = "ANY-SCP"
    own_ae_title: str = AE_TITLE
    url: str = ""
    retrieve: Retrieve = "get"
    tls: bool = False
    ca: str = ""
    certificate: str = ""
    key: str = ""
    user: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise KinecorError(message("Expected a name for the archive, it is empty: give it one"))
        check_ae_title(self.own_ae_title)
        if self.retrieve not in ("get", "move"):
            raise KinecorError(
                message(
                    "Expected get or move as the way to retrieve, got '{retrieve}'", retrieve=verbatim(self.retrieve)
                )
            )
        if self.url:
            parts = urlsplit(self.url)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
                raise KinecorError(
                    message(
                        "Expected the URL of a DICOMweb service as https://HOST/PATH, got '{url}'",
                        url=verbatim(self.url),
                    )
                )
            if self.user and parts.scheme == "http" and not is_loopback(parts.hostname):
                raise KinecorError(
                    message(
                        "{name}: a password is sent over https only, and the URL begins with http: change the "
                        "URL, or leave the user empty",
                        name=verbatim(self.name),
                    )
                )
            return
        check_ae_title(self.ae_title)
        _check_port(self.port)
        if not self.host.strip():
            raise KinecorError(
                message(
                    "{name}: expected a host or a DICOMweb URL, both are empty: enter one of them",
                    name=verbatim(self.name),
                )
            )
        if self.user and not self.tls:
            raise KinecorError(
                message(
                    "{name}: a password is sent over TLS only: switch TLS on, or leave the user empty",
                    name=verbatim(self.name),
                )
            )

    @property
    def web(self) -> bool:
        """Whether it is a DICOMweb service."""
        return bool(self.url)

    @property
    def address(self) -> str:
        """Where it is, in one word."""
        return self.url or f"{self.ae_title}@{self.host}:{self.port}"

    def tls_context(self) -> "ssl.SSLContext":
        """How its certificate is checked.

        Raises:
            KinecorError: a file of certificates cannot be read.

        """
        import ssl

        try:
            context = ssl.create_default_context(cafile=self.ca or None)
            if self.certificate:
                context.load_cert_chain(self.certificate, self.key or None)
        except OSError as error:
            raise KinecorError(
                message(
                    "{name}: the certificates cannot be read ({reason}): check the files that its settings name",
                    name=verbatim(self.name),
                    reason=verbatim(error.strerror or str(error)),
                )
            ) from error
        return context


def node_from_address(address: str, own_ae_title: str = AE_TITLE) -> Node | None:
    """The archive at "AETITLE@HOST:PORT" or at a DICOMweb URL; None where the text is neither.

    Args:
        address: as typed.
        own_ae_title: of this program.

    Raises:
        KinecorError: a part of it is no AE title, port or URL.

    """
    if address.startswith(("http://", "https://")):
        return Node(address, url=address, own_ae_title=own_ae_title)
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return None
    host, port = match["host"].strip("[]"), int(match["port"])
    return Node(address, host, port, check_ae_title(match["title"]), own_ae_title)


@dataclass(frozen=True, slots=True)
class Receiver:
    """How this computer receives, for C-MOVE and from scanners.

    Attributes:
        ae_title: its own; others are refused.
        host: the address it listens at; only this computer reaches the default.
        port: to listen at.
        allow: AE titles that may send; those of known archives may too.
        ca, certificate, key: files (PEM): with a certificate it speaks TLS only; with `ca` it asks senders for theirs.
        most_associations: at once; more are refused until one ends.
        most_by_address: at once from one address.
        most_bytes: of one instance; a larger one ends the association.
        most_instances: of one association.
        free_bytes: that stay free on the disk.

    """

    ae_title: str = AE_TITLE
    host: str = "127.0.0.1"
    port: int = PORT
    allow: tuple[str, ...] = ()
    ca: str = ""
    certificate: str = ""
    key: str = ""
    most_associations: int = 8
    most_by_address: int = 4
    most_bytes: int = 2048 * _MB
    most_instances: int = 50_000
    free_bytes: int = 512 * _MB

    def __post_init__(self) -> None:
        check_ae_title(self.ae_title)
        for title in self.allow:
            check_ae_title(title)
        if self.port != 0:  # 0: any free port, which the receiver then names
            _check_port(self.port)
        if (
            min(self.most_associations, self.most_by_address, self.most_bytes, self.most_instances) < 1
            or self.free_bytes < 0
        ):
            raise KinecorError(message("Expected limits of the receiver of at least 1: correct them"))

    def tls_context(self) -> "ssl.SSLContext | None":
        """How it speaks TLS; None for plain connections.

        Raises:
            KinecorError: a file cannot be read.

        """
        if not self.certificate:
            return None
        import ssl

        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.ca or None)
            context.load_cert_chain(self.certificate, self.key or None)
        except OSError as error:
            raise KinecorError(
                message(
                    "The receiver's certificate cannot be read ({reason}): check its files",
                    reason=verbatim(error.strerror or str(error)),
                )
            ) from error
        context.verify_mode = ssl.CERT_REQUIRED if self.ca else ssl.CERT_NONE
        return context


@dataclass(frozen=True, slots=True)
class Archives:
    """Everything that is saved about archives.

    Attributes:
        nodes: in the order they are shown.
        receiver: of this computer.
        folder: where studies are received; "" for the default.

    """

    nodes: tuple[Node, ...] = ()
    receiver: Receiver = field(default_factory=Receiver)
    folder: str = ""

    @property
    def place(self) -> Path:
        """The folder where studies are received."""
        if self.folder:
            return Path(self.folder)
        chosen = os.environ.get("KINECOR_DATA_DIR")
        data = Path(chosen) if chosen else Path(platformdirs.user_data_dir("kinecor", appauthor=False))
        return data / "archive"

    def named(self, name: str) -> Node:
        """The archive of this name, or at this address.

        Args:
            name: or address, see `node_from_address`.

        Raises:
            KinecorError: there is none.

        """
        for node in self.nodes:
            if node.name == name:
                return node
        found = node_from_address(name, self.receiver.ae_title)
        if found is None:
            known = joined_by(", ", [node.name for node in self.nodes]) or message("none is saved yet")
            raise KinecorError(
                message(
                    "There is no archive '{name}': name a saved one ({known}), or give AETITLE@HOST:PORT or "
                    "a DICOMweb URL",
                    name=verbatim(name),
                    known=known,
                )
            )
        return found

    def with_node(self, node: Node) -> "Archives":
        """With this archive in place of the one of its name, or added.

        Args:
            node: with its name.

        """
        if any(single_node.name == node.name for single_node in self.nodes):
            return replace(
                self, nodes=tuple(node if single_node.name == node.name else single_node for single_node in self.nodes)
            )
        return replace(self, nodes=(*self.nodes, node))

    def without(self, name: str) -> "Archives":
        """Without the archive of this name.

        Args:
            name: of a node, which may be missing.

        """
        return replace(self, nodes=tuple(node for node in self.nodes if node.name != name))


def settings_file() -> Path:
    """Where archives are saved: next to the window's settings."""
    folder = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_config_dir("kinecor", appauthor=False)
    return Path(folder) / "archives.json"


def load() -> Archives:
    """The saved archives; none where there is no file.

    Raises:
        KinecorError: the file cannot be read; it is not replaced by an empty one.

    """
    path = settings_file()
    try:
        stored = json.loads(read_settings(path))
        if stored["version"] != VERSION:
            raise ValueError(f"version {stored['version']}")
        # By type: what is no number, text or list of texts is found here, not when it is first used.
        nodes = tuple(msgspec.convert(_known(Node, node), Node) for node in stored["nodes"])
        receiver = msgspec.convert(_known(Receiver, stored.get("receiver", {})), Receiver)
        return Archives(nodes, receiver, msgspec.convert(stored.get("folder", ""), str))
    except FileNotFoundError:
        return Archives()
    except (*UNREADABLE, msgspec.MsgspecError, KinecorError) as error:
        raise KinecorError(
            message(
                "The archives in {path} cannot be read ({error}): correct the file, or remove it",
                path=verbatim(str(path)),
                error=error_message(error).clause(),
            )
        ) from error


def _known(of: type[Node] | type[Receiver], stored: dict[str, Any]) -> dict[str, Any]:
    """What of a saved entry this version knows."""
    names = {field.name for field in fields(of)}
    return {name: value for name, value in stored.items() if name in names}


def save(archives: Archives) -> None:
    """Save the archives, without passwords.

    Args:
        archives: all of them.

    Raises:
        KinecorError: the file cannot be written.

    """
    write_text(settings_file(), json.dumps({"version": VERSION, **asdict(archives)}, indent=1, ensure_ascii=False))


class Passwords:
    """Passwords by archive: in the system's keyring, else for the life of this program only; never in a file."""

    def __init__(self) -> None:
        self._typed: dict[str, str] = {}

    def of(self, node: Node) -> str:
        """The password of a node; "" where none is known, or the archive has no user.

        Args:
            node: with or without a user.

        """
        if not node.user:
            return ""
        if (typed := self._typed.get(node.name)) is not None:
            return typed
        keyring = system_keyring()
        try:
            return (keyring.get_password(_KEYRING, _entry(node)) or "") if keyring else ""
        except Exception as error:  # back ends raise errors of their own: locked, refused, no session
            _log.info("the keyring did not answer: %s", type(error).__name__)
            return ""

    def use(self, node: Node, password: str) -> None:
        """Use this password until the program ends.

        Args:
            node: with its name.
            password: as typed.

        """
        self._typed[node.name] = password

    def save(self, node: Node, password: str) -> str:
        """Use this password from now on; one sentence where it could not be saved in the system's keyring, else "".

        Args:
            node: with its name.
            password: as typed.

        """
        self.use(node, password)
        keyring = system_keyring()
        if keyring is None:
            return NO_KEYRING
        try:
            keyring.set_password(_KEYRING, _entry(node), password)
        except Exception as error:  # as above
            _log.info("the keyring did not save: %s", type(error).__name__)
            return NO_KEYRING
        return ""

    def forget(self, node: Node) -> None:
        """Remove the password of a node.

        Args:
            node: with its name.

        """
        self._typed.pop(node.name, None)
        keyring = system_keyring()
        try:
            if keyring and keyring.get_password(_KEYRING, _entry(node)) is not None:
                keyring.delete_password(_KEYRING, _entry(node))
        except Exception as error:  # as above
            _log.info("the keyring did not remove: %s", type(error).__name__)


NO_KEYRING: Final = message(
    "No system keyring is available, so the password is not saved: it is used until Kinecor ends and asked for again "
    "the next time"
)
_log = logging.getLogger(__name__)


def _entry(node: Node) -> str:
    return f"{node.user}@{node.address}"


def warn_if_open(receiver: Receiver) -> Message:
    """A sentence where a receiver can be reached from other computers without TLS; else an empty one.

    Args:
        receiver: of this computer.

    """
    if is_loopback(receiver.host) or receiver.certificate:
        return NOTHING
    return message(
        "The receiver can be reached from other computers at {host} without TLS: use it within a trusted network only",
        host=verbatim(receiver.host) if receiver.host else message("every address"),
    )
