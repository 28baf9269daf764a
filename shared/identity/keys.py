"""The installation's keys: the newest private key signs, and every public key verifies."""

import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from shared.logs import log

ALGORITHM = "EdDSA"
POLL_SECONDS = 1.0

_PRIVATE, _PUBLIC, _RETIRED = ".private.pem", ".public.pem", ".retired.pem"


class KeyIsMissing(Exception):
    """The installation has no private key."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no *{_PRIVATE} in {folder}; run 'iisgd migrate', which creates one.")


class KeyIsUnknown(Exception):
    """The installation has no public key of this name."""

    def __init__(self, name: str, names: Iterable[str]) -> None:
        super().__init__(f"There is no key {name}; the keys are {', '.join(names) or 'none'}.")


class KeyIsInUse(Exception):
    """The key that signs cannot be retired."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the key that signs; create a new one first: iisgd keys rotate.")


def ensure_keys(folder: Path, *, name: str) -> None:
    """Create the installation's key pair, unless it has one."""
    if not list(folder.glob(f"*{_PRIVATE}")):
        create_keys(folder, name=name)


def create_keys(folder: Path, *, name: str) -> None:
    """Create another key pair. The key whose name sorts last signs."""
    folder.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    # The public key first: no token may exist before it can be verified.
    (folder / f"{name}{_PUBLIC}").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    private = folder / f"{name}{_PRIVATE}"
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def signing_key(folder: Path) -> tuple[str, bytes]:
    """Return the name and the PEM of the newest private key; raise `KeyIsMissing` without one."""
    names = [path.name.removesuffix(_PRIVATE) for path in folder.glob(f"*{_PRIVATE}")]
    if not names:
        raise KeyIsMissing(folder)
    newest = max(names)
    return newest, (folder / f"{newest}{_PRIVATE}").read_bytes()


def key_names(folder: Path) -> dict[str, str]:
    """Return the use of every key, by name."""
    retired = {
        path.name.removesuffix(_RETIRED): "checks receipts only" for path in folder.glob(f"*{_RETIRED}")
    }
    return dict(sorted((retired | dict.fromkeys(PublicKeys(folder).all(), "checks")).items()))


def retire_key(folder: Path, *, name: str) -> None:
    """Retire a key: it verifies receipts, but no tokens; raise `KeyIsUnknown` or `KeyIsInUse`."""
    if name not in (names := PublicKeys(folder).all()):
        raise KeyIsUnknown(name, names)
    if name == signing_key(folder)[0]:
        raise KeyIsInUse(name)
    (folder / f"{name}{_PUBLIC}").rename(folder / f"{name}{_RETIRED}")
    (folder / f"{name}{_PRIVATE}").unlink(missing_ok=True)


def any_public_key(folder: Path, name: str) -> Ed25519PublicKey:
    """Return a public key, even a retired one, since signatures remain valid; raise KeyError."""
    for ending in (_PUBLIC, _RETIRED):
        # The name comes from outside: it is compared with those of the files, and never used as a path.
        if name in {path.name.removesuffix(ending) for path in folder.glob(f"*{ending}")}:
            key = _read(folder / f"{name}{ending}")
            if key is not None:
                return key
    raise KeyError(name)


def published_keys(folder: Path) -> dict[str, Any]:
    """Return the public keys as a JWK Set (RFC 7517), with which anyone can verify our tokens."""
    keys = []
    for name, key in sorted(PublicKeys(folder).all().items()):
        members: dict[str, Any] = OKPAlgorithm.to_jwk(key, as_dict=True)
        keys.append(members | {"kid": name, "use": "sig", "alg": ALGORITHM})
    return {"keys": keys}


class PublicKeys:
    """The public keys, by the names of their files. Changes in the folder are noticed within a second."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._seen: tuple[tuple[str, int], ...] | None = None
        self._version = 0
        self._poll_at = 0.0
        self._lock = threading.Lock()

    def version(self) -> int:
        """Return a number that changes with the keys. It polls the folder once a second: every request needs the number."""
        if time.monotonic() >= self._poll_at:
            self._poll_at = time.monotonic() + POLL_SECONDS
            self._poll()
        return self._version

    def get(self, name: str) -> Ed25519PublicKey:
        """Return a key; raise KeyError. It finds a new key at once, since another process may have signed with it already."""
        if name not in self._keys:
            self._poll()
        return self._keys[name]

    def all(self) -> dict[str, Ed25519PublicKey]:
        """Return the current keys."""
        self._poll()
        return self._keys

    def _poll(self) -> None:
        with self._lock:
            seen = tuple(sorted(_stamp(path) for path in self._folder.glob(f"*{_PUBLIC}")))
            if seen == self._seen:
                return
            found = ((name, _read(self._folder / f"{name}{_PUBLIC}")) for name, _ in seen)
            self._keys = {name: key for name, key in found if key is not None}
            self._seen = seen
            self._version += 1


def _stamp(path: Path) -> tuple[str, int]:
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        changed = 0
    return path.name.removesuffix(_PUBLIC), changed


def _read(path: Path) -> Ed25519PublicKey | None:
    """Return the key in a file, or None: an invalid file must not disable the other keys."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
        if isinstance(key, Ed25519PublicKey):
            return key
        why = "it is not an Ed25519 key"
    except (OSError, ValueError, TypeError) as error:
        why = str(error)
    log().warning("public key cannot be used", file=path.name, why=why)
    return None
