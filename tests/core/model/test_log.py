"""The stored form of output."""

from __future__ import annotations

import pytest

from flowkit.model.log import LogRecord, encode, parse

WHOLE = encode("stdout", 1.5, b"one\n") + encode("stderr", 2.5, b"two\n")


def test_records_come_back() -> None:
    assert list(parse(WHOLE)) == [LogRecord("stdout", 1.5, b"one\n"), LogRecord("stderr", 2.5, b"two\n")]


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_what_a_killed_writer_left_is_given_as_far_as_it_goes(length: int) -> None:
    records = list(parse(WHOLE[:length]))
    assert WHOLE.replace(b" 4", b"").startswith(b"o1.500000")
    assert b"damaged" not in b"".join(record.data for record in records)
    assert b"one\ntwo\n".startswith(b"".join(record.data for record in records))


@pytest.mark.parametrize("damage", [b"garbage\n", b"o12 x\nabc", b"x1.5 2\nab", b"o1.5 -3\nabc", b"\n"])
def test_what_is_no_record_is_said_to_be_damaged(damage: bytes) -> None:
    *whole, last = parse(WHOLE + damage + WHOLE)
    assert whole == list(parse(WHOLE))
    assert last.stream == "stderr"
    assert last.data == f"(this log is damaged from byte {len(WHOLE)} on: the rest can't be shown)\n".encode()
