"""The place that artifacts, logs and metadata go to is full, read-only or not a folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.bad_days import FLOW, assert_told, run_that_fails, run_that_succeeds
from support.mounts import remount, small_disk
from support.project import Project


@pytest.fixture
def there(project: Project) -> Project:
    project.write("flow.py", FLOW)
    return project


@pytest.fixture
def disk(there: Project) -> Iterator[Path]:
    with small_disk(there.store, "4m") as folder:
        yield folder


def fill(disk: Path) -> Path:
    """Leave no space, but for what is less than a block."""
    file = disk / "filler"
    with open(file, "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 65536)
        except OSError:
            pass
        try:
            while True:
                filler.write(b"x" * 64)
        except OSError:
            return file


def data_of(project: Project, run_id: str) -> str:
    program = f"from flowkit import Run\nprint(len(Run('BadDayFlow/{run_id}')['start'].task.data.data))"
    return project.python("-c", program, check=True).stdout


def test_a_disk_that_is_full_before_the_run(there: Project, disk: Path) -> None:
    good = run_that_succeeds(there)
    failed = run_that_fails(there)
    filler = fill(disk)
    assert_told(there.run("run"), str(there.store), headline="No space left")
    assert_told(there.run("resume"), str(there.store), headline="No space left")
    assert data_of(there, good) == "100000\n"
    assert there.run("logs", f"{good}/end", "--stdout", check=True).stdout == "seen 100000 number 7\n"
    filler.unlink()
    done = there.run("resume", "--origin-run-id", failed, check=True)
    assert done.stdout.endswith("seen 100000 number 7\n")
    assert (there.path / "started").read_text() == "xx"


def test_a_disk_that_a_task_fills(there: Project, disk: Path) -> None:
    good = run_that_succeeds(there)
    # Later than the record that the task has started, which else may be what finds no space.
    late = "import time; time.sleep(1); self.big = os.urandom(10_000_000); self.seen ="
    there.write("flow.py", FLOW.replace("self.seen =", late))
    done = there.run("run")
    assert_told(done, "self.big can't be stored", "no space left", str(there.store))
    assert data_of(there, good) == "100000\n"
    # Nothing of what couldn't be stored is left behind to fill the disk.
    stats = os.statvfs(disk)
    assert stats.f_bavail * stats.f_frsize > 2_000_000
    there.write("flow.py", FLOW)
    assert there.run("resume", check=True).stdout.endswith("seen 100000 number 7\n")
    assert (there.path / "started").read_text() == "xx"


def test_a_disk_that_a_tasks_output_fills(there: Project, disk: Path) -> None:
    good = run_that_succeeds(there)
    there.write("flow.py", FLOW.replace("self.seen =", "print(('y' * 999 + chr(10)) * 8000); self.seen ="))
    done = there.run("run")
    assert done.returncode == 1
    assert_told(done, str(there.store), "no space")
    assert data_of(there, good) == "100000\n"
    for log in disk.rglob("*.log"):
        if log.stat().st_size > 1_000_000:
            log.unlink()
    there.write("flow.py", FLOW)
    assert there.run("resume", check=True).stdout.endswith("seen 100000 number 7\n")


def test_a_task_that_fills_its_own_disk(there: Project, tmp_path: Path) -> None:
    with small_disk(tmp_path / "scratch", "1m") as scratch:
        work = f"open('{scratch}/file', 'wb').write(bytes(2_000_000)); self.seen ="
        there.write("flow.py", FLOW.replace("self.seen =", work))
        done = there.run("run")
        assert done.returncode == 1
        assert "OSError: [Errno 28] No space left on device" in done.stderr
        assert "/flowkit/" not in done.stderr
    there.write("flow.py", FLOW)
    assert there.run("resume", check=True).stdout.endswith("seen 100000 number 7\n")
    assert (there.path / "started").read_text() == "x"


def test_a_read_only_folder(there: Project, disk: Path) -> None:
    good = run_that_succeeds(there)
    failed = run_that_fails(there)
    remount(disk, "ro")
    for command in ("run", "resume"):
        assert_told(there.run(command), str(there.store), headline="Storage can't be written")
    assert data_of(there, good) == "100000\n"
    assert there.run("logs", f"{good}/end", "--stdout", check=True).stdout == "seen 100000 number 7\n"
    assert "seen" in there.run("dump", f"{good}/end", check=True).stdout
    remount(disk, "rw")
    assert there.run("resume", "--origin-run-id", failed, check=True).stdout.endswith("seen 100000 number 7\n")
    assert (there.path / "started").read_text() == "xx"


def test_a_folder_that_becomes_read_only_during_a_run(there: Project, disk: Path) -> None:
    blobs = str(disk / "BadDayFlow" / "blobs")
    mount = (
        "import subprocess; "
        f"subprocess.run(['mount', '--bind', {blobs!r}, {blobs!r}], check=True); "
        f"subprocess.run(['mount', '-o', 'remount,bind,ro', {blobs!r}], check=True); "
        "self.more = os.urandom(100_000); self.seen ="
    )
    there.write("flow.py", FLOW.replace("self.seen =", mount))
    try:
        assert_told(there.run("run"), "self.more can't be stored", "Read-only file system", blobs)
    finally:
        subprocess.run(["umount", "-l", blobs], check=True)
    there.write("flow.py", FLOW)
    assert there.run("resume", check=True).stdout.endswith("seen 100000 number 7\n")
    assert (there.path / "started").read_text() == "x"


def test_a_file_where_the_folder_should_be(there: Project) -> None:
    (there.path / ".flowkit").write_text("not a folder")
    assert_told(there.run("run"), ".flowkit is a file", "FLOWKIT_DATASTORE_SYSROOT_LOCAL")
    assert (there.path / ".flowkit").read_text() == "not a folder"
    assert not (there.path / "started").exists()


def test_a_root_that_cant_be_made(there: Project) -> None:
    done = there.run("run", env={"FLOWKIT_DATASTORE_SYSROOT_LOCAL": "/proc/nowhere"})
    assert_told(done, "/proc/nowhere", headline="Storage can't be written")
