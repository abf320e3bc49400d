"""``@card`` in runs: what is stored, and that nothing of it fails a step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugins.flowkit_cards.runs import cards, run, text_of
from support.project import Project

FLOW = '''
import os
from flowkit import FlowSpec, Parameter, card, catch, current, retry, step
from flowkit.cards import Markdown, ProgressBar, Section, ValueBox


def fail():
    raise RuntimeError("caught")


class CardFlow(FlowSpec):
    """A flow with cards."""

    alpha = Parameter("alpha", default=0.5)

    @card
    @step
    def start(self):
        """The first step."""
        self.items = [10, 20, 30]
        self.secret_looking = "<script>alert(1)</script>"
        print("a line of output")
        current.card.append(Markdown("# Hello *there*"))
        current.card.append(ProgressBar(3, "Work", 1), id="bar")
        current.card.refresh()
        current.card.components["bar"].update(3)
        self.next(self.work, foreach="items")

    @card(type="blank", id="box", options={"title": "Box"})
    @card(id="whole")
    @card(type="taskspec_card")
    @retry(times=1)
    @step
    def work(self):
        current.card["box"].append(ValueBox("Item", f"item {self.input} attempt {current.retry_count}"))
        if self.input == 20 and current.retry_count == 0:
            raise ValueError("once")
        self.twice = self.input * 2
        self.next(self.join)

    @card(type="default_json")
    @card(type="html", options={"attribute": "page"})
    @step
    def join(self, inputs):
        self.total = sum(one.twice for one in inputs)
        self.page = f"<!doctype html><title>t</title><h1>{self.total}</h1>"
        self.next(self.caught)

    @card(type="nope")
    @card(type="html", id="unsaved", save_errors=False)
    @catch(var="failure")
    @card(id="after")
    @step
    def caught(self):
        current.card["after"].append("before the fall")
        fail()
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CardFlow()
'''


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    project = Project.make(tmp_path_factory.mktemp("cards"))
    return project, run(project, FLOW)


def test_the_default_card(ran: tuple[Project, str]) -> None:
    (card,) = cards(ran[0], "start")
    html = card.get()
    words = text_of(html)
    for part in ("Hello", "3 / 3", "alpha", "0.5", "items", "[10, 20, 30]", "Graph", "def", "a line of output"):
        assert part in words, part
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert 'data-reload-token="final"' in html
    assert len(html) < 60_000


def test_each_task_of_a_foreach_has_its_cards(ran: tuple[Project, str]) -> None:
    found = cards(ran[0], "work")
    assert [card.type for card in found] == ["blank", "default", "taskspec_card"] * 3
    words = " ".join(text_of(card.get()) for card in cards(ran[0], "work", type="blank"))
    assert all(f"item {item}" in words for item in (10, 20, 30))
    assert "Box" in words


def test_a_retry_has_the_cards_of_its_last_attempt(ran: tuple[Project, str]) -> None:
    words = [text_of(card.get()) for card in cards(ran[0], "work", id="box")]
    assert any("item 20 attempt 1" in one for one in words)
    assert not any("item 20 attempt 0" in one for one in words)


def test_types_without_components(ran: tuple[Project, str]) -> None:
    specs = [card.get() for card in cards(ran[0], "work", type="taskspec_card")]
    assert all(spec.startswith("CardFlow/") and "/work/" in spec for spec in specs)
    (page,) = cards(ran[0], "join", type="html")
    assert page.get() == "<!doctype html><title>t</title><h1>120</h1>"
    (document,) = cards(ran[0], "join", type="default_json")
    content = json.loads(document.get())
    assert content["metadata"]["pathspec"].startswith("CardFlow/")
    assert "total" in document.get()


def test_errors_are_cards_and_fail_no_step(ran: tuple[Project, str]) -> None:
    project, said = ran
    found = {card.id or card.type: card for card in cards(project, "caught")}
    assert set(found) == {"nope", "after"}
    assert "no plugin brings the card type 'nope'" in text_of(found["nope"].get()).replace("&#x27;", "'")
    assert "the card of type 'html' can't be made" in said
    assert "succeeded" in said


def test_a_caught_exception_leaves_the_card(ran: tuple[Project, str]) -> None:
    (card,) = cards(ran[0], "caught", id="after")
    words = text_of(card.get())
    assert "before the fall" in words
    assert "failure" in words


def test_live_data_is_stored_as_data(ran: tuple[Project, str]) -> None:
    (file,) = ran[0].store.rglob("cards/*/*.json")
    document = json.loads(file.read_text())
    assert document["reload_token"] == "final"
    assert document["data"]["bar"]["value"] == 3
    (card,) = cards(ran[0], "start")
    assert card.get_data()["components"]["bar"]["type"] == "progressBar"
    assert cards(ran[0], "join")[0].get_data() is None


def test_a_step_without_a_card_has_no_trace_of_cards(ran: tuple[Project, str]) -> None:
    assert cards(ran[0], "end") == []
    assert not any("end" in path.parts for path in ran[0].store.rglob("cards"))


def test_a_resumed_run_shows_the_cards_that_it_took_over(tmp_path: Path) -> None:
    project = Project.make(tmp_path)
    run(project, FLOW.replace("        pass\n", "        1 / 0\n"), check=False)
    project.write("flow.py", FLOW)
    project.run("resume", check=True)
    (card,) = cards(project, "start")
    assert card.from_resumed
    assert card.origin_pathspec.endswith("/start/1")
    assert "Hello" in card.get()
    assert cards(project, "start", follow_resumed=False) == []


BROKEN = """
import time
from flowkit import FlowSpec, card, current, step
from flowkit.cards import CardComponent, Table, Text


class Bad(CardComponent):
    def render(self):
        raise RuntimeError("broken component")


class Nasty:
    def __repr__(self):
        raise RuntimeError("broken repr")


class CardFlow(FlowSpec):
    @card(timeout=1, type="slow")
    @card(id="a")
    @step
    def start(self):
        loop = {}
        loop["self"] = loop
        self.loop, self.raw, self.nan = loop, b"\\x00" * 100_000, float("nan")
        self.nasty = [Nasty()]
        self.wide = "x" * 5_000_000
        for one in (Bad(), Bad, 3, None, loop, Nasty(), Table([["x" * 1000] * 100] * 1000), "\\ud800"):
            current.card["a"].append(one)
        current.card["a"].refresh({"x": Nasty()})
        current.card["nope"].append(Text("x"))
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CardFlow()
"""
PLUGIN = '''
import time
from flowkit.cards import Card
from flowkit.plugin import Provider, hookimpl


class SlowCard(Card):
    type = "slow"

    def render(self, task):
        while True:
            time.sleep(0.01)


class ReportCard(Card):
    """One of a third party, in a file beside the flow."""

    type = "acme.report"
    ALLOW_USER_COMPONENTS = True
    RUNTIME_UPDATABLE = True
    RELOAD_POLICY = Card.RELOAD_POLICY_ALWAYS

    def render(self, task):
        return f"<h1>{self.options['name']}</h1>{task.data.x} {len(self.components)} {sorted(self.graph)} {self.flow.x}"

    def render_runtime(self, task, data):
        return f"<h1>live {data['user']['n']}</h1>" + self.RELOAD_POLICY_TOKEN

    def refresh(self, task, data):
        return {"n": data["user"]["n"]}


@hookimpl
def flowkit_card_types():
    yield Provider("slow", lambda: SlowCard, help="Never ends")
    yield Provider("acme.report", lambda: ReportCard, help="A report")
'''


def test_a_step_succeeds_whatever_is_in_its_card(project: Project) -> None:
    project.write("flowkit_plugins.py", PLUGIN)
    said = run(project, BROKEN)
    assert "timeout of 1 s" in said
    slow, whole = cards(project, "start")
    assert "timeout of 1 s" in text_of(slow.get())
    words = text_of(whole.get())
    for part in ("broken component", "loop", "nan", "cut", "its repr raised RuntimeError", "not loaded"):
        assert part in words, part


def test_a_third_partys_type_in_one_file(project: Project) -> None:
    project.write("flowkit_plugins.py", PLUGIN)
    source = """
    from flowkit import FlowSpec, card, current, step

    class CardFlow(FlowSpec):
        @card(type="acme.report", options={"name": "Quarter"})
        @step
        def start(self):
            self.x = 7
            current.card.append("words")
            current.card.refresh({"n": 3})
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        CardFlow()
    """
    run(project, source)
    (card,) = cards(project, "start")
    assert card.get() == "<h1>Quarter</h1>7 1 ['end', 'start'] 7"
    (file,) = project.store.rglob("cards/*/*.json")
    assert json.loads(file.read_text())["data"] == {"n": 3}


@pytest.mark.parametrize(
    ("decorator", "problem"),
    [('@card(type="a/b")', "letters"), ('@card(id="a-b")', "letters"), ("@card(colour=1)", "no argument"),
     ("@card(options=3)", "options of @card")],
)  # fmt: skip
def test_what_is_wrong_is_said_before_the_run(project: Project, decorator: str, problem: str) -> None:
    project.write("flow.py", FLOW.replace("    @card\n", f"    {decorator}\n", 1))
    done = project.run("check")
    assert done.returncode != 0
    assert problem in done.stderr


def test_a_card_for_every_step_by_an_option(project: Project) -> None:
    source = FLOW.replace("@card", "#").replace("current.card", "None #")
    project.write("flow.py", source.replace('None #["box"]', "0 #"))
    project.run("run", "--with", 'card:type=blank,options={"title": "All"}', check=True)
    (card,) = cards(project, "end")
    assert "All" in card.get()
