"""``S3`` in a flow's steps, from the client, and as what IncludeFile and settings make of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from flowkit.errors import ConfigurationError
from flowkit_aws.data_tools import S3, S3NotFound, S3URLException
from support.project import Project

FLOW = """
    import os
    from flowkit import S3, FlowSpec, IncludeFile, Parameter, current, step

    class Files(FlowSpec):
        words = IncludeFile("words", default=os.environ["WORDS"])

        @step
        def start(self):
            with S3(run=self) as s3:
                self.url = s3.put("greeting.txt", "hello " + self.words)
                self.same = s3.get("greeting.txt").text
            self.items = [1, 2, 3]
            self.next(self.work, foreach="items")

        @step
        def work(self):
            s3 = S3(run=self)
            found = s3.get_many(["greeting.txt"] * self.input)
            self.texts = {one.text for one in found}
            self.path = found[0].path
            assert os.path.exists(self.path)
            self.next(self.join)

        @step
        def join(self, inputs):
            self.texts = set().union(*(one.texts for one in inputs))
            self.left = [one.path for one in inputs if os.path.exists(one.path)]
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        Files()
"""
READ = """
    from flowkit import S3, Flow

    run = Flow("Files").latest_run
    print(run.successful, run.data.texts, run.data.left, run.id)
    with S3(run=run) as s3:
        print([one.text for one in s3.get_all()], s3.get("greeting.txt").url == run["start"].task.data.url)
    with S3(run=run, bucket="%s", prefix="other") as s3:
        print(s3.put("x", "1").partition("//")[2].split("/")[1:])
"""


@pytest.fixture
def environment(aws: str, bucket: str) -> dict[str, str | None]:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "FLOWKIT_AWS_REGION")
    return {
        **{name: os.environ[name] for name in names},
        "FLOWKIT_S3_ENDPOINT_URL": aws,
        "FLOWKIT_DATATOOLS_S3ROOT": f"s3://{bucket}/data/",
        "WORDS": f"s3://{bucket}/in/words list.txt",
    }


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_run_and_its_reader_have_the_same_place(
    project: Project, environment: dict[str, str | None], s3: Any, bucket: str, start: str
) -> None:
    project.write("flow.py", FLOW)
    project.write("read.py", READ % bucket)
    s3.put_object(Bucket=bucket, Key="in/words list.txt", Body=b"you")
    project.run("run", env={**environment, "FLOWKIT_TASK_START": start}, check=True)
    lines = project.python("read.py", env=environment, check=True).stdout.splitlines()
    run_id = lines[0].split()[-1]
    assert lines == [
        f"True {{'hello you'}} [] {run_id}",
        "['hello you'] True",
        f"['other', 'Files', '{run_id}', 'x']",
    ]
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="data/")["Contents"]]
    assert keys == [f"data/Files/{run_id}/greeting.txt"]


def test_an_included_file_that_is_missing(
    project: Project, environment: dict[str, str | None], s3: Any, bucket: str
) -> None:
    """Names the parameter and the file, with no traceback."""
    project.write("flow.py", FLOW)
    failed = project.run("run", env=environment)
    assert failed.returncode != 0
    assert f"parameter 'words': there is no s3://{bucket}/in/words list.txt" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_run_needs_a_root(aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data tools' own, or a folder of the datastore's."""

    class Parent:
        id = "F"

    class Run:
        id = "7"
        parent = Parent

    with pytest.raises(S3URLException, match="FLOWKIT_DATATOOLS_S3ROOT"):
        S3(run=Run())  # type: ignore[arg-type]
    monkeypatch.setenv("FLOWKIT_DATASTORE_SYSROOT_S3", f"s3://{bucket}/store")
    assert S3.get_root_from_config() == f"s3://{bucket}/store/data"
    with S3(run=Run()) as tool:  # type: ignore[arg-type]
        assert tool.put("x", "1") == f"s3://{bucket}/store/data/F/7/x"
    monkeypatch.setenv("FLOWKIT_DATATOOLS_SUFFIX", "files")
    assert S3.get_root_from_config() == f"s3://{bucket}/store/files"
    monkeypatch.setenv("FLOWKIT_DATATOOLS_S3ROOT", "s3://own/root/")
    assert S3.get_root_from_config() == "s3://own/root"
    with pytest.raises(S3URLException, match="neither a flow nor a run"):
        S3(run=7)  # type: ignore[arg-type]


def test_self_is_a_run_in_a_step_only(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from flowkit import FlowSpec

    monkeypatch.setenv("FLOWKIT_DATATOOLS_S3ROOT", "s3://own/root/")
    flow = type("F", (FlowSpec,), {})(use_cli=False)
    with pytest.raises(S3URLException, match="in a step"):
        S3(run=flow)


def test_encryption(aws: str, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the tool says, else as it is configured; an object's own counts first. Shown by info and get."""
    root = f"s3://{bucket}"
    with S3(s3root=root, encryption="aws:kms") as tool:
        tool.put("a", "x")
        tool.put_many([("b", bytes(9 * 1024 * 1024))])
        assert (tool.info("a").encryption, tool.get("b").encryption) == ("aws:kms", "aws:kms")
    monkeypatch.setenv("FLOWKIT_S3_SERVER_SIDE_ENCRYPTION", "AES256")
    with S3(s3root=root) as tool:
        tool.put("c", "x")
        assert tool.info("c").encryption == "AES256"


def test_the_names_are_where_metaflow_has_them() -> None:
    import flowkit.datatools.s3

    import flowkit
    from flowkit import datatools

    assert flowkit.S3 is datatools.S3 is flowkit.datatools.s3.S3 is S3
    assert flowkit.S3NotFound is S3NotFound
    assert issubclass(S3NotFound, flowkit.errors.ObjectNotFound)
    with pytest.raises(ImportError, match=r"flowkit.datatools has no 'S3Objekt'.*'S3Object'"):
        from flowkit.datatools import S3Objekt  # noqa: F401


def test_options_of_the_client(aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool's own, then the data tools', then the service's."""
    monkeypatch.setenv("FLOWKIT_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    address = json.dumps({"endpoint_url": aws})
    with S3(s3root=f"s3://{bucket}", client_params={"endpoint_url": aws}) as tool:
        tool.put("a", "x")
    for name in ("FLOWKIT_DATATOOLS_CLIENT_PARAMS", "FLOWKIT_DATATOOLS_AWS_CLIENT_PARAMS"):
        monkeypatch.setenv(name, address)
        with S3(s3root=f"s3://{bucket}") as tool:
            assert tool.get("a").text == "x"
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLOWKIT_DATATOOLS_SESSION_VARS", "[]")
    with pytest.raises(ConfigurationError, match="FLOWKIT_DATATOOLS_SESSION_VARS must be a JSON object"):
        S3()


def test_metadata_of_other_programs(aws: str, s3: Any, bucket: str) -> None:
    """Metaflow's are read as they were given; others' as they are."""
    s3.put_object(Bucket=bucket, Key="m", Body=b"x", Metadata={"metaflow-user-attributes": '{"a": [1]}'})
    s3.put_object(Bucket=bucket, Key="o", Body=b"x", Metadata={"owner": "me"})
    s3.put_object(Bucket=bucket, Key="n", Body=b"x")
    with S3(s3root=f"s3://{bucket}") as tool:
        assert [one.metadata for one in tool.info_many(list("mon"))] == [{"a": [1]}, {"owner": "me"}, None]


def test_what_is_stored_compressed_is_fetched_as_it_is(aws: str, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a.gz", Body=b"\x1f\x8bnot really", ContentEncoding="gzip")
    with S3(s3root=f"s3://{bucket}") as tool:
        found = tool.get("a.gz")
        assert found.blob == b"\x1f\x8bnot really"
        assert Path(found.path).suffix == ".gz"


def test_a_listing_of_more_than_a_page(aws: str, bucket: str) -> None:
    with S3(s3root=f"s3://{bucket}/p") as tool:
        tool.put_many((f"{number:04}", "") for number in range(1003))
        assert [one.key for one in tool.list_paths()] == [f"{number:04}" for number in range(1003)]


def test_the_distribution_has_the_names_with_types() -> None:
    """It is imported at every start, so they are loaded when they are used."""
    import flowkit
    import flowkit_aws

    assert flowkit_aws.S3 is flowkit.S3
    assert flowkit_aws.S3GetObject("k", 1).offset == 1
    with pytest.raises(AttributeError, match="flowkit_aws"):
        _ = flowkit_aws.S4
