"""The viewer: who gets in, what it shows, and how it follows a run."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from flowkit_cards.server.app import CardServer
from plugins.flowkit_cards.runs import reading
from support.project import Project

FLOW = """
import pathlib
import time

from flowkit import FlowSpec, card, current, step
from flowkit.cards import Markdown, ProgressBar, Text


class CardFlow(FlowSpec):
    @step
    def start(self):
        self.items = list(range(20))
        self.next(self.work, foreach="items")

    @card(type="blank", refresh_interval=0)
    @step
    def work(self):
        bar = ProgressBar(10, f"Item {self.input}")
        current.card.append(Markdown(f"# Item {self.input}"))
        current.card.append(bar, id="bar")
        current.card.append(Text("line\\n" * 100))
        if self.input == 0:
            self.wait_for(bar, "one", 1)
            self.wait_for(bar, "two", 7)
            self.wait_for(bar, "three", 10)
        self.next(self.join)

    def wait_for(self, bar, signal, value):
        bar.update(value)
        current.card.refresh(force=True)
        while not pathlib.Path(signal).exists():
            time.sleep(0.02)

    @card(type="html")
    @step
    def join(self, inputs):
        self.html = (
            "<!doctype html><h1>own page</h1><script>document.title = 'ran';"
            "try { parent.document.title = 'taken' } catch (e) { document.body.append('kept apart') };"
            "fetch('https://example.org/').catch(() => document.body.append(' offline'))</script>"
        )
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CardFlow()
"""


@pytest.fixture
def serve() -> Iterator[Callable[..., CardServer]]:
    """Starts servers, on ports that are free."""
    servers: list[tuple[CardServer, threading.Thread]] = []

    def start(**options: Any) -> CardServer:
        server = CardServer(port=0, poll_interval=0.1, **options)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.close()


def get(server: CardServer, path: str, host: str | None = None) -> tuple[int, str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.make(tmp_path_factory.mktemp("cards"))
    project.write("flow.py", FLOW)
    for signal in ("one", "two", "three"):
        project.write(signal, "")
    project.run("run", "--run-id-file", "id", check=True)
    return project


def test_nobody_gets_in_without_the_token(serve: Callable[..., CardServer]) -> None:
    server = serve(flow="CardFlow")
    token = server.access.token
    assert get(server, "/")[0] == 403
    assert get(server, "/?token=wrong")[0] == 403
    assert get(server, "/runs?token=")[0] == 403
    assert get(server, f"/?token={token}")[0] == 200
    assert get(server, f"/nothing?token={token}")[0] == 404
    # A name of another machine that leads here is a trick.
    assert get(server, f"/?token={token}", host="evil.example.org")[0] == 403
    assert get(server, f"/?token={token}", host=f"localhost:{server.port}")[0] == 200


def test_it_listens_on_this_machine_alone(serve: Callable[..., CardServer]) -> None:
    assert serve()._server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken(serve: Callable[..., CardServer]) -> None:
    from flowkit_cards.errors import CardsError

    with pytest.raises(CardsError, match="--port"):
        CardServer(port=serve().port)


def test_a_ticket_opens_one_card(ran: Project, serve: Callable[..., CardServer]) -> None:
    with reading(ran):
        server = serve(flow="CardFlow")
        run_id = (ran.path / "id").read_text().strip()
        cards = server.run("CardFlow", run_id).cards()
        one, other = cards[0], cards[1]
        link = server.card_link("CardFlow", run_id, one.place)
        status, html, headers = get(server, link)
        assert status == 200
        assert "sandbox allow-scripts" in headers["Content-Security-Policy"]
        assert "allow-same-origin" not in headers["Content-Security-Policy"]
        assert server.access.token not in html
        ticket = urlsplit(link).query
        foreign = urlsplit(server.card_link("CardFlow", run_id, other.place)).path
        assert get(server, f"{foreign}?{ticket}")[0] == 403
        assert get(server, urlsplit(link).path)[0] == 403
        gone = server.card_link("CardFlow", run_id, "no/such/card")
        assert get(server, gone)[0] == 404


def test_the_newest_cards_are_listed(ran: Project, serve: Callable[..., CardServer]) -> None:
    with reading(ran):
        server = serve(flow="CardFlow", max_cards=5)
        run_id = (ran.path / "id").read_text().strip()
        assert len(server.run("CardFlow", run_id).cards()) == 5
        (run,) = json.loads(get(server, f"/runs?token={server.access.token}")[1])
        assert (run["flow"], run["run"], run["state"]) == ("CardFlow", run_id, "done")
        assert get(server, f"/events?token={server.access.token}&flow=CardFlow&run=nope")[0] == 404


def test_a_foreach_of_twenty_cards_and_a_page_of_its_own(
    ran: Project, serve: Callable[..., CardServer], open_page: Callable[..., Any], tmp_path: Any
) -> None:
    with reading(ran):
        server = serve(flow="CardFlow")
        watched = open_page(url=server.url, width=1400)
        page = watched.page
        page.locator("article").nth(20).wait_for()
        assert page.locator("article").count() == 21
        page.frame_locator("iframe[title='Card of work/2']").get_by_text("Item 0").first.wait_for()
        page.screenshot(path=tmp_path / "twenty.png")
        axe = pytest.importorskip("axe_playwright_python.sync_playwright")
        found = axe.Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        page.select_option("#step", "join")
        own = page.frame_locator("article:visible iframe")
        own.get_by_text("kept apart").wait_for()
        own.get_by_text("offline").wait_for()
        assert "taken" not in page.title()
        # What the page of its own tries is stopped, and the browser says so.
        watched.messages = [one for one in watched.messages if "example.org" not in one and "cross-origin" not in one]
        watched.assert_quiet()


def test_a_card_is_followed_while_its_task_runs(
    project: Project, serve: Callable[..., CardServer], open_page: Callable[..., Any], tmp_path: Any
) -> None:
    project.write("flow.py", FLOW)
    process = project.popen("run", "--run-id-file", "id")
    try:
        _wait(lambda: any(project.store.rglob("cards/*/*.json")) and (project.path / "id").exists())
        with reading(project):
            server = serve(flow="CardFlow", run_id=(project.path / "id").read_text().strip())
            watched = open_page(url=server.url, width=1400)
            page = watched.page
            page.select_option("#step", "work")
            card = page.frame_locator("iframe[title='Card of work/2']")
            bar = card.locator("progress")
            bar.wait_for()
            assert bar.get_attribute("value") == "1"
            bar.evaluate("bar => { bar.same = true; scrollTo({ top: 300, behavior: 'instant' }) }")
            page.wait_for_timeout(300)
            project.write("one", "")
            card.locator("progress[value='7']").wait_for()
            page.screenshot(path=tmp_path / "live.png")
            assert bar.evaluate("bar => bar.same") is True
            assert bar.evaluate("() => scrollY") == 300
            project.write("two", "")
            card.locator("progress[value='10']").wait_for()
            assert card.get_by_text("running").count() == 1
            project.write("three", "")
            card.get_by_text("done").wait_for()
            assert bar.evaluate("bar => bar.same") is None
            page.wait_for_timeout(300)
            assert bar.evaluate("() => scrollY") == 300
            page.locator("#state").get_by_text("done").wait_for()
            watched.assert_quiet()
    finally:
        for signal in ("one", "two", "three"):
            project.write(signal, "")
        process.communicate(timeout=60)


def test_the_command_prints_an_address_and_stops(ran: Project) -> None:
    import signal
    import urllib.request

    process = ran.popen("card", "server", "--port", "0")
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert b"<title>Cards</title>" in answer.read()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Stopped" in said


def _wait(condition: Callable[[], bool]) -> None:
    import time

    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it didn't come to that")
