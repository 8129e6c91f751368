"""Opens and makes secrets as Pulumi does with a passphrase: in a stack's settings, and in its state."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from millpond.deploy.exceptions import ProjectError
from millpond.deploy.values import SECRET_SIGNATURE, SIGNATURE_KEY

_ITERATIONS: Final = 1_000_000
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class Cipher:
    """The secrets of one stack; the key is derived when it is first needed."""

    def __init__(self, salt: str | None, path: Path) -> None:
        self._salt = salt
        self._path = path
        self._lock = threading.Lock()
        self._sealed: dict[str, str] = {}

    @property
    def is_set_up(self) -> bool:
        """Whether the stack has a salt, so that its secrets are kept encrypted."""
        return bool(self._salt)

    def require(self) -> None:
        """Ask for the passphrase before anything is made, and not when the first secret is met."""
        if self.is_set_up:
            _passphrase(self._path)

    def reveal(self, value: Any, name: str) -> Any:
        """A setting with every `{secure: …}` inside it opened."""
        if isinstance(value, dict):
            if value.keys() == {"secure"}:
                return self._decrypt(str(value["secure"]), f"the secret '{name}'")
            return {key: self.reveal(item, name) for key, item in value.items()}
        if isinstance(value, list):
            return [self.reveal(item, name) for item in value]
        return value

    def seal(self, value: Any) -> Any:
        """A value of the state as Pulumi's state holds secrets; as it is, if the stack has no salt.

        The same value is sealed the same as long as this object lives, so that what did not change does
        not look changed.
        """
        if not self.is_set_up or is_sealed(value):
            return value
        text = json.dumps(value)
        with self._lock:
            if text not in self._sealed:
                nonce = os.urandom(_NONCE_BYTES)
                ciphertext = self._aead.encrypt(nonce, text.encode(), None)
                self._sealed[text] = f"v1:{_encoded(nonce)}:{_encoded(ciphertext)}"
            return {SIGNATURE_KEY: SECRET_SIGNATURE, "ciphertext": self._sealed[text]}

    def unseal(self, value: Any) -> Any:
        """The inverse of `seal`."""
        if not is_sealed(value):
            return value
        with self._lock:
            text = self._decrypt(value["ciphertext"], "the secrets of the stack's state")
            self._sealed[text] = value["ciphertext"]
        return json.loads(text)

    def _decrypt(self, text: str, what: str) -> str:
        version, _, rest = text.partition(":")
        nonce, _, ciphertext = rest.partition(":")
        if version != "v1" or not ciphertext:
            raise ProjectError(
                f"{self._path}: {what} was not encrypted with a passphrase; the embedded engine "
                "opens only those (`pulumi stack init --secrets-provider passphrase`)"
            )
        try:
            return self._aead.decrypt(base64.b64decode(nonce), base64.b64decode(ciphertext), None).decode()
        except InvalidTag:
            raise ProjectError(f"{self._path}: the passphrase does not open {what}") from None

    @cached_property
    def _aead(self) -> AESGCM:
        salt, _, _ = (self._salt or "").removeprefix("v1:").partition(":")
        if not salt:
            raise ProjectError(f"{self._path} has secrets, but no encryptionsalt")
        key = hashlib.pbkdf2_hmac(
            "sha256", _passphrase(self._path), base64.b64decode(salt), _ITERATIONS, _KEY_BYTES
        )
        return AESGCM(key)


def is_sealed(value: Any) -> bool:
    """Whether a value of the state is an encrypted one."""
    return isinstance(value, Mapping) and value.get(SIGNATURE_KEY) == SECRET_SIGNATURE


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _passphrase(path: Path) -> bytes:
    if (phrase := os.environ.get("PULUMI_CONFIG_PASSPHRASE")) is not None:
        return phrase.encode()
    if file := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            return Path(file).read_text().strip().encode()
        except OSError as error:
            raise ProjectError(
                f"PULUMI_CONFIG_PASSPHRASE_FILE: cannot read {file}: {error.strerror}"
            ) from None
    raise ProjectError(
        f"{path} has secrets: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to open them"
    )
