"""What the benchmarks write: tables, the page on scaling, and what is said of a tool that couldn't be installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.need import need_module
from support.sources import ROOT

BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The scripts of the benchmarks import each other by plain names."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in set(sys.modules) - before:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_page_on_scaling_is_rewritten_between_its_marks(tmp_path: Path) -> None:
    need_module("vl_convert")
    from scaling import BytesPoint, TasksPoint
    from scaling_page import write_page

    shutil.copy(ROOT / "docs/explanation/scaling.md", tmp_path)
    before = (tmp_path / "scaling.md").read_text()
    tasks = [TasksPoint(10 * n, 0.5 * n, 0.2, 0.1 * n, 30.0, 11 * n, 5000 * n) for n in (1, 10)]
    sizes = [
        BytesPoint(size, kind, 0.2, 0.0005, 40.0 if kind == "random" else None, size)
        for kind in ("random", "counting")
        for size in (1000, 10**9)
    ]
    write_page(tmp_path, tasks, sizes, "a machine")
    page = (tmp_path / "scaling.md").read_text()
    assert "| 100 | 5.00 s | 50.0 ms | 200 ms | 10.0 ms | 30 MB | 1.10 | 500 B |" in page
    assert "| 1 GB | 200 ms | 500 µs | 1 GB | 40 MB | 200 ms | 500 µs | 1 GB |" in page
    assert "a machine\n<!-- machine: end -->" in page
    assert page.count("<!--") == before.count("<!--") == 6
    images = {image.name for image in (tmp_path / "images").iterdir()}
    assert images == {"scaling-tasks.svg", "scaling-memory.svg", "scaling-bytes.svg"}
    assert all(f"images/{image}" in page for image in images)


def test_a_page_without_its_marks_is_left_alone(tmp_path: Path) -> None:
    from scaling_page import write_page

    (tmp_path / "scaling.md").write_text("nothing")
    with pytest.raises(ValueError, match="no part marked 'tasks'"):
        write_page(tmp_path, [], [], "")
    assert (tmp_path / "scaling.md").read_text() == "nothing"


def test_a_tool_that_cannot_be_installed_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import others
    from report import others_table

    def fails() -> Any:
        raise subprocess.CalledProcessError(1, ["pip", "install"])

    def flowkit(*_: object) -> Iterator[others.Figure]:
        yield others.Figure("hello, 3 steps", "FlowKit", 0.2)

    monkeypatch.setattr(others, "prefect", fails)
    monkeypatch.setattr(others, "dagster", fails)
    monkeypatch.setattr(others, "_flowkit", flowkit)
    lines = others_table(others.measured(None, 1, None)).splitlines()
    assert lines[0] == "| tool | hello, 3 steps | its tasks |"
    assert lines[2].startswith("| FlowKit | 200 ms | each task is a process")
    assert [line.split("|")[3].split(":")[0] for line in lines[3:]] == [" not measured"] * 3


def test_a_bound_that_is_measured_alone_has_no_figure_of_metaflow() -> None:
    from bounds import Bound
    from report import bounds_table

    lines = bounds_table([Bound("files", "", 1.01, 2), Bound("memory", "MB", 33.4, 250, 900.2)]).splitlines()
    assert lines[2:] == ["| files | 1.01 |  | 2 |", "| memory | 33 MB | 900 MB | 250 MB |"]
