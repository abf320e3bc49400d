"""The code of a run, as the client reads it."""

from __future__ import annotations

import os
import pickle
import tarfile
from pathlib import Path

import pytest

from flowkit.artifacts.layout import code_key
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.client import Run, Task, TaskCode
from flowkit.errors import CorruptedBlobError, KeyNotFound
from flowkit.packaging.archive import CodeArchive
from flowkit.packaging.selection import CodeSource
from flowkit.packaging.storing import pack_code
from support.recorded_run import FLOW, RecordedRun


@pytest.fixture
def archive(tmp_path: Path) -> CodeArchive:
    """The code of a flow."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "flow.py").write_text("import helper  # é\n", encoding="utf-8")
    (folder / "helper.py").write_text("x = 1\n")
    return pack_code(CodeSource(FLOW, str(folder / "flow.py"))).archive


@pytest.fixture
def recorded(root: Path, archive: CodeArchive) -> RecordedRun:
    """A run that has its code."""
    root.mkdir()
    LocalDatastore.open(str(root)).put(code_key(FLOW, archive.sha256), [archive.content])
    return RecordedRun(
        root,
        code=archive.sha256,
        info={"flow_file": "/home/me/flow.py", "git": {"commit": "c0ffee", "dirty": True}},
        system_tags=("runtime:dev", "user:tester", "python_version:3.11.7", "date:2026-01-01"),
    )


def code_of(run: str = f"{FLOW}/1") -> TaskCode:
    code = Run(run).code
    assert code is not None
    return code


def test_what_there_is_to_know(recorded: RecordedRun, archive: CodeArchive, root: Path) -> None:
    code = code_of()
    assert code.hash == archive.sha256
    assert code.script_name == "flow.py"
    assert code.flowspec == "import helper  # é\n"
    assert Path(code.path).read_bytes() == archive.content
    assert code.info == {
        "script": "flow.py",
        "flow_name": FLOW,
        "username": "tester",
        "python_version": "3.11.7",
        "runtime": "dev",
        "git": {"commit": "c0ffee", "dirty": True},
    }
    assert code.files() == {"flow.py": "import helper  # é\n".encode(), "helper.py": b"x = 1\n"}
    assert repr(code) == f"TaskCode('flow.py', '{archive.sha256[:12]}')"


def test_the_archive_can_be_read_with_tarfile(recorded: RecordedRun) -> None:
    with code_of().tarball as opened:
        assert isinstance(opened, tarfile.TarFile)
        assert {"flow.py", "helper.py"} < set(opened.getnames())


def test_it_is_unpacked_for_as_long_as_it_is_needed(recorded: RecordedRun) -> None:
    with code_of().extract() as folder:
        assert sorted(os.listdir(folder)) == ["flow.py", "helper.py"]
    assert not os.path.exists(folder)
    unpacked = code_of().extract()
    assert os.path.exists(unpacked.name)
    unpacked.cleanup()
    assert not os.path.exists(unpacked.name)


def test_equal_code_of_two_runs_is_equal(recorded: RecordedRun, root: Path, archive: CodeArchive) -> None:
    RecordedRun(root, "2", code=archive.sha256).task("start")
    assert code_of() == code_of(f"{FLOW}/2") == Task(f"{FLOW}/2/start/1").code
    assert len({code_of(), code_of(f"{FLOW}/2")}) == 1
    RecordedRun(root, "3", code="another")
    assert code_of() != code_of(f"{FLOW}/3")


def test_it_can_be_pickled(recorded: RecordedRun) -> None:
    code = pickle.loads(pickle.dumps(code_of()))
    assert code == code_of()
    assert code.flowspec.startswith("import helper")


def test_the_code_of_a_run_that_has_just_begun_comes_later(root: Path) -> None:
    root.mkdir()
    recorded = RecordedRun(root)
    run = Run(f"{FLOW}/1")
    assert run.code is None
    recorded.change(code="abc")
    assert run.code is not None
    assert run.code.hash == "abc"


def test_code_that_is_gone_or_damaged_is_told(recorded: RecordedRun, root: Path, archive: CodeArchive) -> None:
    store = LocalDatastore.open(str(root))
    store.put(code_key(FLOW, archive.sha256), [b"x" * len(archive.content)], overwrite=True)
    with pytest.raises(CorruptedBlobError, match="isn't what was stored"):
        _ = code_of().flowspec
    store.delete([code_key(FLOW, archive.sha256)])
    with pytest.raises(KeyNotFound):
        code_of().extract()
