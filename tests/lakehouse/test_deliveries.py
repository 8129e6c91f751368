"""What an independent reader counts in a delivered file."""

from __future__ import annotations

import gzip

import pytest

from millpond.demo.deliveries import content_of


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        ("a.csv", b"h\n1\n2\n", 2),
        ("a.csv", b'h,i\n1,"two\nlines"\n\n', 1),
        ("a.csv", b"", 0),
        ("a.csv.gz", gzip.compress(b"h\n1", mtime=0), 1),
        ("a.jsonl", b'{"a": 1}\n\n{"a": 2}', 2),
    ],
)
def test_lines_of_data_are_counted(tmp_path, name, content, lines):
    file = tmp_path / name
    file.write_bytes(content)
    assert content_of(file).lines == lines


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b"\xff\xfe\x00"), ("a.csv.gz", gzip.compress(b"x" * 99, mtime=0)[:20])]
)
def test_what_is_no_text_has_no_lines(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    assert content_of(file) is None
