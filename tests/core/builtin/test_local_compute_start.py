"""Which way tasks are started: forked only from a process in which nothing speaks against it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowkit.testing.compute_launcher import Launcher

TEMPLATE = """
import os, sys
from flowkit import FlowSpec, step
{before}

class ContractFlow(FlowSpec):
    @step
    def start(self):
{body}
        print(result)
        self.next(self.end)

    @step
    def end(self):
        print("end")
"""

USES = {
    "numpy": (
        "import numpy as np",
        "np.random.rand(300, 300) @ np.random.rand(300, 300)",
        "result = (np.ones((300, 300)) @ np.ones((300, 300))).sum()",
    ),
    "pandas": (
        "import pandas as pd",
        "pd.DataFrame({'a': range(1000), 'b': 1}).groupby('b').sum()",
        "result = pd.DataFrame({'a': range(1000), 'b': 1}).groupby('b').sum()['a'].iloc[0]",
    ),
    "polars": (
        "import polars as pl",
        "pl.DataFrame({'a': range(1000)}).lazy().select(pl.col('a').sum()).collect()",
        "result = pl.DataFrame({'a': range(1000)}).lazy().group_by('a').len().collect().height",
    ),
    "pyarrow": (
        "import pyarrow as pa, pyarrow.compute as pc",
        "pa.table({'a': list(range(1000))}).group_by('a').aggregate([('a', 'sum')])",
        "result = pa.table({'a': list(range(1000))}).group_by('a').aggregate([('a', 'sum')]).num_rows",
    ),
    "sklearn": (
        "import numpy as np\nfrom sklearn.ensemble import HistGradientBoostingClassifier as Model",
        "Model(max_iter=2).fit(np.ones((200, 3)), np.arange(200) % 2)",
        "result = Model(max_iter=2).fit(np.ones((200, 3)), np.arange(200) % 2).predict(np.ones((5, 3))).shape[0]",
    ),
}


def started(folder: Path, before: str, body: str = "result = 1", **options: Any) -> tuple[str, list[str]]:
    """Run the flow's start; returns how it was started, and what was said about that."""
    text = TEMPLATE.format(before=before, body="".join(f"        {line}\n" for line in body.splitlines()))
    with Launcher(folder, text, **options) as launcher:
        spec = launcher.submit("start")
        outcome = launcher.outcome(spec)
        assert outcome.status == "succeeded", launcher.output(spec, "stderr").decode()
        return launcher.info(spec)["start"], launcher.explanations


@pytest.mark.parametrize("library", USES)
def test_an_imported_library_is_forked_and_works_in_the_task(tmp_path: Path, library: str) -> None:
    imports, _, body = USES[library]
    how, said = started(tmp_path, imports, body)
    assert how == "fork", said


@pytest.mark.parametrize("library", ["polars", "pyarrow", "sklearn"])
def test_a_library_whose_threads_have_worked_gets_fresh_interpreters(tmp_path: Path, library: str) -> None:
    imports, use, body = USES[library]
    how, said = started(tmp_path, f"{imports}\n{use}", body)
    assert how == "spawn"
    assert "a thread pool has worked" in said[-1]


@pytest.mark.parametrize("library", ["numpy", "pandas"])
def test_a_library_that_minds_forks_itself_works_after_use(tmp_path: Path, library: str) -> None:
    imports, use, body = USES[library]
    how, said = started(tmp_path, f"{imports}\n{use}", body)
    assert how == "fork", said


@pytest.mark.parametrize("library", USES)
def test_a_library_that_only_the_step_imports_works(tmp_path: Path, library: str) -> None:
    imports, use, body = USES[library]
    how, said = started(tmp_path, "", f"{imports}\n{use}\n{body}")
    assert how == "fork", said


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True, name='pump').start()",
            "the Python thread 'pump' is alive",
        ),
        ("import socket\ns = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()", "an internet socket"),
        ("import sqlite3\ndb = sqlite3.connect(':memory:')", "a database is open"),
        (
            "import socket, tempfile\npath = tempfile.mkdtemp() + '/s'\na = socket.socket(socket.AF_UNIX)\n"
            "a.bind(path); a.listen()",
            "a connection is open",
        ),
    ],
)
def test_what_children_must_not_share_gets_fresh_interpreters(tmp_path: Path, before: str, reason: str) -> None:
    how, said = started(tmp_path, before)
    assert how == "spawn"
    assert reason in said[-1]


def test_a_socket_pair_or_a_thread_that_has_ended_is_no_reason(tmp_path: Path) -> None:
    before = (
        "import socket, threading\npair = socket.socketpair()\nt = threading.Thread(target=print); t.start(); t.join()"
    )
    assert started(tmp_path, before)[0] == "fork"


def test_a_preloaded_module_that_starts_threads_gets_fresh_interpreters(tmp_path: Path) -> None:
    (tmp_path / "starts_threads.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    how, said = started(tmp_path, "", "import starts_threads\nresult = 1")
    assert how == "spawn"
    assert "the Python thread" in said[-1]


def test_fork_by_hand_is_taken_though_something_speaks_against_it(tmp_path: Path) -> None:
    before = "import sqlite3\ndb = sqlite3.connect(':memory:')"
    assert started(tmp_path, before, task_start="fork")[0] == "fork"


def test_preloaded_modules_are_there_and_failing_ones_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text("print('noise', flush=True)\n")
    (tmp_path / "broken.py").write_text("raise SystemExit(3)\n")
    body = "loaded = 'noisy' in sys.modules\nimport noisy\nassert loaded\nresult = 1"
    how, _ = started(tmp_path, "", body, preload=["noisy", "broken", "no_such_module"])
    assert how == "fork"
