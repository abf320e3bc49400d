"""What the data tools of every store do on bad days, with large objects, in several processes, and for pyarrow."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from flowkit.datatools import DataTools, GetObject, RangeInfo
from flowkit.errors import FlowkitError
from support.mounts import small_disk
from support.need import need_module
from support.servers.fault_proxy import Cut, Delay, Fault, FaultProxy, LoseAnswer, Refuse, Request

__all__ = ["MEGABYTE", "DataToolsFaultTests"]

MEGABYTE = 1024 * 1024


class DataToolsFaultTests(ABC):
    """Inherit, and give a tool, and a bucket on a server behind a proxy."""

    scheme: ClassVar[str]
    #: The status of "slow down".
    throttled: ClassVar[int] = 503
    #: The method of requests that write a small object.
    put_method: ClassVar[str] = "PUT"

    @abstractmethod
    def make_tool(self, root: str | None, **arguments: Any) -> DataTools[Any]:
        """A tool behind the proxy."""

    @pytest.fixture
    def root(self, bucket_name: str) -> str:
        return f"{self.scheme}://{bucket_name}/some/root"

    @pytest.fixture
    def tool(self, root: str, tmp_path: Path, proxy: FaultProxy) -> Iterator[DataTools[Any]]:
        with self.make_tool(root, tmproot=str(tmp_path)) as tool:
            yield tool

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """One that nobody else uses."""
        folder = tmp_path / "folder"
        folder.mkdir()
        return folder

    # --- large objects ---------------------------------------------------------------------------------------------

    def test_a_large_object(self, tool: DataTools[Any], tmp_path: Path) -> None:
        """From memory, a file and a file object, and a range of it."""
        content = os.urandom(MEGABYTE) * 20 + b"end"
        (tmp_path / "file").write_bytes(content)
        tool.put("a", content)
        tool.put_files([("b", tmp_path / "file")])
        with (tmp_path / "file").open("rb") as file:
            tool.put("c", file)
        for found in tool.get_many(list("abc")):
            assert found.size == len(content)
            assert Path(found.path).read_bytes() == content
        start = 3 * MEGABYTE + 1
        found = tool.get(GetObject("a", start, 12 * MEGABYTE))
        assert found.blob == content[start : start + 12 * MEGABYTE]
        assert found.range_info == RangeInfo(len(content), start, 12 * MEGABYTE)
        assert tool.get(GetObject("a", len(content) - 3)).blob == b"end"

    # --- faults ----------------------------------------------------------------------------------------------------

    def test_connections_cut_in_the_middle_of_many(self, tool: DataTools[Any], proxy: FaultProxy) -> None:
        """What was lost is asked for again: no wrong byte, and nothing is fetched twice that came."""
        contents = {f"{number:02}": os.urandom(200_000) for number in range(30)}
        contents["large"] = os.urandom(MEGABYTE) * 18
        seen: list[Request] = []
        faults: list[Fault] = [Cut(50_000), LoseAnswer(), Refuse(500), Cut(0), Delay(0.05)]

        def choose(request: Request) -> Fault | None:
            seen.append(request)
            return faults[len(seen) // 4 % len(faults)] if len(seen) % 4 == 0 else None

        proxy.choose = choose
        tool.put_many(contents.items())
        assert {one.key: one.blob for one in tool.get_many(contents)} == contents
        assert len(seen) > 2 * len(contents)

    def test_throttling_is_waited_out(self, tool: DataTools[Any], proxy: FaultProxy) -> None:
        for action in (lambda: tool.put("a", b"x"), lambda: tool.get("a")):
            proxy.next_faults(*[Refuse(self.throttled)] * 3)
            action()
        assert tool.get("a").blob == b"x"

    def test_a_missing_permission(self, tool: DataTools[Any], proxy: FaultProxy, root: str) -> None:
        """Names the object and what to allow, and isn't tried again."""
        tool.put("a", "x")
        proxy.choose = lambda request: Refuse(403)
        before = len(proxy.requests)
        actions = (
            lambda: tool.get("a"),
            lambda: tool.get_many(["a"]),
            lambda: tool.put("a", "x"),
            lambda: tool.info("a"),
        )
        for action in actions:
            with pytest.raises(tool.errors.denied, match=rf"{root}/a.*credentials.*files-in-"):
                action()
        with pytest.raises(tool.errors.denied, match=rf"LIST {root}/.*credentials"):
            tool.list_paths()
        assert len(proxy.requests) - before == 5

    def test_a_missing_bucket(self, tool: DataTools[Any]) -> None:
        with self.make_tool(f"{self.scheme}://no-such-place-here/x") as missing:
            for action in (lambda: missing.put("a", "x"), missing.list_paths, lambda: missing.get("a")):
                with pytest.raises(FlowkitError, match=r"no-such-place-here"):
                    action()

    def test_a_full_disk(self, tool: DataTools[Any], root: str, tmp_path: Path) -> None:
        """Says which object has no room, before it is fetched if it is large, and leaves no half of it."""
        tool.put_many([("small", b"x" * 3 * MEGABYTE), ("large", bytes(12 * MEGABYTE)), ("fits", b"y" * 1000)])
        with small_disk(tmp_path / "small", "2m") as disk, self.make_tool(root, tmproot=str(disk)) as narrow:
            for key, more in (("small", "3145728 bytes are needed"), ("large", "12582912 bytes are needed")):
                with pytest.raises(narrow.errors.disk, match=rf"{root}/{key}.*{more}.*tmproot"):
                    narrow.get(key)
            assert narrow.get("fits").size == 1000
            assert len([path for path in disk.rglob("0*") if path.is_file()]) == 1

    def test_a_folder_that_cannot_be_made(self, tool: DataTools[Any], root: str) -> None:
        tool.put("a", "x")
        with pytest.raises(tool.errors.failed, match="tmproot"):
            self.make_tool(root, tmproot="/proc/nowhere").get("a")

    # --- files and processes ---------------------------------------------------------------------------------------

    def test_closing_removes_the_files(self, root: str, folder: Path, proxy: FaultProxy) -> None:
        """With or without a block; a tool that is used again makes new ones."""
        with self.make_tool(root, tmproot=str(folder)) as tool:
            tool.put("a", "x")
            path = tool.get("a").path
            assert Path(path).read_text() == "x"
            assert Path(path).parent.stat().st_mode & 0o777 == 0o700
        assert list(folder.iterdir()) == []
        assert tool.get("a").text == "x"
        tool.close()
        tool.close()
        assert list(folder.iterdir()) == []

    def test_files_of_a_process_that_was_killed_are_removed_by_the_next(
        self, root: str, folder: Path, proxy: FaultProxy
    ) -> None:
        with self.make_tool(root, tmproot=str(folder)) as tool:
            tool.put("a", "x")
            process = multiprocessing.get_context("fork").Process(target=_fetch_and_die, args=(self, root, str(folder)))
            process.start()
            process.join(60)
            assert process.exitcode == -9
            (left,) = folder.iterdir()
            mine = Path(tool.get("a").path)
            assert not left.exists()
            # A living one's stay.
            with self.make_tool(root, tmproot=str(folder)) as second:
                second.get("a")
                assert mine.exists()

    def test_a_forked_process_has_connections_and_files_of_its_own(self, tool: DataTools[Any]) -> None:
        tool.put("a", "x")
        path = Path(tool.get("a").path)
        for _ in range(2):
            process = multiprocessing.get_context("fork").Process(target=_use, args=(tool,))
            process.start()
            process.join(60)
            assert process.exitcode == 0
            assert tool.get("a").text == "x"
            assert path.exists()

    def test_what_is_returned_pickles(self, tool: DataTools[Any]) -> None:
        tool.put("a", "x", metadata={"k": 1})
        found = pickle.loads(pickle.dumps(tool.get("a")))
        assert (found.key, found.text, found.metadata) == ("a", "x", {"k": 1})

    def test_nothing_is_left_in_the_folder_for_temporary_files(
        self, root: str, proxy: FaultProxy, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        with self.make_tool(root) as tool:
            tool.put("a", "x")
            assert Path(tool.get("a").path).is_relative_to(folder)
        assert list(folder.iterdir()) == []

    # --- pyarrow ---------------------------------------------------------------------------------------------------

    def test_parquet_and_csv_by_predicate(self, tool: DataTools[Any], root: str, proxy: FaultProxy) -> None:
        """Only the parts of files that the filter and the columns need are fetched."""
        need_module("pyarrow")
        import pyarrow as pa
        import pyarrow.csv as csv
        import pyarrow.dataset as ds
        import pyarrow.parquet as pq

        fs = tool.filesystem()
        place = root.partition("://")[2]
        rows = 200_000
        table = pa.table({"n": range(rows), "noise": [os.urandom(12) for _ in range(rows)], "name": ["x"] * rows})
        pq.write_table(table, f"{place}/p/one.parquet", filesystem=fs, row_group_size=20_000, use_dictionary=False)
        sizes = tool.info("p/one.parquet").size
        proxy.requests.clear()
        found = ds.dataset(f"{place}/p", filesystem=fs, format="parquet").to_table(
            columns=["n"], filter=ds.field("n") < 5
        )
        assert found.column("n").to_pylist() == [0, 1, 2, 3, 4]
        ranges = [
            request.headers.get("Range") or request.headers.get("x-ms-range")
            for request in proxy.requests
            if request.method == "GET"
        ]
        asked = [text.removeprefix("bytes=").split("-") for text in ranges if text]
        assert 0 < sum(int(end) - int(start) + 1 for start, end in asked) < sizes / 3
        with fs.open_output_stream(f"{place}/c/one.csv") as stream:
            csv.write_csv(table.select(["n", "name"]), stream)
        found = ds.dataset(f"{place}/c", filesystem=fs, format="csv").to_table(filter=ds.field("n") >= rows - 2)
        assert found.column("n").to_pylist() == [rows - 2, rows - 1]
        ds.write_dataset(
            table.slice(0, 10),
            f"{place}/w",
            filesystem=fs,
            format="parquet",
            existing_data_behavior="overwrite_or_ignore",
        )
        assert ds.dataset(f"{place}/w", filesystem=fs).count_rows() == 10

    def test_what_the_filesystem_says(self, tool: DataTools[Any], root: str) -> None:
        need_module("pyarrow")
        from pyarrow import fs

        tool.put_many([("d/a", "12"), ("d/e/b", "3")])
        system, place = tool.filesystem(), root.partition("://")[2]
        infos = system.get_file_info([f"{place}/d", f"{place}/d/a", f"{place}/no"])
        assert [info.type for info in infos] == [fs.FileType.Directory, fs.FileType.File, fs.FileType.NotFound]
        assert infos[1].size == 2
        found = system.get_file_info(fs.FileSelector(f"{place}/d"))
        assert {(info.path, info.type) for info in found} == {
            (f"{place}/d/a", fs.FileType.File),
            (f"{place}/d/e", fs.FileType.Directory),
        }
        with pytest.raises(FileNotFoundError):
            system.get_file_info(fs.FileSelector(f"{place}/no"))
        with pytest.raises(PermissionError, match="removes nothing"):
            system.delete_file(f"{place}/d/a")
        with system.open_input_file(f"{place}/d/a") as file:
            assert (file.size(), file.read(1), file.read()) == (2, b"1", b"2")
        with pytest.raises(FlowkitError, match="no"):
            system.open_input_file(f"{place}/no")
        assert tool.get("d/a").text == "12"


def _fetch_and_die(tests: DataToolsFaultTests, root: str, folder: str) -> None:
    tests.make_tool(root, tmproot=folder).get("a")
    os.kill(os.getpid(), 9)


def _use(tool: DataTools[Any]) -> None:
    assert tool.get("a").text == "x"
    tool.close()
