"""The key that signs the lines of the audit log: the user's, in the system's keyring, else in a file of the user's.

It is Ed25519. It lies outside the studies and the log, so that who can change those cannot sign. The private key is
made where it is first needed. A keyring that does not answer in time, as where it waits to be unlocked, is passed over
for this run: the key in the file is used then, and both count as the user's own.
"""

import contextlib
import logging
import os
import secrets
import threading
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_FILE: Final = "KINECOR_AUDIT_KEY"
"""Names a file for the key; the keyring is then not asked."""
KNOWN_KEYS: Final = "KINECOR_AUDIT_KEYS"
"""Names a file with public keys of others: one a line, in hexadecimal digits, perhaps with a name behind it."""
_SERVICE, _ENTRY = "kinecor", "audit-key"
_ANSWERS_WITHIN_S: Final = 3.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of this user.

    Attributes:
        private: signs.
        public: in hexadecimal digits, as lines of the log name it.
        place: the file, or "" for the system's keyring.

    """

    private: "Ed25519PrivateKey"
    public: str
    place: str

    def sign(self, content: bytes) -> str:
        """The signature of a content, in hexadecimal digits."""
        signature: bytes = self.private.sign(content)
        return signature.hex()


def key_file() -> Path:
    """$KINECOR_AUDIT_KEY, else audit.key in the user's configuration folder."""
    chosen = os.environ.get(KEY_FILE)
    return Path(chosen) if chosen else Path(platformdirs.user_config_dir("kinecor", appauthor=False)) / "audit.key"


def own_keys() -> tuple[Key, ...]:
    """The keys of this user, the one to sign with first; one is made where there is none.

    It may take seconds where a keyring is locked, once in a run: not on the thread that draws.

    Raises:
        KinecorError: there is none, and none can be saved.

    """
    with _making:  # two threads must not make two
        return _own_keys(str(key_file()), ask=not os.environ.get(KEY_FILE))


def load_key() -> None:
    """Load the key of this user early: the first edit would wait for the keyring, on the thread that draws.

    Without a key edits are not signed, which is said where they are written.
    """
    with contextlib.suppress(KinecorError):
        own_keys()


_making = threading.Lock()


@cache
def _own_keys(path: str, *, ask: bool) -> tuple[Key, ...]:
    file = Path(path)
    saved = _key_of(secret, "") if ask and (secret := _keyring_secret()) else None
    if saved is None:
        return (_key_of(_file_secret(file), path),)
    # Lines that were signed while the keyring did not answer.
    return (saved, _key_of(_read(file), path)) if file.exists() else (saved,)


def known_keys(more: tuple[str, ...] = ()) -> frozenset[str]:
    """Public keys whose lines count: of this user, of the file that $KINECOR_AUDIT_KEYS names, and `more`.

    Raises:
        KinecorError: the file cannot be read.

    """
    public_keys = {name.strip().lower() for name in more}
    with contextlib.suppress(KinecorError):  # who only verifies needs none
        public_keys |= {own_key.public for own_key in own_keys()}
    named = os.environ.get(KNOWN_KEYS)
    if named:
        try:
            lines = Path(named).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise KinecorError(
                message(
                    "The keys in {path}, which {variable} names, cannot be read ({reason}).",
                    path=verbatim(named),
                    variable=verbatim(KNOWN_KEYS),
                    reason=verbatim(str(error)),
                )
            ) from error
        public_keys |= {line.split()[0].lower() for line in lines if line.strip() and not line.startswith("#")}
    return frozenset(public_keys)


def holds(public: str, content: bytes, signature: str) -> bool:
    """Whether a signature (hexadecimal digits) is by the key `public` and of this content."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def system_keyring() -> Any | None:
    """The keyring library where it has a back end that stores securely."""
    try:
        keyring = import_module("keyring")
        fail, null = import_module("keyring.backends.fail"), import_module("keyring.backends.null")
    except ImportError:
        return None
    back_end = keyring.get_keyring()
    if isinstance(back_end, fail.Keyring | null.Keyring) or back_end.priority < 1:
        return None
    return keyring


def _key_of(secret: str, place: str) -> Key:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    except ValueError as error:
        raise KinecorError(
            message(
                "{path} is no key of the audit log: expected 64 hexadecimal digits. Move it away to have one made.",
                path=verbatim(place or "keyring"),
            )
        ) from error
    return Key(private, private.public_key().public_bytes_raw().hex(), place)


@cache
def _keyring_secret() -> str:
    """The secret in the system's keyring, made where there is none; "" without a keyring that answers in time."""
    found: list[str] = []

    def ask() -> None:
        try:
            keyring = system_keyring()
            if keyring is None:
                return
            secret = keyring.get_password(_SERVICE, _ENTRY)
            if not secret:
                keyring.set_password(_SERVICE, _ENTRY, secrets.token_hex(32))
                secret = keyring.get_password(_SERVICE, _ENTRY)  # of two programs that made one, the later counts
            found.append(secret or "")
        except Exception as error:  # back ends raise errors of their own: locked, refused, no session
            log.info("the keyring did not answer: %s", type(error).__name__)

    asking = threading.Thread(target=ask, name="kinecor-keyring", daemon=True)
    asking.start()
    asking.join(_ANSWERS_WITHIN_S)
    return found[0] if found else ""


def _file_secret(path: Path) -> str:
    """The secret in the file, made where there is none."""
    try:
        if path.exists():
            return _read(path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_hex(32).encode())
        finally:
            os.close(descriptor)
        try:
            with contextlib.suppress(FileExistsError):  # another window made one meanwhile
                os.link(made, path)
        finally:
            made.unlink()
        return _read(path)
    except OSError as error:
        raise KinecorError(
            message(
                "The key of the audit log cannot be saved to {path} ({reason}).",
                path=verbatim(str(path)),
                reason=verbatim(error.strerror or str(error)),
            )
        ) from error


def _read(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            path.chmod(0o600)  # no other account may sign with it from now on
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise KinecorError(
            message(
                "The key of the audit log cannot be read from {path} ({reason}).",
                path=verbatim(str(path)),
                reason=verbatim(str(error)),
            )
        ) from error
