"""Binary functions: https://trino.io/docs/401/functions/binary.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

_NUMBERS = {
    "big_endian_32": "integer",
    "big_endian_64": "bigint",
    "ieee754_32": "real",
    "ieee754_64": "double",
}
_DECODED = {
    "from_base64": "athena_from_base64({0})",
    "from_base64url": "athena_from_base64(translate({0}, '-_', '+/'))",
    "from_hex": "athena_from_hex({0})",
}

FUNCTIONS = (
    Function("crc32(varbinary) -> bigint", "athena_py_crc32({0})"),
    *(
        Function(f"{name}({type_}) -> varbinary", sql.format(text))
        for name, sql in _DECODED.items()
        for type_, text in (("varchar", "{0}"), ("varbinary", "decode({0})"))
    ),
    *(
        Function(f"hmac_{name}(varbinary, varbinary) -> varbinary", f"athena_py_hmac_{name}({{0}}, {{1}})")
        for name in ("md5", "sha1", "sha256", "sha512")
    ),
    *(
        Function(f"{name}({source}) -> {result}", f"athena_py_{name}({{0}})")
        for number, type_ in _NUMBERS.items()
        for name, source, result in (
            (f"from_{number}", "varbinary", type_),
            (f"to_{number}", type_, "varbinary"),
        )
    ),
    *(
        Function(
            f"{name}(varbinary, bigint, varbinary) -> varbinary", f"athena_binary_{name}({{0}}, {{1}}, {{2}})"
        )
        for name in ("lpad", "rpad")
    ),
    Function("length(varbinary) -> bigint", "octet_length({0})"),
    Function("md5(varbinary) -> varbinary", "unhex(md5({0}))"),
    Function("sha1(varbinary) -> varbinary", "unhex(sha1({0}))"),
    Function("sha256(varbinary) -> varbinary", "unhex(sha256({0}))"),
    Function("sha512(varbinary) -> varbinary", "athena_py_sha512({0})"),
    Function("to_base64(varbinary) -> varchar", "to_base64({0})"),
    Function("to_base64url(varbinary) -> varchar", "translate(to_base64({0}), '+/', '-_')"),
    Function("to_hex(varbinary) -> varchar", "hex({0})"),
    Function("xxhash64(varbinary) -> varbinary", "athena_py_xxhash64({0})"),
    Function("murmur3(varbinary) -> varbinary", "athena_py_murmur3({0})"),
    *(
        Function(f"{name}(varbinary, bigint{more}) -> varbinary", f"athena_binary_part({{0}}, {{1}}, {size})")
        for name in ("substr", "substring")
        for more, size in (("", "octet_length({0})"), (", bigint", "{2}"))
    ),
    Function("spooky_hash_v2_32(varbinary) -> varbinary", "athena_py_spooky_hash_v2_32({0})"),
    Function("spooky_hash_v2_64(varbinary) -> varbinary", "athena_py_spooky_hash_v2_64({0})"),
    Function("reverse(varbinary) -> varbinary", "athena_binary_reverse({0})"),
)
