"""Binary functions: https://trino.io/docs/401/functions/binary.html."""

from __future__ import annotations

from collections.abc import Sequence

from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.functions.signature import Function
from millpond.athena.sql.value import Value


def _unsupported(_: Sequence[Value]) -> str:
    raise NotSupported("crc32, sha512 and hmac_…: DuckDB has no such function")


FUNCTIONS = (
    Function("crc32(varbinary) -> bigint", _unsupported),
    Function("from_base64(varchar) -> varbinary", "from_base64({0})"),
    Function("from_hex(varchar) -> varbinary", "unhex({0})"),
    Function("hmac_md5(varbinary, varbinary) -> varbinary", _unsupported),
    Function("hmac_sha1(varbinary, varbinary) -> varbinary", _unsupported),
    Function("hmac_sha256(varbinary, varbinary) -> varbinary", _unsupported),
    Function("hmac_sha512(varbinary, varbinary) -> varbinary", _unsupported),
    Function("length(varbinary) -> bigint", "octet_length({0})"),
    Function("md5(varbinary) -> varbinary", "unhex(md5({0}))"),
    Function("sha1(varbinary) -> varbinary", "unhex(sha1({0}))"),
    Function("sha256(varbinary) -> varbinary", "unhex(sha256({0}))"),
    Function("sha512(varbinary) -> varbinary", _unsupported),
    Function("to_base64(varbinary) -> varchar", "to_base64({0})"),
    Function("to_base64url(varbinary) -> varchar", "translate(to_base64({0}), '+/', '-_')"),
    Function("from_base64url(varchar) -> varbinary", "from_base64(translate({0}, '-_', '+/'))"),
    Function("to_hex(varbinary) -> varchar", "hex({0})"),
)
