"""A task's output: cut into lines, redacted, stored exactly."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from flowkit.engine.task_log import TaskLog
from flowkit.interfaces.datastore import LogWriter
from flowkit.model.log import Stream, parse


class Stored(LogWriter):
    """Keeps a log in memory."""

    def __init__(self) -> None:
        self.content = b""
        self.opened = 0
        self.closed = False

    def append(self, data: bytes) -> None:
        self.content += data

    def close(self) -> None:
        self.closed = True

    def open(self) -> LogWriter:
        self.opened += 1
        return self


def make_log() -> tuple[TaskLog, Stored, list[bytes]]:
    stored, shown = Stored(), list[bytes]()
    return TaskLog(stored.open, lambda stream, time, line: shown.append(line)), stored, shown


def test_a_task_without_output_stores_nothing() -> None:
    log, stored, shown = make_log()
    log.close()
    assert (stored.opened, shown) == (0, [])


def test_lines_are_shown_whole_however_they_arrive() -> None:
    log, _, shown = make_log()
    log.append("stdout", 1.0, b"one\ntw")
    assert shown == [b"one\n"]
    log.append("stdout", 2.0, b"o\n\nthree")
    log.close()
    assert shown == [b"one\n", b"two\n", b"\n", b"three"]


def test_a_line_has_the_time_at_which_it_began() -> None:
    log, stored, _ = make_log()
    log.append("stdout", 1.0, b"par")
    log.append("stdout", 5.0, b"tial\nnext\n")
    log.close()
    assert [(record.time, record.data) for record in parse(stored.content)] == [(1.0, b"partial\n"), (5.0, b"next\n")]


def test_carriage_returns_stay_within_their_line() -> None:
    log, _, shown = make_log()
    log.append("stderr", 1.0, b"10%\r20%\r\n")
    assert shown == [b"10%\r20%\r\n"]


def test_a_line_without_end_is_stored_before_memory_fills() -> None:
    log, stored, _ = make_log()
    for _ in range(10):
        log.append("stdout", 1.0, b"x" * 100_000)
    assert len(stored.content) > 500_000


@given(
    pieces=st.lists(
        st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(max_size=20) | st.sampled_from([b"\n", b"a\nb"])),
        max_size=30,
    )
)
def test_each_stream_is_given_back_exactly(pieces: list[tuple[Stream, bytes]]) -> None:
    log, stored, _ = make_log()
    for number, (stream, data) in enumerate(pieces):
        log.append(stream, float(number), data)
    log.close()
    for name in ("stdout", "stderr"):
        sent = b"".join(data for stream, data in pieces if stream == name)
        assert b"".join(record.data for record in parse(stored.content) if record.stream == name) == sent


def test_secrets_are_masked_in_every_form_that_programs_print() -> None:
    secret = 'p@ss "wörd"\\/é'
    forms = [
        secret,
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        repr(secret),
        quote(secret),
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode(),
    ]
    log, stored, shown = make_log()
    log.add_secrets([secret, "short"])
    for form in forms:
        log.append("stdout", 1.0, f"value: {form}\n".encode())
    log.append("stdout", 1.0, b"short words stay\n")
    log.close()
    everything = stored.content + b"".join(shown)
    assert b"p@ss" not in everything
    assert b"w\xc3\xb6rd" not in everything
    assert base64.b64encode(secret.encode())[:12] not in everything
    assert everything.count(b"***") == 2 * len(forms)
    assert b"short words stay" in everything


@given(
    st.lists(st.tuples(st.sampled_from(("stdout", "stderr")), st.binary(max_size=12)), max_size=30), st.integers(1, 60)
)
def test_of_each_stream_whole_lines_up_to_the_limit_are_stored_and_all_are_shown(
    pieces: list[tuple[Stream, bytes]], longest: int
) -> None:
    stored = Stored()
    shown: dict[Stream, bytes] = {"stdout": b"", "stderr": b""}

    def show(stream: Stream, time: float, line: bytes) -> None:
        shown[stream] += line

    log = TaskLog(stored.open, show, longest=longest)
    for stream, data in pieces:
        log.append(stream, 0.0, data)
    log.close()
    streams: tuple[Stream, Stream] = ("stdout", "stderr")
    for stream in streams:
        whole = b"".join(data for name, data in pieces if name == stream)
        kept = b"".join(record.data for record in parse(stored.content) if record.stream == stream)
        if len(whole) <= longest:
            assert kept == shown[stream] == whole
        else:
            note = (
                f"({stream} is longer than {longest} bytes: what follows isn't stored; --max-log-size MB stores more)\n"
            )
            beginning, told, rest = kept.partition(note.encode())
            assert told
            assert rest == b""
            assert len(beginning) <= longest
            assert whole.startswith(beginning)
            assert shown[stream] == beginning + told + whole[len(beginning) :]
