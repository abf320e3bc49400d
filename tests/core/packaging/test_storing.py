"""The code of a flow in the datastore, packed once for as long as it doesn't change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flowkit.artifacts.layout import code_key
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.errors import KeyNotFound, PackagingError
from flowkit.packaging import memory as memory_module
from flowkit.packaging import storing
from flowkit.packaging.memory import CodeMemory, Remembered
from flowkit.packaging.selection import CodeSource
from flowkit.packaging.size import USUAL_LIMITS, SizeLimits
from flowkit.packaging.storing import pack_code, read_code, store_code


@pytest.fixture
def source(project: Path) -> CodeSource:
    return CodeSource("TestFlow", str(project / "flow.py"))


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CodeMemory:
    """One that trusts files that were just written, too."""
    monkeypatch.setattr(memory_module, "_STEP_NS", 0)
    root = tmp_path / "root"
    root.mkdir()
    return CodeMemory(root)


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> list[CodeSource]:
    """What was packed, in order."""
    calls: list[CodeSource] = []
    original = storing.pack_code

    def counting(source: CodeSource, limits: SizeLimits = USUAL_LIMITS) -> storing.CodePackage:
        calls.append(source)
        return original(source, limits)

    monkeypatch.setattr(storing, "pack_code", counting)
    return calls


def test_code_is_stored_and_read_back(source: CodeSource, datastore: LocalDatastore, memory: CodeMemory) -> None:
    found = store_code(source, datastore, memory)
    assert [one.key for one in datastore.list("TestFlow/code")] == [code_key("TestFlow", found.sha256)]
    assert read_code(datastore, "TestFlow", found.sha256).files().keys() == {"flow.py", "helper.py"}
    with pytest.raises(KeyNotFound):
        read_code(datastore, "TestFlow", "0" * 64)


def test_an_unchanged_tree_is_packed_once(
    source: CodeSource, datastore: LocalDatastore, memory: CodeMemory, packed: list[CodeSource]
) -> None:
    assert not memory.is_small(source)
    found = store_code(source, datastore, memory)
    assert memory.is_small(source)
    assert store_code(source, datastore, memory) == found
    assert len(packed) == 1
    # Removed from the store, it is packed again.
    datastore.delete([code_key("TestFlow", found.sha256)])
    assert store_code(source, datastore, memory) == found
    assert len(packed) == 2
    assert datastore.info(code_key("TestFlow", found.sha256)) is not None


def append(project: Path) -> None:
    with (project / "helper.py").open("a") as file:
        file.write("y = 2\n")


def same_size_and_time(project: Path) -> None:
    before = (project / "helper.py").stat()
    (project / "helper.py").write_text("x = 2\n")
    os.utime(project / "helper.py", ns=(before.st_atime_ns, before.st_mtime_ns))


def new_ignore_file(project: Path) -> None:
    (project / ".flowkitignore").write_text("helper.py\n")


CHANGES: list[Callable[[Path], object]] = [
    append,
    same_size_and_time,
    new_ignore_file,
    lambda project: (project / "helper.py").unlink(),
    lambda project: (project / "helper.py").rename(project / "other.py"),
    lambda project: (project / "new.py").write_text(""),
    lambda project: (project / "helper.py").chmod(0o755),
    lambda project: (project / "flow.py").write_text("import this\n"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_seen(
    project: Path,
    source: CodeSource,
    datastore: LocalDatastore,
    memory: CodeMemory,
    packed: list[CodeSource],
    change: Callable[[Path], object],
) -> None:
    first = store_code(source, datastore, memory)
    time.sleep(0.02)  # the clock of the filesystem moves in steps
    change(project)
    second = store_code(source, datastore, memory)
    assert second.sha256 != first.sha256
    assert second.sha256 == pack_code(source).archive.sha256
    assert len(packed) == 2


def test_a_change_of_what_is_kept_out_is_seen(
    project: Path, source: CodeSource, datastore: LocalDatastore, memory: CodeMemory, packed: list[CodeSource]
) -> None:
    (project / ".flowkitignore").write_text("ignored.py\n")
    (project / "ignored.py").write_text("1")
    first = store_code(source, datastore, memory)
    (project / "ignored.py").write_text("something else")
    assert store_code(source, datastore, memory) == first
    assert len(packed) == 1
    (project / ".flowkitignore").write_text("# nothing\n")
    assert "ignored.py" in read_code(datastore, "TestFlow", store_code(source, datastore, memory).sha256).names()


def test_what_is_asked_for_counts_too(source: CodeSource, datastore: LocalDatastore, memory: CodeMemory) -> None:
    store_code(source, datastore, memory)
    for other in (
        CodeSource("OtherFlow", source.file),
        CodeSource(source.flow, source.file, (".py",)),
        CodeSource(source.flow, source.file, added=((source.file, "again.py", "@x"),)),
    ):
        assert memory.recall(other, USUAL_LIMITS) is None
    assert memory.recall(source, SizeLimits(1)) is None
    assert memory.recall(source, USUAL_LIMITS) is not None


def test_a_file_that_was_just_written_is_not_trusted(
    source: CodeSource, datastore: LocalDatastore, tmp_path: Path
) -> None:
    (tmp_path / "root").mkdir()
    memory = CodeMemory(tmp_path / "root")
    store_code(source, datastore, memory)
    assert memory.recall(source, USUAL_LIMITS) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"of": 1, "tree": 2}'])
def test_a_damaged_memory_is_no_memory(
    source: CodeSource, datastore: LocalDatastore, memory: CodeMemory, tmp_path: Path, content: bytes
) -> None:
    found = store_code(source, datastore, memory)
    [file] = (tmp_path / "root/.cache/code").iterdir()
    file.write_bytes(content)
    assert memory.recall(source, USUAL_LIMITS) is None
    assert store_code(source, datastore, memory) == found
    assert memory.recall(source, USUAL_LIMITS) == found


def test_nothing_is_remembered_where_there_is_no_folder(source: CodeSource, tmp_path: Path) -> None:
    memory = CodeMemory(tmp_path / "nowhere")
    package = pack_code(source)
    memory.remember(source, USUAL_LIMITS, package.selection, Remembered("0" * 64, 1))
    assert not (tmp_path / "nowhere").exists()


# --- sizes -------------------------------------------------------------------------------------------------------


@pytest.fixture
def heavy(project: Path) -> Path:
    (project / "weights").mkdir()
    (project / "weights/a.py").write_bytes(os.urandom(3000))
    (project / "big.py").write_bytes(os.urandom(2000))
    return project


def test_a_size_that_surprises_is_told_with_what_makes_it(
    heavy: Path, source: CodeSource, datastore: LocalDatastore, memory: CodeMemory
) -> None:
    warning = pack_code(source, SizeLimits(warn=4000)).warning
    assert "the largest are weights/ (3.0 kB), big.py (2.0 kB), flow.py (14 bytes)" in warning
    assert ".flowkitignore" in warning
    assert pack_code(source, SizeLimits(warn=6000)).warning == ""
    assert pack_code(source, SizeLimits(warn=None)).warning == ""
    # It is told of each run, not of the first one alone.
    limits = SizeLimits(warn=4000)
    assert store_code(source, datastore, memory, limits) == store_code(source, datastore, memory, limits)
    assert store_code(source, datastore, memory, limits).warning == warning


def test_past_the_limit_nothing_is_stored(
    heavy: Path, source: CodeSource, datastore: LocalDatastore, memory: CodeMemory
) -> None:
    with pytest.raises(PackagingError, match=r"CODE_MAX_SIZE allows 4\.0 kB; the largest are weights/"):
        store_code(source, datastore, memory, SizeLimits(refuse=4000))
    assert list(datastore.list("TestFlow")) == []
