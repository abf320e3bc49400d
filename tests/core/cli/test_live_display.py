"""The progress of a run in a terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from support.project import Project
from support.talker import TALKER
from support.terminal import Terminal

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


@pytest.fixture
def talker(project: Project) -> Project:
    project.write("flow.py", TALKER)
    return project


def terminal(project: Project, *args: str, env: dict[str, str] | None = None, stdout: Path | None = None) -> Terminal:
    return Terminal(
        [sys.executable, "flow.py", *args], cwd=project.path, env=project.variables(env or {}), stdout=stdout
    )


def plain(text: str) -> str:
    return ESCAPES.sub("", text)


def test_steps_and_counts_are_drawn_below_the_tasks_lines(talker: Project) -> None:
    with terminal(talker, "run", "--n", "3", "--pause", "1", "--max-workers", "1", "--run-id-file", "id") as seen:
        seen.read_until(lambda output: bool(re.search(r"each +\S+ +1/3", plain(output))))
        assert seen.wait() == 0
    run = (talker.path / "id").read_text()
    text = plain(seen.output)
    assert f"[{run}/start/" in text
    assert "] item 0\n" in text
    assert "1 running" in text
    assert re.search(r"start +\S+ +1/1 +\S+ s +done", text)
    assert re.search(r"join +\S+ +-", text)
    assert f"Talker/{run}  2 of 4 tasks done" in text
    # Steps stand in the order of the graph.
    frame = text[: text.index(f"Talker/{run}  ")].splitlines()
    assert [line.split()[0] for line in frame[-4:]] == ["start", "each", "join", "end"]
    # At the end the display is gone, the cursor is back, and the last word is how to read the results.
    assert seen.output.rstrip().endswith(".data")
    assert seen.output.rindex("\x1b[?25h") > seen.output.rindex("\x1b[?25l")
    last = seen.output[seen.output.rindex("\x1b[?25h") :]
    assert "━" not in last
    assert "succeeded" in last


def test_the_table_is_there_while_lines_come_all_the_time(talker: Project) -> None:
    busy = "for _ in range(60):\n            print('busy', flush=True); time.sleep(0.02)"
    talker.write("flow.py", TALKER.replace('print("item", self.input)', busy))
    with terminal(talker, "run", "--n", "1") as seen:
        assert seen.wait() == 0
    text = plain(seen.output)
    assert text.count("] busy\n") == 60
    assert text.count("1 of 2 tasks done") >= 3
    assert re.search(r"each +\S+ +0/1 +(0\.[5-9]|[1-9]\d*\.\d) s +1 running", text)


def test_prefixes_are_coloured_by_step(talker: Project) -> None:
    with terminal(talker, "run") as seen:
        assert seen.wait() == 0
    colours = {step: re.search(rf"(\x1b\[\d+m)\[\d+/{step}/", seen.output) for step in ("start", "each", "end")}
    assert all(colours.values())
    assert len({match[1] for match in colours.values() if match}) == 3


def test_a_short_run_draws_nothing_and_doesnt_import_rich(talker: Project) -> None:
    tell = "import atexit, sys\natexit.register(lambda: print('rich' in sys.modules, file=open('rich', 'w')))\n"
    talker.write("flow.py", tell + TALKER)
    for _ in range(20):  # on a busy machine it isn't short each time
        with terminal(talker, "run", "--n", "1") as seen:
            assert seen.wait() == 0
        took = re.search(r"succeeded in ([\d.]+) s", plain(seen.output))
        assert took
        if float(took[1]) < 0.3:
            break
    else:
        raise AssertionError("no run was short")
    assert "\x1b[?25l" not in seen.output
    assert "] hello" in plain(seen.output)
    assert (talker.path / "rich").read_text() == "False\n"


def test_a_failure_is_said_above_and_at_the_end(talker: Project) -> None:
    with terminal(talker, "run", "--fail", "each", "--pause", "0.7") as seen:
        assert seen.wait() == 1
    text = plain(seen.output)
    assert re.search(r"] failed in \d+\.\d s: ValueError: bad item\n", text)
    assert "] Traceback (most recent call last):\n" in text
    assert "failed after" in text
    assert "python flow.py resume" in text


def test_no_color(talker: Project) -> None:
    with terminal(talker, "run", "--pause", "0.7", env={"NO_COLOR": "1"}) as seen:
        assert seen.wait() == 0
    assert "━" in seen.output
    assert not re.search(r"\x1b\[(3[0-7]|9[0-7])m", seen.output)


def test_a_terminal_that_cant_move_its_cursor_gets_plain_lines(talker: Project) -> None:
    with terminal(talker, "run", "--pause", "0.6", env={"TERM": "dumb"}) as seen:
        assert seen.wait() == 0
    assert "\x1b" not in seen.output
    assert re.search(r"\d\d:\d\d:\d\d\.\d{3} \[\d+/start/\w+ \(pid \d+\)\] started", seen.output)


def test_quiet_draws_nothing(talker: Project) -> None:
    with terminal(talker, "--quiet", "run", "--pause", "0.6") as seen:
        assert seen.wait() == 0
    assert "━" not in seen.output
    lines = plain(seen.output).strip().splitlines()
    assert len(lines) == 6
    assert all("] " in line for line in lines)


def test_where_stdout_is_a_file_the_tasks_lines_go_there(talker: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with terminal(talker, "run", "--pause", "0.7", stdout=out) as seen:
        assert seen.wait() == 0
    lines = out.read_text().splitlines()
    assert len(lines) == 6
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \[\d+/\w+/\w+\] ", line) for line in lines)
    assert "item 0" not in seen.output
    assert "━" in seen.output


def test_a_long_line_of_a_task_is_shown_whole(talker: Project) -> None:
    with terminal(talker, "run", "--pause", "0.7", "--the-word", "w" * 500) as seen:
        assert seen.wait() == 0
    assert "w" * 500 in plain(seen.output).replace("\n", "")


def test_ctrl_c_takes_the_display_away_and_says_what_next(talker: Project) -> None:
    with terminal(talker, "run", "--pause", "30") as seen:
        seen.read_until("running")
        seen.type("\x03")
        assert seen.wait() == 1
    last = plain(seen.output[seen.output.rindex("\x1b[?25h") :])
    assert "interrupted" in last
    assert "python flow.py resume" in last
    assert "Traceback" not in plain(seen.output)


def test_a_resumed_run_says_what_it_took_over(talker: Project) -> None:
    assert talker.run("run", "--fail", "each", "--max-workers", "1", "--run-id-file", "id").returncode == 1
    (talker.path / "mended").touch()
    with terminal(talker, "resume") as seen:
        assert seen.wait() == 0
    origin = (talker.path / "id").read_text()
    assert f"started, resuming {origin}" in plain(seen.output)
    assert f"2 tasks taken from run {origin}" in plain(seen.output)
