"""Opens the `secure:` values of a stack file that Pulumi encrypted with a passphrase."""

from __future__ import annotations

import base64
import hashlib
import os
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from millpond.deploy.exceptions import ProjectError

_ITERATIONS: Final = 1_000_000
_KEY_BYTES: Final = 32


class Decrypter:
    """Decrypts one stack file's values; the key is derived when the first one is met."""

    def __init__(self, salt: str | None, path: Path) -> None:
        self._salt = salt
        self._path = path

    def reveal(self, value: Any, name: str) -> Any:
        """The value with every `{secure: …}` inside it opened."""
        if isinstance(value, dict):
            if value.keys() == {"secure"}:
                return self._decrypt(str(value["secure"]), name)
            return {key: self.reveal(item, name) for key, item in value.items()}
        if isinstance(value, list):
            return [self.reveal(item, name) for item in value]
        return value

    def _decrypt(self, text: str, name: str) -> str:
        version, _, rest = text.partition(":")
        nonce, _, ciphertext = rest.partition(":")
        if version != "v1" or not ciphertext:
            raise ProjectError(
                f"{self._path}: the secret '{name}' was not encrypted with a passphrase; the embedded engine "
                "opens only those (`pulumi stack init --secrets-provider passphrase`)"
            )
        try:
            return self._cipher.decrypt(base64.b64decode(nonce), base64.b64decode(ciphertext), None).decode()
        except InvalidTag:
            raise ProjectError(f"{self._path}: the passphrase does not open the secret '{name}'") from None

    @cached_property
    def _cipher(self) -> AESGCM:
        salt, _, _ = (self._salt or "").removeprefix("v1:").partition(":")
        if not salt:
            raise ProjectError(f"{self._path} has secrets, but no encryptionsalt")
        key = hashlib.pbkdf2_hmac(
            "sha256", _passphrase(self._path), base64.b64decode(salt), _ITERATIONS, _KEY_BYTES
        )
        return AESGCM(key)


def _passphrase(path: Path) -> bytes:
    if (phrase := os.environ.get("PULUMI_CONFIG_PASSPHRASE")) is not None:
        return phrase.encode()
    if file := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        return Path(file).read_text().strip().encode()
    raise ProjectError(
        f"{path} has secrets: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to open them"
    )
