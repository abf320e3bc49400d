"""The REST interface answers as Netflix's metaflow-service does, and its lists in pages and filtered."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

Answer = tuple[int, Any, dict[str, str]]


class Client:
    """Sends requests to one service."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> Answer:
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, content, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, _read(response.read()), dict(response.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _read(error.read()), dict(error.headers)

    def get(self, path: str) -> Any:
        """The body of what must succeed."""
        status, body, _ = self("GET", path)
        assert status == 200, body
        return body

    def post(self, path: str, body: Any = None) -> Any:
        """The body of what must succeed."""
        status, answer, _ = self("POST", path, {} if body is None else body)
        assert status == 200, answer
        return answer

    def pages(self, path: str) -> list[list[Any]]:
        """All pages of a list."""
        pages, cursor = [], ""
        while True:
            status, body, headers = self("GET", path + (f"&_cursor={cursor}" if cursor else ""))
            assert status == 200, body
            pages.append(body)
            cursor = {name.lower(): value for name, value in headers.items()}.get("x-next-cursor", "")
            if not cursor:
                return pages


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode()


@pytest.fixture
def client(service_url: str) -> Client:
    return Client(service_url)


@pytest.fixture
def run(client: Client) -> str:
    """The path of a new run."""
    client.post("/flows/AFlow", {"user_name": "ann"})
    body = {"user_name": "ann", "tags": ["mine"], "system_tags": ["user:ann"]}
    return f"/flows/AFlow/runs/{client.post('/flows/AFlow/run', body)['run_number']}"


@pytest.fixture
def task(client: Client, run: str) -> str:
    """The path of a new task."""
    client.post(f"{run}/steps/start/step", {"user_name": "ann"})
    return f"{run}/steps/start/tasks/{client.post(f'{run}/steps/start/task', {'user_name': 'ann'})['task_id']}"


def test_it_says_its_version(client: Client) -> None:
    status, body, headers = client("GET", "/ping")
    assert (status, body, headers["metadata_service_version"]) == (200, "pong", "2.5.0")
    assert client.get("/version") == "2.5.0"
    assert client.get("/healthcheck").startswith("ok")


def test_flows(client: Client) -> None:
    assert client.get("/flows") == []
    created = client.post("/flows/AFlow", {"user_name": "ann", "ts_epoch": 12})
    assert created == {"flow_id": "AFlow", "user_name": "ann", "ts_epoch": 12, "tags": [], "system_tags": []}
    assert client("POST", "/flows/AFlow", {})[0] == 409
    assert client.get("/flows/AFlow") == created
    assert client.get("/flows") == [created]
    assert client("GET", "/flows/BFlow")[0] == 404


def test_runs_are_numbered_or_named(client: Client) -> None:
    assert client("POST", "/flows/AFlow/run", {})[0] == 404
    client.post("/flows/AFlow")
    first = client.post("/flows/AFlow/run", {"user_name": "ann", "tags": ["b", "a"], "system_tags": ["s"]})
    second = client.post("/flows/AFlow/run", {"user_name": "ann"})
    assert isinstance(first["run_number"], int)
    assert second["run_number"] > first["run_number"]
    named = client.post("/flows/AFlow/run", {"run_number": "argo-x", "user_name": "ann"})
    assert named["run_number"] == "argo-x"
    assert client("POST", "/flows/AFlow/run", {"run_number": "argo-x"})[0] == 409
    assert client("POST", "/flows/AFlow/run", {"run_number": "12"})[0] == 400
    assert client.get(f"/flows/AFlow/runs/{first['run_number']}") == first
    assert (first["tags"], first["system_tags"], first["last_heartbeat_ts"]) == (["b", "a"], ["s"], None)
    assert client.get("/flows/AFlow/runs") == [first, second, named]
    assert client("GET", "/flows/AFlow/runs/99999")[0] == 404
    assert client.get("/flows/BFlow/runs") == []


def test_steps_and_tasks(client: Client, run: str) -> None:
    assert client("POST", "/flows/AFlow/runs/9999/steps/start/step", {})[0] == 404
    assert client("POST", f"{run}/steps/start/task", {})[0] == 404
    step = client.post(f"{run}/steps/start/step", {"user_name": "ann"})
    assert (step["step_name"], step["tags"], step["system_tags"]) == ("start", ["mine"], ["user:ann"])
    assert client("POST", f"{run}/steps/start/step", {})[0] == 409
    assert client.get(f"{run}/steps") == [step]
    assert client.get(f"{run}/steps/start") == step
    assert client("GET", f"{run}/steps/end")[0] == 404
    numbered = client.post(f"{run}/steps/start/task", {"user_name": "ann", "tags": ["its own"]})
    named = client.post(f"{run}/steps/start/task", {"task_id": "t-1"})
    assert isinstance(numbered["task_id"], int)
    assert numbered["tags"] == ["mine"]
    assert client("POST", f"{run}/steps/start/task", {"task_id": "t-1"})[0] == 409
    assert client("POST", f"{run}/steps/start/task", {"task_id": "12"})[0] == 400
    assert client.get(f"{run}/steps/start/tasks") == [numbered, named]
    assert client.get(f"{run}/tasks") == [numbered, named]
    assert client.get(f"{run}/steps/start/tasks/t-1") == named
    assert client("GET", f"{run}/steps/start/tasks/77777")[0] == 404


def test_metadata(client: Client, task: str) -> None:
    entries = [
        {"field_name": "attempt", "value": "0", "type": "attempt", "tags": ["attempt_id:0"], "user_name": "ann"},
        {"field_name": "note", "value": "é\x00\ud800", "type": "note"},
    ]
    assert client.post(f"{task}/metadata", entries) == {"metadata_created": 2}
    found = client.get(f"{task}/metadata")
    assert [(one["field_name"], one["tags"]) for one in found] == [("attempt", ["attempt_id:0"]), ("note", [])]
    assert found[1]["value"] == "é\\0\\ud800"
    assert found[0]["id"] < found[1]["id"]
    run = task.partition("/steps")[0]
    assert client.get(f"{run}/metadata") == found
    assert client.get(f"{run}/metadata?field_name=note") == found[1:]
    assert client("POST", f"{run}/steps/start/tasks/none/metadata", entries)[0] == 400
    assert client("POST", f"{task}/metadata", {"not": "a list"})[0] == 400


def test_how_a_task_went_is_taken_from_its_metadata(client: Client, task: str) -> None:
    def say(field: str, value: str, attempt: int) -> str:
        entry = {"field_name": field, "value": value, "type": field, "tags": [f"attempt_id:{attempt}"]}
        client.post(f"{task}/metadata", [entry])
        return str(client.get(task)["status"])

    assert client.get(task)["status"] == "running"
    assert say("attempt_ok", "False", 0) == "failed"
    assert say("attempt", "1", 1) == "running"
    assert say("attempt_ok", "True", 1) == "succeeded"
    assert client.get(task.partition("/steps")[0])["status"] == "running"


def test_a_run_has_succeeded_when_its_end_has(client: Client, run: str) -> None:
    client.post(f"{run}/steps/end/step")
    number = client.post(f"{run}/steps/end/task")["task_id"]
    client.post(f"{run}/steps/end/tasks/{number}/metadata", [{"field_name": "attempt_ok", "value": "True"}])
    assert client.get(run)["status"] == "succeeded"
    assert client.get(run)["finished_at"] > 0


def test_artifacts_are_those_of_the_latest_attempt(client: Client, task: str) -> None:
    def artifact(name: str, attempt: int) -> dict[str, Any]:
        return {"name": name, "attempt_id": attempt, "location": f"at{attempt}", "ds_type": "s3", "sha": "x"}

    assert client.post(f"{task}/artifact", [artifact("name", 0), artifact("old", 0)]) == {"artifacts_created": 2}
    assert client.post(f"{task}/artifact", [artifact("old", 0)]) == {"artifacts_created": 0}
    client.post(f"{task}/artifact", [artifact("name", 1), artifact("new", 1)])
    run, step = task.partition("/steps")[0], task.partition("/tasks")[0]
    for where in (task, step, run):
        assert sorted(one["name"] for one in client.get(f"{where}/artifacts")) == ["name", "new"]
    assert client.get(f"{task}/artifacts/new")["location"] == "at1"
    assert client("GET", f"{task}/artifacts/old")[0] == 404
    assert client.get(f"{task}/artifacts/old/attempt/0")["location"] == "at0"
    assert sorted(one["name"] for one in client.get(f"{task}/attempt/0/artifacts")) == ["name", "old"]
    assert client("GET", f"{task}/attempt/x/artifacts")[0] == 400
    assert client("POST", f"{step}/tasks/none/artifact", [artifact("a", 0)])[0] == 400


def test_heartbeats(client: Client, run: str, task: str) -> None:
    before = int(time.time())
    assert json.loads(client.post(f"{task}/heartbeat"))["wait_time_in_seconds"] == 10
    assert client.get(task)["last_heartbeat_ts"] >= before
    assert client.get(run)["last_heartbeat_ts"] >= before
    assert json.loads(client.post(f"{run}/heartbeat"))["wait_time_in_seconds"] == 10
    assert client("POST", "/flows/AFlow/runs/99999/heartbeat", {})[0] == 404
    assert client("POST", f"{run}/steps/start/tasks/none/heartbeat", {})[0] == 404
    old = int(time.time()) + 60
    assert [one["flow_id"] for one in client.get(f"/runs?status=running&last_heartbeat_ts:lt={old}")] == ["AFlow"]
    assert client.get(f"/runs?status=running&last_heartbeat_ts:lt={before - 60}") == []


def test_tags(client: Client, run: str) -> None:
    def mutate(**tags: Any) -> Answer:
        return client("PATCH", f"{run}/tag/mutate", tags)

    assert mutate(tags_to_add=["new", "user:ann"], tags_to_remove=["mine", "unknown"])[:2] == (200, {"tags": ["new"]})
    assert client.get(run)["tags"] == ["new"]
    status, body, _ = mutate(tags_to_add=["other"], tags_to_remove=["user:ann"])
    assert (status, "user:ann" in body["message"]) == (422, True)
    assert mutate(tags_to_add=["x" * 501])[0] == 422
    assert mutate(tags_to_add="no list")[0] == 400
    assert client.get(run)["tags"] == ["new"]
    assert client("PATCH", "/flows/AFlow/runs/99999/tag/mutate", {"tags_to_add": ["a"]})[0] == 404


def test_tasks_by_metadata(client: Client, run: str) -> None:
    client.post(f"{run}/steps/work/step")
    for name, value in (("a", "blue sky"), ("b", "red sky"), ("c", "blue")):
        client.post(f"{run}/steps/work/task", {"task_id": name})
        entry = {"field_name": "foreach-stack" if name != "c" else "other", "value": value}
        client.post(f"{run}/steps/work/tasks/{name}/metadata", [entry])

    def found(query: str) -> str:
        return "".join(spec.rpartition("/")[2] for spec in client.get(f"{run}/steps/work/filtered_tasks{query}"))

    assert found("") == "abc"
    assert found("?metadata_field_name=foreach-stack") == "ab"
    assert found("?pattern=sky$") == "ab"
    assert found("?pattern=^(?:blue)$") == "c"
    assert found("?metadata_field_name=other&pattern=b.*e") == "c"
    assert client("GET", f"{run}/steps/work/filtered_tasks?pattern=(")[0] == 400
    assert client.get(f"{run}/steps/work/filtered_tasks")[0] == f"{run[7:].replace('/runs', '')}/work/a"


def test_lists_in_pages(client: Client, run: str) -> None:
    for number in range(7):
        client.post(
            "/flows/AFlow/run", {"run_number": f"r{number}", "user_name": "bob", "ts_epoch": 1000 * (number // 2)}
        )
    client.post(f"{run}/steps/work/step")
    for number in range(7):
        client.post(f"{run}/steps/work/task", {"task_id": f"t{number}"})
        client.post(f"{run}/steps/work/tasks/t0/metadata", [{"field_name": "n", "value": str(number)}])
    for path, field, count in (
        ("/flows/AFlow/runs?user_name=bob", "run_number", 7),
        (f"{run}/steps/work/tasks?", "task_id", 7),
        (f"{run}/tasks?", "task_id", 7),
        (f"{run}/metadata?", "value", 7),
    ):
        whole = [one[field] for one in client.get(path)]
        assert len(whole) == count
        for limit in (1, 3, 7, 100):
            pages = client.pages(f"{path}&_limit={limit}")
            assert [one[field] for page in pages for one in page] == whole
            assert {len(page) for page in pages[:-1]} <= {limit}
        backwards = client.pages(f"{path}&_limit=2&_order=desc")
        assert [one[field] for page in backwards for one in page] == whole[::-1]
    assert len(client.pages("/flows?_limit=1")) == 1


def test_lists_are_filtered(client: Client, run: str) -> None:
    for number in range(4):
        client.post(
            "/flows/AFlow/run",
            {
                "run_number": f"r_{number}",
                "user_name": "bob" if number % 2 else "ann%",
                "ts_epoch": 1000 + number,
                "tags": ["even"] if number % 2 == 0 else ["odd", "x"],
            },
        )

    def found(query: str) -> str:
        runs = client.get(f"/flows/AFlow/runs?ts_epoch:lt=2000&{query}")
        return "".join(str(one["run_number"])[2:] for one in runs)

    assert found("") == "0123"
    assert found("user_name=bob") == found("_tags=odd") == found("_tags=odd,x") == "13"
    assert found("user_name:ne=bob") == found("user_name:co=%25") == found("user_name:sw=an") == "02"
    assert found("user_name:ew=ob&ts_epoch:gt=1001") == "3"
    assert found("ts_epoch:ge=1001&ts_epoch:le=1002") == "12"
    assert found("run_number=r_2&_tags=even") == "2"
    assert found("_tags=odd,even") == ""
    assert found("unknown=1") == "0123"
    assert found("_order=desc") == "3210"


def test_every_list_is_filtered_and_paged(client: Client, task: str) -> None:
    for name in ("BFlow", "CFlow"):
        client.post(f"/flows/{name}", {"user_name": "bob"})
    run = task.partition("/steps")[0]
    for name in ("end", "middle"):
        client.post(f"{run}/steps/{name}/step")
    client.post(f"{task}/metadata", [{"field_name": name, "value": f"of {name}"} for name in ("a", "b", "c")])
    client.post(f"{task}/artifact", [{"name": name, "ds_type": "s3" if name == "z" else "local"} for name in "xyz"])
    for path, field, condition, whole, expected in (
        ("/flows", "flow_id", "user_name=bob", ["AFlow", "BFlow", "CFlow"], ["BFlow", "CFlow"]),
        (f"{run}/steps", "step_name", "step_name:ne=end", ["start", "end", "middle"], ["start", "middle"]),
        (f"{task}/metadata", "field_name", "value:sw=of+b", ["a", "b", "c"], ["b"]),
        (f"{task}/artifacts", "name", "ds_type=local", ["x", "y", "z"], ["x", "y"]),
    ):
        for query, names in (("", whole), (condition, expected)):
            assert [one[field] for one in client.get(f"{path}?{query}")] == names
            for order in ("asc", "desc"):
                pages = client.pages(f"{path}?{query}&_limit=1&_order={order}")
                found = [one[field] for page in pages for one in page]
                assert found == (names if order == "asc" else names[::-1])


@pytest.mark.parametrize(
    "query", ["ts_epoch:lt=soon", "user_name:like=x", "ts_epoch:co=1", "_limit=0", "_limit=x", "_order=up", "_cursor=x"]
)
def test_a_list_that_can_not_be(client: Client, query: str) -> None:
    status, body, _ = client("GET", f"/flows/AFlow/runs?{query}")
    assert status == 400
    assert "\n" not in body["message"]


def test_requests_that_can_not_be(client: Client, run: str) -> None:
    for method, path, raw, expected in (
        ("POST", "/flows/BFlow", b"{", 400),
        ("POST", "/flows/BFlow", b"[1]", 400),
        ("POST", "/flows/BFlow", b"\xff", 400),
        ("POST", f"{run}/steps/start/step", b'"x"', 400),
        ("DELETE", run, None, 405),
        ("GET", "/flows/A/nothing", None, 404),
        ("POST", "/flowkit/v1/unknown", b"{}", 404),
        ("POST", "/flowkit/v1/run", b"{}", 400),
        ("POST", "/flowkit/v1/write", b'{"changes": [["task", {"flow": "AFlow"}]]}', 400),
        ("POST", "/flowkit/v1/write", b'{"changes": [["none", {}]]}', 400),
        ("POST", "/flowkit/v1/tasks", b'{"flow": "A", "run_id": "1", "page": {"limit": "x"}}', 400),
    ):
        status, body, headers = client(method, path, raw=raw)
        assert status == expected, (path, body)
        assert "\n" not in body["message"]
        assert "Traceback" not in body["message"]
        assert headers["metadata_service_version"] == "2.5.0"
    # No run has such a name, and PostgreSQL can't even be asked for one.
    assert client("GET", "/flows/A%00Flow/runs")[0] in (200, 400)
