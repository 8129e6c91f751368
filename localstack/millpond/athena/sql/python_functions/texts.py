"""Texts: Unicode's forms, distances, addresses of networks, sizes of data."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from decimal import Decimal, localcontext
from functools import cache
from typing import Any, Literal, cast

from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction

_SIZES = {
    unit: 1024**power for power, unit in enumerate(("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"))
}


def normalize(text: str, form: str) -> str:
    """A text in one of Unicode's four forms."""
    return unicodedata.normalize(cast(Literal["NFC", "NFD", "NFKC", "NFKD"], form), text)


def network_contains(network: str, address: bytes) -> bool:
    """Whether a network in CIDR notation has an address, which has 16 bytes, one of version 4 mapped."""
    try:
        known = ipaddress.ip_network(network, strict=False)
    except ValueError:
        raise FunctionFailure("Invalid CIDR") from None
    found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.IPv6Address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.version == known.version and found in known


def parse_data_size(text: str) -> str:
    """`2.3MB` as a number of bytes, which may have more digits than an integer of 64 bits."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text)
    if match is None or match[2] not in _SIZES:
        raise FunctionFailure(f"Invalid data size: '{text}'")
    with localcontext(prec=100):
        size = str(int(Decimal(match[1]) * _SIZES[match[2]]))
    if len(size) > 38:
        raise FunctionFailure(f"Value out of range: '{text}' ('{size}B')", "NUMERIC_VALUE_OUT_OF_RANGE")
    return size


def char2hexint(text: str) -> str:
    """The UTF-16 of a text in hexadecimal digits."""
    return text.encode("utf-16-be", "surrogatepass").hex().upper()


def from_utf8(data: bytes, replacement: str) -> str:
    """A text from its UTF-8, a replacement in place of what is none."""
    if len(replacement) > 1:
        raise FunctionFailure("Replacement string must empty or a single character")
    pieces, rest = [], data
    while rest:
        try:
            pieces.append(rest.decode())
            break
        except UnicodeDecodeError as error:
            pieces += [rest[: error.start].decode(), replacement]
            rest = rest[error.end :]
    return "".join(pieces)


def levenshtein_distance(left: str, right: str) -> int:
    """How many characters have to be inserted, deleted or replaced."""
    if len(left) * (len(right) - 1) > 1_000_000:
        raise FunctionFailure("The combined inputs for Levenshtein distance are too large")
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (a != b)))
        previous = current
    return previous[-1]


def hamming_distance(left: str, right: str) -> int:
    """At how many places two texts of one length differ."""
    if len(left) != len(right):
        raise FunctionFailure("The input strings to hamming_distance function must have the same length")
    return sum(a != b for a, b in zip(left, right, strict=True))


_SOUNDEX = {
    letter: digit
    for digit, letters in {"1": "BFPV", "2": "CGJKQSXZ", "3": "DT", "4": "L", "5": "MN", "6": "R"}.items()
    for letter in letters
}


def soundex(text: str) -> str:
    """The American Soundex code of a word; H and W part no equal codes, vowels do."""
    letters = [letter for letter in text.upper() if letter.isalpha()]
    if not letters:
        return ""
    if any(not letter.isascii() for letter in letters):
        raise FunctionFailure(f"The character is not mapped: {text}")
    code, last = letters[0], _SOUNDEX.get(letters[0])
    for letter in letters[1:]:
        digit = _SOUNDEX.get(letter)
        if digit and digit != last:
            code += digit
        if letter not in "HW":
            last = digit
    return code[:4].ljust(4, "0")


_STEMMERS = {
    # Trino's languages
    "ca": "catalan", "da": "danish", "de": "german", "en": "english", "es": "spanish", "eu": "basque",
    "fi": "finnish", "fr": "french", "hu": "hungarian", "hy": "armenian", "ir": "irish", "it": "italian",
    "lt": "lithuanian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip


def word_stem(word: str, language: str) -> str:
    """The stem of a word, by Snowball's algorithm for its language."""
    name = _STEMMERS.get(language.lower())
    if name is None:
        raise FunctionFailure(f"Unknown stemmer language: {language}")
    return str(_stemmer(name).stemWord(word))


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer  # type: ignore[import-untyped]  # it has no annotations

    return snowballstemmer.stemmer(language)


FUNCTIONS = (
    PythonFunction("athena_py_word_stem", ("VARCHAR", "VARCHAR"), "VARCHAR", word_stem),
    PythonFunction("athena_py_normalize", ("VARCHAR", "VARCHAR"), "VARCHAR", normalize),
    PythonFunction("athena_py_network_contains", ("VARCHAR", "BLOB"), "BOOLEAN", network_contains),
    PythonFunction("athena_py_parse_data_size", ("VARCHAR",), "VARCHAR", parse_data_size),
    PythonFunction("athena_py_char2hexint", ("VARCHAR",), "VARCHAR", char2hexint),
    PythonFunction("athena_py_from_utf8", ("BLOB", "VARCHAR"), "VARCHAR", from_utf8),
    PythonFunction("athena_py_levenshtein", ("VARCHAR", "VARCHAR"), "BIGINT", levenshtein_distance),
    PythonFunction("athena_py_hamming", ("VARCHAR", "VARCHAR"), "BIGINT", hamming_distance),
    PythonFunction("athena_py_soundex", ("VARCHAR",), "VARCHAR", soundex),
)
