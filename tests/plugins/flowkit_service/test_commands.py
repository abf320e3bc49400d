"""``flowkit service …``, as a user runs it."""

from __future__ import annotations

import json
import stat
import threading
import time
import urllib.error
import urllib.request

import pytest

from flowkit.testing.metadata_samples import a_run
from flowkit_service.client.provider import ServiceMetadata
from support.project import Project
from support.servers.service_command import service_up


def ask(url: str, path: str, token: str = "") -> tuple[int, str]:
    request = urllib.request.Request(url + path, headers={"x-api-key": token} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_it_starts_with_nothing_configured(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """On this machine alone, with a token, which the user's processes find."""
    with service_up(project, "--access-log") as service:
        assert service.url.startswith("http://127.0.0.1:")
        assert ask(service.url, "/ping") == (200, "pong")
        assert ask(service.url, "/flows")[0] == 401
        assert ask(service.url, "/flows", service.token) == (200, "[]")
        folder = project.home / ".flowkitconfig" / "service"
        kept = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert kept["token"] == 0o600
        assert {mode for name, mode in kept.items() if name.endswith(".json")} == {0o600}
        report = json.loads(project.flowkit("service", "status", "--json", check=True).stdout)
        assert (report["url"], report["flows"], report["dead"]) == (service.url, 0, [])
        monkeypatch.setenv("FLOWKIT_SERVICE_AUTH_KEY", service.token)
        provider = ServiceMetadata.open(service.url)
        provider.create_run(a_run("1", heartbeat_at=time.time()))
        provider.create_run(a_run("2"))
        provider.close()
        shown = project.flowkit("service", "status", check=True).stdout
        assert "running   1 runs" in shown
        assert "dead      1 runs: TestFlow/2" in shown
        code, errors = service.end()
    assert code == 0
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert [line["status"] for line in lines][:3] == [200, 401, 200]
    assert service.token not in errors
    assert "Stopped" in errors
    assert not list(folder.glob("*.json"))
    assert project.flowkit("service", "status").returncode != 0
    with service_up(project) as again:
        assert again.token == service.token
        assert json.loads(ask(again.url, "/flows", again.token)[1])[0]["flow_id"] == "TestFlow"


def test_tokens(project: Project) -> None:
    first = project.flowkit("service", "token", check=True).stdout.strip()
    assert len(first) > 30
    assert project.flowkit("service", "token", check=True).stdout.strip() == first
    second = project.flowkit("service", "token", "--new", check=True).stdout.strip()
    assert second != first
    file = project.write("own", "a token\n")
    with service_up(project, "--token-file", str(file)) as service:
        assert service.token == "a token"
        assert ask(service.url, "/flows", "a token")[0] == 200
        assert ask(service.url, "/flows", second)[0] == 401
        # The user's own processes take the one of the service.
        assert json.loads(project.flowkit("service", "status", "--json", check=True).stdout)["url"] == service.url
    with service_up(project, "--no-token") as service:
        assert ask(service.url, "/flows")[0] == 200
        assert ask(service.url.replace("127.0.0.1", "localhost"), "/flows")[0] == 200
        port = service.url.rpartition(":")[2]
        request = urllib.request.Request(f"{service.url}/flows", headers={"Host": f"evil.example:{port}"})
        with pytest.raises(urllib.error.HTTPError) as caught, urllib.request.urlopen(request):
            pass
        assert caught.value.code == 403
        caught.value.close()


def test_a_token_that_others_can_read_is_refused(project: Project) -> None:
    project.flowkit("service", "token", check=True)
    file = project.home / ".flowkitconfig" / "service" / "token"
    file.chmod(0o644)
    done = project.flowkit("service", "token")
    assert done.returncode != 0
    assert f"chmod 600 {file}" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--database", "mysql://x"], "postgresql://"),
        (["--database", "postgresql://nobody@127.0.0.1:1/none"], "check that PostgreSQL runs there"),
        (["--token-file", "missing"], "missing can't be read"),
        (["--token-file", "x", "--no-token"], "give one of them"),
        (["--database", "/proc/none/file.db"], "name another file"),
    ],
)
def test_it_can_not_start(project: Project, options: list[str], said: str) -> None:
    done = project.flowkit("service", "up", "--port", "0", *options)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken(project: Project) -> None:
    with service_up(project) as service:
        done = project.flowkit("service", "up", "--port", service.url.rpartition(":")[2])
    assert done.returncode != 0
    assert "name another with --port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_migrations(project: Project, dialect: str, version: int, request: pytest.FixtureRequest) -> None:
    """By several at once each is applied once; a newer database isn't touched."""
    is_sqlite = dialect == "sqlite"
    name = str(project.path / "own.db") if is_sqlite else _own_schema(request.getfixturevalue("postgresql"))
    done: list[str] = []
    _migrate_to(version, name)
    too_old = project.flowkit("service", "up", "--port", "0", "--no-migrate", "--database", name)
    assert too_old.returncode != 0
    assert "flowkit service migrate" in too_old.stderr

    def migrate() -> None:
        done.append(project.flowkit("service", "migrate", "--database", name, check=True).stdout)

    threads = [threading.Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("nothing was to do" in one for one in done) == [False, True, True, True]
    with service_up(project, "--database", name, "--no-migrate") as service:
        assert ask(service.url, "/flows", service.token) == (200, "[]")
    _make_newer(name)
    for command in (["migrate"], ["up", "--port", "0"]):
        newer = project.flowkit("service", *command, "--database", name)
        assert newer.returncode != 0
        assert "newer flowkit-service" in newer.stderr


def _migrate_to(version: int, name: str) -> None:
    import asyncio

    from flowkit_service.storage.choice import database_at
    from flowkit_service.storage.versions import scripts_for

    async def migrate() -> None:
        database = database_at(name)
        await database.open()
        if version:
            await database.migrate(scripts_for(database.dialect)[:version])
        await database.close()

    asyncio.run(migrate())


def _own_schema(postgresql: str) -> str:
    import asyncio
    import uuid

    import asyncpg

    schema = f"own{uuid.uuid4().hex}"

    async def make() -> None:
        connection = await asyncpg.connect(postgresql)
        await connection.execute(f"CREATE SCHEMA {schema}")
        await connection.close()

    asyncio.run(make())
    return f"{postgresql}?search_path={schema}"


def _make_newer(name: str) -> None:
    import asyncio
    import sqlite3
    from contextlib import closing

    if name.startswith("postgresql"):
        import asyncpg

        async def change() -> None:
            connection = await asyncpg.connect(name)
            await connection.execute("INSERT INTO migrations (number) VALUES (99)")
            await connection.close()

        asyncio.run(change())
        return
    with closing(sqlite3.connect(name)) as connection:
        connection.execute("PRAGMA user_version = 99")


def test_requests_that_have_begun_are_answered_at_the_end(project: Project) -> None:
    """Clients that write while the service is told to end lose nothing that it confirmed."""
    confirmed: list[str] = []
    with service_up(project) as service:

        def create(name: str) -> None:
            number = 0
            while True:
                request = urllib.request.Request(
                    f"{service.url}/flows/{name}{number}", b"{}", {"x-api-key": service.token}, method="POST"
                )
                try:
                    with urllib.request.urlopen(request, timeout=20):
                        confirmed.append(f"{name}{number}")
                except OSError:
                    return
                number += 1

        threads = [threading.Thread(target=create, args=(name,)) for name in "ABCD"]
        for thread in threads:
            thread.start()
        while len(confirmed) < 20:
            time.sleep(0.01)
        code, _ = service.end()
        for thread in threads:
            thread.join()
        assert code == 0
    with service_up(project) as again:
        found = {flow["flow_id"] for flow in json.loads(ask(again.url, "/flows", again.token)[1])}
    assert found >= set(confirmed)
