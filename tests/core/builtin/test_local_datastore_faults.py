"""The local datastore when writers are killed, disks are full, and folders can't be written."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.errors import DatastoreError, KeyNotFound, StorageFull, StorageReadOnly
from support.need import missing

KILLS = 25
SIZE = 3 << 20

WRITER = """
    import os, sys
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.builtin.local_datastore import LocalDatastore
    from flowkit.model.artifact import Manifest

    root, seed = sys.argv[1], int(sys.argv[2])
    datastore = LocalDatastore(root)
    store = ArtifactStore(datastore, "F")
    print("ready", flush=True)
    number = 0
    while True:
        number += 1
        fill = bytes([(seed + number) % 251])
        datastore.put(f"F/put/{number % 3}", [fill * 1_000_000, fill * 2_145_728], overwrite=True)
        staged = datastore.stage("F/staged")
        for _ in range(3):
            staged.write(fill * (1 << 20))
        staged.commit(f"F/staged/{seed}-{number % 3}")
        # Larger than what is kept in memory, so that it is streamed.
        value = [(fill * 500).hex() + str(index) for index in range(3000)]
        entry = store.save("value", value)
        entries = {"value": entry, "n": store.save("n", number)}
        store.write_manifest(Manifest("F", "1", "s", str(number % 3), 0, entries))
"""


def start_writer(root: Path, seed: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(root), str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def check_everything_is_whole(root: Path) -> int:
    """Every object is whole, and every manifest's values load; how many objects there are."""
    from flowkit.artifacts.store import ArtifactStore

    datastore = LocalDatastore(str(root))
    store = ArtifactStore(datastore, "F")
    count = 0
    for info in datastore.list():
        assert ".tmp" not in info.key
        count += 1
        if info.key.endswith(".json"):
            manifest = store.read_manifest(info.key)
            value = store.load(manifest.artifacts["value"])
            assert len(value) == 3000
            assert len({text[:1000] for text in value}) == 1
            assert store.load(manifest.artifacts["n"]) % 3 == int(manifest.task_id)
        elif info.key.startswith(("F/put", "F/staged")):
            with contextlib.suppress(KeyNotFound):
                content = datastore.get(info.key)
                assert len(content) in (SIZE, 3_145_728)
                assert content == content[:1] * len(content)
    return count


def test_killed_writers_leave_nothing_half_written(tmp_path: Path) -> None:
    chance = random.Random(5)
    for seed in range(KILLS):
        process = start_writer(tmp_path, seed)
        time.sleep(chance.random() * 0.06)
        kill(process)
        check_everything_is_whole(tmp_path)
    assert check_everything_is_whole(tmp_path) > 10
    before = {info.key for info in LocalDatastore(str(tmp_path)).list()}
    LocalDatastore(str(tmp_path)).remove_leftovers(-1)
    assert not [name for _, _, names in os.walk(tmp_path) for name in names if name.startswith(".tmp")]
    assert {info.key for info in LocalDatastore(str(tmp_path)).list()} == before


def test_a_reader_beside_eight_writers_that_are_killed(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, 7) for _ in range(8)]
    try:
        end = time.monotonic() + 2
        rounds = 0
        while rounds < 3 or time.monotonic() < end:
            kill(writers.pop(0))
            writers.append(start_writer(tmp_path, 7))
            check_everything_is_whole(tmp_path)
            rounds += 1
    finally:
        for process in writers:
            kill(process)
    assert check_everything_is_whole(tmp_path) > 5


# --- full and read-only --------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=777", "flowkit-test", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        missing("the right to mount a tmpfs (root with CAP_SYS_ADMIN)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    store = LocalDatastore(str(small_disk / "root"))
    store.put("F/kept", [b"k" * (4 << 20)])
    with pytest.raises(StorageFull, match=r"F/big.*free some"):
        store.put("F/big", [b"x" * (3 << 20), b"y" * (3 << 20)])
    staged = store.stage("F")
    with pytest.raises(StorageFull):
        for _ in range(10):
            staged.write(b"x" * (1 << 20))
    staged.discard()
    log = store.open_log("F/log")
    with pytest.raises(StorageFull):
        for _ in range(10):
            log.append(b"x" * (1 << 20))
    with pytest.raises(StorageFull):
        log.close()
    store.delete(["F/log"])
    assert [info.key for info in store.list()] == ["F/kept"]
    assert not [name for _, _, names in os.walk(small_disk) for name in names if name.startswith(".tmp")]
    assert store.put("F/small", [b"x" * (3 << 20)]), "what failed took no space"


def test_a_log_goes_on_when_the_disk_has_room_again(small_disk: Path) -> None:
    """Nothing is written twice, and nothing is missing."""
    store = LocalDatastore(str(small_disk / "root"))
    parts = [bytes([number]) * (600 << 10) for number in range(6)]
    log = store.open_log("F/log")
    log.append(parts[0])
    store.put("F/fills", [b"x" * (6 << 20)])
    with pytest.raises(StorageFull):
        for part in parts[1:4]:
            log.append(part)
    with pytest.raises(StorageFull):
        log.append(b"more")
    store.delete(["F/fills"])
    log.append(parts[4])
    log.append(parts[5])
    log.close()
    stored = store.get("F/log")
    written = [part for part in (*parts[:4], b"more", *parts[4:]) if part in stored]
    assert stored == b"".join(written)
    assert written[0] == parts[0]
    assert written[-3:] == [b"more", *parts[4:]]


def test_a_full_disk_while_an_artifact_is_saved(small_disk: Path) -> None:
    from flowkit.artifacts.store import ArtifactStore

    store = ArtifactStore(LocalDatastore(str(small_disk / "root")), "F")
    with pytest.raises(StorageFull):
        store.save("streamed", [os.urandom(1000) for _ in range(20_000)])
    with pytest.raises(StorageFull):
        store.save("block", os.urandom(20 << 20))
    with pytest.raises(StorageFull):
        store.save_items("items", (os.urandom(1 << 20) for _ in range(20)))
    assert not [name for _, _, names in os.walk(small_disk) for name in names]


def test_a_read_only_disk(small_disk: Path) -> None:
    store = LocalDatastore(str(small_disk / "root"))
    store.put("F/a", [b"abc"])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    log = store.open_log("F/log")
    for action in (
        lambda: store.put("F/b", [b"x"]),
        lambda: store.put("F/a", [b"xyz"], overwrite=True),
        lambda: store.put("F/new/b", [b"x"]),
        lambda: store.stage("F"),
        lambda: store.delete(["F/a"]),
        lambda: store.renew("F/a"),
        lambda: log.append(b"x"),
    ):
        with pytest.raises(StorageReadOnly, match="FLOWKIT_DATASTORE_SYSROOT_LOCAL"):
            action()
    assert store.get("F/a") == b"abc"
    assert bytes(store.get_buffer("F/a", 3)) == b"abc"
    assert [info.key for info in store.list()] == ["F/a"]


AS_NOBODY = """
    import json, os, sys
    from flowkit.builtin.local_datastore import LocalDatastore
    store = LocalDatastore(sys.argv[1])
    if os.getuid() == 0:  # only now: that user may not be able to read the interpreter
        os.setgid(65534); os.setuid(65534)
    said = {"read": store.get("F/a").decode(), "listed": [info.key for info in store.list()]}
    for name, action in (
        ("put", lambda: store.put("F/b", [b"x"])),
        ("put what is there", lambda: store.put("F/a", [b"abc"])),
        ("stage", lambda: store.stage("F")),
        ("delete", lambda: store.delete(["F/a"])),
        ("renew", lambda: store.renew("F/a")),
    ):
        try:
            action()
            said[name] = "done"
        except Exception as error:
            said[name] = type(error).__name__
    print(json.dumps(said))
"""


def test_a_folder_of_another_user(tmp_path: Path) -> None:
    """As root has every right, another user tries."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="flowkit-test-") as folder:
        os.chmod(folder, 0o755)
        LocalDatastore(folder).put("F/a", [b"abc"])
        if os.getuid() != 0:
            os.chmod(Path(folder, "F/a"), 0o444)
            os.chmod(Path(folder, "F"), 0o555)
        command = [sys.executable, "-c", textwrap.dedent(AS_NOBODY), folder]
        done = subprocess.run(command, capture_output=True, cwd="/", check=False)
        os.chmod(Path(folder, "F"), 0o755)
        assert done.returncode == 0, done.stderr.decode()
    said = json.loads(done.stdout)
    assert said.pop("read") == "abc"
    assert said.pop("listed") == ["F/a"]
    if os.getuid() != 0:
        said.pop("renew")  # the owner may always do that
        said.pop("put what is there")
    assert set(said.values()) == {"StorageReadOnly"}, said


def test_another_users_object_is_renewed_by_writing_it_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared folder: the file isn't ours to touch, but the folder is."""
    store = LocalDatastore(str(tmp_path))
    store.put("F/a", [b"abc"])
    number = os.stat(tmp_path / "F/a").st_ino

    def refuse(path: str, *_: object) -> None:
        raise PermissionError(1, "Operation not permitted", path)

    monkeypatch.setattr(os, "utime", refuse)
    assert store.put("F/a", [b"abc"])
    assert os.stat(tmp_path / "F/a").st_ino != number
    assert store.get("F/a") == b"abc"


def test_a_root_whose_disk_is_not_mounted(tmp_path: Path) -> None:
    link = tmp_path / "disk"
    link.symlink_to(tmp_path / "not mounted")
    with pytest.raises(DatastoreError, match="disk/F/key can't be written: No such file"):
        LocalDatastore(str(link)).put("F/key", [b"x"])
