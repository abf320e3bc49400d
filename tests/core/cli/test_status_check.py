"""``flowkit status --check``."""

from __future__ import annotations

import json

from support.distributions import Site
from support.project import Project

FAULTY = """
from flowkit.plugin import Datastore, DatastoreError, ObjectInfo

class Faulty(Datastore):
    name = "faulty"
    objects = {}

    @classmethod
    def open(cls, root):
        store = cls()
        store.root = root
        return store

    def put(self, key, parts, *, overwrite=False):
        if self.root == "readonly":
            raise DatastoreError(f"PUT {key} failed: Forbidden; ask for the right to write")
        self.objects[key] = b"".join(parts) if self.root != "garbles" else b"other"
        return True

    def get(self, key, start=0, length=None):
        return self.objects[key]

    def get_buffer(self, key, size): ...

    def info(self, key):
        return ObjectInfo(key, 1, 0.0) if key in self.objects else None

    def list(self, prefix="", *, recursive=True):
        if self.root == "surprises":
            raise RuntimeError("an SDK's own error")
        return iter([] if self.root == "forgets" else [ObjectInfo(key, 1, 0.0) for key in self.objects])

    def delete(self, keys):
        if self.root != "keeps":
            for key in keys:
                self.objects.pop(key, None)

    def renew(self, key): ...
    def open_log(self, key): ...

def load():
    return Faulty

@hookimpl
def flowkit_datastores():
    yield Provider("faulty", load)
"""


def words(text: str) -> list[tuple[str, str]]:
    """Verdict and what it is about, of each line."""
    lines = [line for line in text.splitlines() if ": " in line]
    return [(line[:9].strip(), line[9:].split(":")[0].strip() + " " + line.split(": ")[1].split()[0]) for line in lines]


def test_a_configuration_that_works(project: Project) -> None:
    done = project.flowkit("status", "--check", check=True)
    assert words(done.stdout) == [
        ("ok", "datastore open"),
        ("ok", "datastore write"),
        ("ok", "datastore read"),
        ("ok", "datastore list"),
        ("ok", "datastore delete"),
        ("ok", "metadata open"),
    ]
    assert done.stdout.count(" ms") == 6
    assert f"local at {project.store}" in done.stdout
    assert "the configuration works" in done.stderr
    assert not [path for path in project.store.rglob("*") if path.is_file()]


def test_as_json(project: Project) -> None:
    report = json.loads(project.flowkit("status", "--check", "--json", check=True).stdout)
    assert report["works"] is True
    assert [one["ok"] for one in report["check"]] == [True] * 6
    assert report["facts"]["user"]["value"] == "tester"


def test_a_datastore_without_a_root_and_one_that_nobody_provides(project: Project) -> None:
    done = project.flowkit("status", "--check", env={"FLOWKIT_DEFAULT_DATASTORE": "nowhere"})
    assert done.returncode == 1
    assert "set FLOWKIT_DATASTORE_SYSROOT_NOWHERE" in done.stdout
    assert done.stdout.count("not tried") == 4
    assert "the configuration doesn't work" in done.stderr
    env = {"FLOWKIT_DEFAULT_DATASTORE": "nowhere", "FLOWKIT_DATASTORE_SYSROOT_NOWHERE": "x"}
    done = project.flowkit("status", "--check", env=env)
    assert done.returncode == 1
    assert "there is no datastore 'nowhere'" in done.stdout


def test_a_folder_that_cannot_be_written(project: Project) -> None:
    project.write("file", "in the way")
    done = project.flowkit("status", "--check", env={"FLOWKIT_DATASTORE_SYSROOT_LOCAL": "file"})
    assert done.returncode == 1
    assert ("failed", "datastore write") in words(done.stdout)
    assert "Traceback" not in done.stderr


def test_stores_that_misbehave(project: Project, site: Site) -> None:
    """Each fault is found, by name, with what the store said."""
    site.plugin("faulty", FAULTY)
    env = {"PYTHONPATH": str(site.folder), "FLOWKIT_DEFAULT_DATASTORE": "faulty"}
    for root, failed, message in (
        ("readonly", "datastore write", "ask for the right to write"),
        ("garbles", "datastore read", "doesn't have the content that was just written"),
        ("forgets", "datastore list", "a listing doesn't show it"),
        ("keeps", "datastore delete", "is still there"),
        ("surprises", "datastore list", "RuntimeError: an SDK's own error"),
    ):
        done = project.flowkit("status", "--check", env={**env, "FLOWKIT_DATASTORE_SYSROOT_FAULTY": root})
        assert done.returncode == 1
        assert [what for verdict, what in words(done.stdout) if verdict == "failed"] == [failed]
        assert message in done.stdout
        assert "Traceback" not in done.stderr


def test_metadata_that_cannot_be_opened(project: Project) -> None:
    project.store.mkdir()
    (project.store / "metadata.db").write_bytes(b"not a database" * 1000)
    done = project.flowkit("status", "--check")
    assert done.returncode == 1
    assert ("failed", "metadata open") in words(done.stdout)
    assert "metadata.db" in done.stdout
