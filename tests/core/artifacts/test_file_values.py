"""Files as artifacts."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowkit.artifacts.file_values import SMALL
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.errors import ArtifactError

MEGABYTE = 1 << 20


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(LocalDatastore(str(tmp_path / "root")), "F")


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL, SMALL + 1, 3 * SMALL + 5])
def test_bytes_and_text_of_any_size(store: ArtifactStore, tmp_path: Path, size: int) -> None:
    file = tmp_path / "file"
    content = (b"a\r\nb\n" * (size // 5 + 1))[:size]
    file.write_bytes(content)
    entry = store.save_file("x", file)
    assert (entry.type, store.load(entry)) == ("builtins.bytes", content)
    entry = store.save_file("x", file, encoding="utf-8")
    assert (entry.type, store.load(entry)) == ("builtins.str", content.decode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "utf-8-sig", "cp1252", "shift_jis"])
def test_encodings(store: ArtifactStore, tmp_path: Path, encoding: str) -> None:
    alphabet = {"shift_jis": "日本語 text\n", "utf-8": "aé€😀\n", "utf-16": "aé€😀\n"}.get(encoding, "é ü text\n")
    text = alphabet * (2 * SMALL // len(alphabet))
    file = tmp_path / "file"
    file.write_text(text, encoding=encoding, newline="")
    assert store.load(store.save_file("x", file, encoding=encoding)) == text


@settings(max_examples=25, deadline=None)
@given(text=st.text(min_size=1, max_size=40), times=st.integers(1, 4))
def test_characters_across_pieces(tmp_path_factory: pytest.TempPathFactory, text: str, times: int) -> None:
    folder = tmp_path_factory.mktemp("store")
    whole = text * (times * SMALL // (2 * len(text.encode("utf-8"))) + 1)
    (folder / "file").write_text(whole, encoding="utf-8", newline="")
    store = ArtifactStore(LocalDatastore(str(folder / "root")), "F")
    assert store.load(store.save_file("x", folder / "file", encoding="utf-8")) == whole


def test_equal_files_are_stored_once(store: ArtifactStore, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x" * (2 * SMALL))
    first, second = (store.save_file(name, tmp_path / name) for name in ("a", "b"))
    assert first == second
    assert len(list(store.datastore.list("F/blobs/"))) == 1


@pytest.mark.parametrize("before", [0, SMALL - 1, SMALL, 2 * SMALL + 3])
def test_what_is_no_text_is_told_with_its_place(store: ArtifactStore, tmp_path: Path, before: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * before + b"\xff" + b"y" * 20)
    with pytest.raises(ArtifactError, match=rf"file is no utf-8 text \(at byte {before}: .*is_text=False"):
        store.save_file("x", file, encoding="utf-8")
    assert not list((tmp_path / "root").rglob("*.zst"))


def test_a_character_that_is_cut_off(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * SMALL + "é".encode()[:1])
    with pytest.raises(ArtifactError, match=rf"at byte {SMALL}: unexpected end of data"):
        store.save_file("x", tmp_path / "file", encoding="utf-8")


def test_a_file_that_is_not_there_and_an_encoding_that_is_none(store: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="gone can't be read: No such file"):
        store.save_file("x", tmp_path / "gone")
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtifactError, match="no encoding 'utf-99'"):
        store.save_file("x", tmp_path / "file", encoding="utf-99")


MEASURE = """
    import json, os, sys, threading
    from pathlib import Path
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.builtin.local_datastore import LocalDatastore

    def status(name):
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))

    folder = Path(sys.argv[1])
    store = ArtifactStore(LocalDatastore(str(folder / "root")), "F")
    (folder / "warm").write_bytes(os.urandom(3_000_000))
    store.load(store.save_file("x", folder / "warm"))
    def peak(action):
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        before = status("RssAnon")
        result = action()
        return result, status("VmHWM") - before
    entry, saving = peak(lambda: store.save_file("x", folder / "file", encoding=sys.argv[2] or None))
    peaks, stop = [], threading.Event()
    def watch():
        while not stop.wait(0.002):
            peaks.append(status("RssAnon"))
    thread = threading.Thread(target=watch)
    thread.start()
    value = store.load(entry)
    stop.set()
    thread.join()
    print(json.dumps({"saving": saving, "anonymous": max(peaks), "size": len(value)}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc/self/clear_refs")
@pytest.mark.parametrize("encoding", ["", "latin-1"])
def test_a_large_file_is_in_memory_once_at_most(tmp_path: Path, encoding: str) -> None:
    size = 256 * MEGABYTE
    with (tmp_path / "file").open("wb") as file:
        for number in range(256):
            file.write(bytes([number % 128]) * MEGABYTE)
    command = [sys.executable, "-c", textwrap.dedent(MEASURE), str(tmp_path), encoding]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured = json.loads(done.stdout)
    assert measured["size"] == size
    assert measured["saving"] < 100 * MEGABYTE
    assert measured["anonymous"] < size + 100 * MEGABYTE
