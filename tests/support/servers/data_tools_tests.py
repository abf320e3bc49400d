"""What the data tools of every store do, against a server that stands for it; inherited by each plugin's tests."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit.datatools import DataTools, GetObject, PutObject, RangeInfo
from flowkit.errors import ObjectURLError
from flowkit.kernel.registry import default_registry
from support.servers.data_tools_faults import MEGABYTE, DataToolsFaultTests
from support.servers.fault_proxy import FaultProxy

__all__ = ["DataToolsTests"]

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


class DataToolsTests(DataToolsFaultTests):
    """Inherit, and give a tool, and a bucket on a server behind a proxy."""

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

    def test_values_of_a_generator_are_taken_as_they_are_sent(self, tool: DataTools[Any], root: str) -> None:
        """Not all at once: they may be more than the memory holds."""
        sent: list[int] = []
        most = 0

        def values() -> Iterator[tuple[str, bytes]]:
            nonlocal most
            for number in range(150):
                sent.append(number)
                most = max(most, len(sent) - len(tool.list_recursive()) if number % 50 == 49 else 0)
                yield f"{number:03}", b"x"

        assert len(tool.put_many(values())) == 150
        assert most <= 2 * 32 + 1

    def test_files_by_url_for_the_core(self, tool: DataTools[Any], root: str, tmp_path: Path) -> None:
        """What IncludeFile reads with; its errors are the tools'."""
        registry = default_registry()
        client = registry.get("data_clients", self.scheme)()
        (tmp_path / "file").write_bytes(b"content")
        client.upload(tmp_path / "file", f"{root}/a b.txt")
        assert tool.get("a b.txt").text == "content"
        client.download(f"{root}/a b.txt", tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == b"content"
        with pytest.raises(tool.errors.not_found, match=f"{root}/none"):
            client.download(f"{root}/none", tmp_path / "none")
        assert not (tmp_path / "none").exists()
        with pytest.raises(tool.errors.url, match="names a bucket and no object"):
            client.download(f"{self.scheme}://bucket", tmp_path / "none")

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

    def test_one_key_in_place_of_a_list(self, tool: DataTools[Any], proxy: FaultProxy) -> None:
        """Its letters aren't keys, nor the fields of what names a range."""
        one: Any
        for name in ("get_many", "get_recursive", "list_paths", "list_recursive", "info_many", "put_many", "put_files"):
            for one in ("dd", b"dd", PutObject("dd", "x"), 7):
                with pytest.raises(ObjectURLError, match="give a list of "):
                    getattr(tool, name)(one)
        for pairs in (["dd"], ("key", "value"), [("a", "b", "c")]):
            with pytest.raises(ObjectURLError, match=r"is no pair: give a list of \(key, value\) or PutObject"):
                tool.put_many(pairs)  # type: ignore[arg-type]
        with pytest.raises(ObjectURLError, match="is a list of one"):
            tool.get_many(GetObject("dd", 0, 5))  # type: ignore[arg-type]
        assert not proxy.requests

    def test_put_with_objects_that_say_more(self, tool: DataTools[Any], tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"from a file")
        stored = tool.put_many([PutObject("a", value="x", content_type="t/a", metadata={"k": "v"}), ("b", b"y")])
        assert [key for key, _ in stored] == ["a", "b"]
        stored = tool.put_files(
            [PutObject("c", path=str(tmp_path / "file"), content_type="t/c"), ("d", tmp_path / "file")]
        )
        assert [key for key, _ in stored] == ["c", "d"]
        assert [one.text for one in tool.get_many(list("abcd"))] == ["x", "y", "from a file", "from a file"]
        assert [one.content_type for one in tool.info_many(["a", "c"])] == ["t/a", "t/c"]
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
