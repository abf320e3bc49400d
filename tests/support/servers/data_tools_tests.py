"""What the data tools of every store do, against a server that stands for it; inherited by each plugin's tests."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import random
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit.datatools import DataTools, GetObject, PutObject, RangeInfo
from flowkit.errors import FlowkitError, ObjectURLError
from support.mounts import small_disk
from support.servers.fault_proxy import Cut, Delay, Fault, FaultProxy, LoseAnswer, Refuse, Request

__all__ = ["MEGABYTE", "DataToolsTests"]

MEGABYTE = 1024 * 1024
#: Parts of names that tempt a program to leave a folder, to decode, or to cut.
HOSTILE = [
    "..",
    ".",
    "%2e%2e",
    "%2F",
    "a b",
    "ü",
    "日本",
    "#1",
    "?x=y",
    "&",
    "+",
    "~",
    "x" * 120,
    "C:",
    "*",
    "'",
    '"',
    "-rf",
]
NAMES = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text("abc .%_é", min_size=1, max_size=8)), min_size=1, max_size=4
)


class DataToolsTests(ABC):
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

    # --- one object ------------------------------------------------------------------------------------------------

    def test_what_is_put_is_got(self, tool: DataTools[Any], root: str) -> None:
        assert tool.put("a/text.txt", "grüße") == f"{root}/a/text.txt"
        found = tool.get("a/text.txt")
        assert (found.url, found.key, found.prefix) == (f"{root}/a/text.txt", "a/text.txt", root)
        assert (found.text, found.blob, found.size) == ("grüße", "grüße".encode(), 7)
        assert (found.exists, found.downloaded, found.has_info) == (True, True, True)
        assert found.range_info == RangeInfo(7, 0, 7)
        assert Path(found.path).name.endswith("text.txt")
        assert found.last_modified > 1_600_000_000
        assert "7 bytes, local" in str(found)

    @pytest.mark.parametrize(
        "value",
        [
            b"bytes",
            bytearray(b"bytes"),
            memoryview(b"bytes"),
            io.BytesIO(b"bytes"),
            io.BufferedReader(io.BytesIO(b"bytes")),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_values(self, tool: DataTools[Any], value: Any) -> None:
        """A file is stored from its beginning, wherever it is."""
        if hasattr(value, "seek"):
            value.seek(3)
        tool.put("a", value)
        assert tool.get("a").blob == b"bytes"

    @pytest.mark.parametrize("value", [12, None, ["x"], io.StringIO("text")], ids=lambda value: type(value).__name__)
    def test_what_is_no_value(self, tool: DataTools[Any], value: Any) -> None:
        for put in (lambda: tool.put("a", value), lambda: tool.put_many([("a", value)])):
            with pytest.raises(tool.errors.value, match="'a'"):
                put()

    def test_an_empty_object(self, tool: DataTools[Any]) -> None:
        tool.put("empty", "")
        found = tool.get("empty")
        assert (found.exists, found.size, found.blob, found.text) == (True, 0, b"", "")
        assert found.range_info == RangeInfo(0, 0, 0)
        assert tool.info("empty").size == 0

    def test_what_is_stored_with_an_object(self, tool: DataTools[Any]) -> None:
        tool.put("a", "x", content_type="text/x-mine", metadata={"who": "me", "n": [1, "ü"]})
        for found in (tool.get("a"), tool.get_many(["a"])[0], tool.info("a"), tool.info_many(["a"])[0]):
            assert found.has_info
            assert found.content_type == "text/x-mine"
            assert found.metadata == {"who": "me", "n": [1, "ü"]}
            assert found.last_modified > 1_600_000_000
        found = tool.get("a", return_info=False)
        assert (found.has_info, found.metadata, found.content_type, found.range_info) == (False, None, None, None)
        assert found.text == "x"

    def test_overwriting(self, tool: DataTools[Any], tmp_path: Path) -> None:
        """Is the rule; without it, what is there stays, whether it is small or large."""
        large = os.urandom(9 * MEGABYTE)
        for key, value in (("a", b"first"), ("large", large)):
            tool.put(key, value)
            assert tool.put(key, b"other" * 3 * MEGABYTE, overwrite=False).endswith(f"/{key}")
            assert tool.get(key).blob == value
        assert [key for key, _ in tool.put_many([("a", "other"), ("new", "x")], overwrite=False)] == ["new"]
        tool.put("a", "other")
        assert tool.get("a").text == "other"

    def test_ranges(self, tool: DataTools[Any]) -> None:
        tool.put("a", "0123456789")
        for (offset, length), text, info in (
            ((2, 3), "234", (10, 2, 3)),
            ((4, None), "456789", (10, 4, 6)),
            ((None, 4), "0123", (10, 0, 4)),
            ((5, 100), "56789", (10, 5, 5)),
            ((0, -3), "789", (10, 7, 3)),
            ((0, -30), "0123456789", (10, 0, 10)),
            ((3, 0), "", (10, 3, 0)),
        ):
            for found in (tool.get(GetObject("a", offset, length)), *tool.get_many([GetObject("a", offset, length)])):
                assert (found.text, found.size, found.range_info) == (text, len(text), RangeInfo(*info))
        for offset, length in ((10, 1), (11, None), (11, 0), (-1, 2)):
            with pytest.raises(tool.errors.range, match=f"offset {offset}.*/a"):
                tool.get(GetObject("a", offset, length))
        tool.put("empty", "")
        with pytest.raises(tool.errors.range, match="0 bytes"):
            tool.get(GetObject("empty", 0, 5))

    def test_what_is_missing(self, tool: DataTools[Any], root: str) -> None:
        for action in (
            lambda: tool.get("no"),
            lambda: tool.get_many(["no"]),
            lambda: tool.info("no"),
            lambda: tool.info_many(["no"]),
            lambda: tool.get(GetObject("no", 0, -3)),
        ):
            with pytest.raises(tool.errors.not_found, match=f"{root}/no") as caught:
                action()
            assert caught.value.headline
        for found in (
            tool.get("no", return_missing=True),
            tool.info("no", return_missing=True),
            *tool.get_many(["no"], return_missing=True),
            *tool.get_many(["no"], return_missing=True, return_info=False),
            *tool.info_many(["no"], return_missing=True),
        ):
            assert (found.exists, found.downloaded, found.has_info) == (False, False, False)
            assert (found.size, found.path, found.blob, found.text, found.metadata) == (None,) * 5
            assert (found.key, found.url) == ("no", f"{root}/no")
            assert "does not exist" in str(found)

    # --- many objects ----------------------------------------------------------------------------------------------

    def test_results_come_in_the_order_asked(self, tool: DataTools[Any], root: str) -> None:
        """Each as often as it was asked for."""
        keys = [f"{number:03}" for number in range(120)]
        assert tool.put_many((key, f"value {key}") for key in keys) == [(key, f"{root}/{key}") for key in keys]
        random.Random(7).shuffle(keys)
        asked = [*keys, keys[3], "no", keys[3]]
        found = tool.get_many(asked, return_missing=True)
        assert [one.key for one in found] == asked
        assert [one.text for one in found] == [None if key == "no" else f"value {key}" for key in asked]
        assert len({one.path for one in found if one.exists}) == len(asked) - 1
        assert [one.key for one in tool.info_many(keys)] == keys

    def test_nothing_asked_is_nothing_done(self, tool: DataTools[Any], proxy: FaultProxy) -> None:
        for call in (tool.get_many, tool.get_recursive, tool.info_many, tool.put_many, tool.put_files, tool.list_paths):
            assert call([]) == []
        assert proxy.requests == []

    def test_put_with_objects_that_say_more(self, tool: DataTools[Any], tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"from a file")
        stored = tool.put_many([PutObject("a", value="x", content_type="t/a", metadata={"k": "v"}), ("b", b"y")])
        assert [key for key, _ in stored] == ["a", "b"]
        stored = tool.put_files(
            [PutObject("c", path=str(tmp_path / "file"), content_type="t/c"), ("d", tmp_path / "file")]
        )
        assert [key for key, _ in stored] == ["c", "d"]
        assert [one.text for one in tool.get_many("abcd")] == ["x", "y", "from a file", "from a file"]
        assert [one.content_type for one in tool.info_many("ac")] == ["t/a", "t/c"]
        assert tool.info("a").metadata == {"k": "v"}

    def test_a_local_file_that_is_missing(self, tool: DataTools[Any], tmp_path: Path) -> None:
        """Is named, and nothing is stored."""
        (tmp_path / "file").write_text("x")
        with pytest.raises(tool.errors.not_found, match=r"nowhere.*'b'"):
            tool.put_files([("a", tmp_path / "file"), ("b", "/nowhere")])
        assert tool.list_paths() == []
        with pytest.raises(tool.errors.value, match="folder"):
            tool.put_files([("a", tmp_path)])

    def test_listing(self, tool: DataTools[Any], root: str) -> None:
        keys = ["a/0.txt", "a/b/1.txt", "a/b/c/2.txt", "ab/3.txt", "f/4.txt"]
        tool.put_many((key, "12") for key in keys)

        def shown(found: list[Any]) -> list[tuple[str, bool, int | None]]:
            return [(one.url.removeprefix(f"{root}/"), one.exists, one.size) for one in found]

        assert shown(tool.list_paths(["a", "f"])) == [("a/0.txt", True, 2), ("a/b/", False, None), ("f/4.txt", True, 2)]
        assert [one.key for one in tool.list_paths(["a"])] == ["0.txt", "b"]
        assert shown(tool.list_paths()) == [("a/", False, None), ("ab/", False, None), ("f/", False, None)]
        assert [one.url for one in tool.list_recursive()] == [f"{root}/{key}" for key in keys]
        assert [one.key for one in tool.list_recursive(["a"])] == ["0.txt", "b/1.txt", "b/c/2.txt"]
        assert {one.prefix for one in tool.list_recursive(["a"])} == {f"{root}/a"}
        assert tool.list_paths(["nothing"]) == tool.list_recursive(["nothing"]) == []

    def test_fetching_all_below(self, tool: DataTools[Any], root: str) -> None:
        keys = ["a/0", "a/b/1", "a/bc/2", "z"]
        tool.put_many((key, key) for key in keys)
        with self.make_tool(None) as other:
            other.put(f"{root}2/x", "of another root")
        assert [(one.key, one.text) for one in tool.get_all()] == [(key, key) for key in keys]
        assert [one.key for one in tool.get_all(return_info=True)] == keys
        assert [one.key for one in tool.get_recursive(["a/b/"])] == ["1"]
        assert [one.text for one in tool.get_recursive(["a/b"])] == ["a/b/1", "a/bc/2"]
        assert tool.get_recursive(["a/b"], return_info=True)[0].has_info
        assert not tool.get_recursive(["a/b"])[0].has_info
        assert tool.get_recursive(["nothing"]) == []

    # --- addresses -------------------------------------------------------------------------------------------------

    def test_whole_urls_without_a_root(self, root: str, tool: DataTools[Any]) -> None:
        with self.make_tool(None) as free:
            assert free.put(f"{root}/x", "1") == f"{root}/x"
            found = free.get(f"{root}/x")
            assert (found.key, found.url, found.prefix) == (f"{root}/x", f"{root}/x", None)
            assert [one.key for one in free.list_paths([root])] == ["x"]
            for action in (
                lambda: free.get("x"),
                lambda: free.get(),
                lambda: free.put("x", "1"),
                lambda: free.get(f"{self.scheme}://bucket"),
                lambda: free.get(f"{self.scheme}:///x"),
                lambda: free.get("http://host/x"),
                lambda: free.get(f"{self.scheme}://bucket/\ud800"),
                lambda: free.list_paths(),
                free.get_all,
            ):
                with pytest.raises(free.errors.url):
                    action()

    def test_keys_below_a_root(self, root: str, tool: DataTools[Any]) -> None:
        assert tool.put("/leading/slash", "1") == f"{root}/leading/slash"
        assert tool.get("//leading/slash").text == "1"
        tool.put("", "the root itself")
        assert tool.get().text == "the root itself"
        assert tool.get("").key == root
        with pytest.raises(tool.errors.url, match="whole URL"):
            tool.get(f"{root}/leading/slash")
        with pytest.raises(tool.errors.url, match="names there have up to"):
            tool.put("x" * 2000, "1")
        with pytest.raises(tool.errors.url, match="must be a URL"):
            self.make_tool("http://host/x")

    def test_hostile_names(self, tool: DataTools[Any], tmp_path: Path) -> None:
        """Each name is its own object or is refused, and its local file is in the tool's folder."""

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(NAMES.map("/".join), min_size=1, max_size=4, unique_by=lambda name: name.lstrip("/")))
        def check(names: list[str]) -> None:
            stored = {}
            for name in names:
                content = os.urandom(8)
                try:
                    tool.put(f"h/{name}", content)
                except ObjectURLError:
                    continue
                stored[f"h/{name}"] = content
            assert {one.key: one.blob for one in tool.get_many(stored)} == {
                key.rstrip("/"): stored[key] for key in stored
            }
            for one in tool.get_many(stored):
                path = Path(one.path)
                assert path.parent.parent == tmp_path
                assert len(path.name) < 80

        check()

    # --- large objects ---------------------------------------------------------------------------------------------

    def test_a_large_object(self, tool: DataTools[Any], tmp_path: Path) -> None:
        """From memory, a file and a file object, and a range of it."""
        content = os.urandom(MEGABYTE) * 20 + b"end"
        (tmp_path / "file").write_bytes(content)
        tool.put("a", content)
        tool.put_files([("b", tmp_path / "file")])
        with (tmp_path / "file").open("rb") as file:
            tool.put("c", file)
        for found in tool.get_many("abc"):
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
        pa = pytest.importorskip("pyarrow")
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
        pytest.importorskip("pyarrow")
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


def _fetch_and_die(tests: DataToolsTests, root: str, folder: str) -> None:
    tests.make_tool(root, tmproot=folder).get("a")
    os.kill(os.getpid(), 9)


def _use(tool: DataTools[Any]) -> None:
    assert tool.get("a").text == "x"
    tool.close()
