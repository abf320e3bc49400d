"""``python flow.py card …`` and ``flowkit card …``."""

from __future__ import annotations

import json

import pytest

from plugins.flowkit_cards.runs import listed
from plugins.flowkit_cards.test_decorator import FLOW
from support.project import Project


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.make(tmp_path_factory.mktemp("cards"))
    project.write("flow.py", FLOW)
    project.run("run", "--run-id-file", "id", check=True)
    return project


def run_id(project: Project) -> str:
    return (project.path / "id").read_text().strip()


def test_list_of_the_newest_run(ran: Project) -> None:
    document = listed(ran)
    assert {one["pathspec"].split("/")[2] for one in document} == {"start", "work", "join", "caught"}
    words = ran.run("card", "list", check=True).stdout
    assert "type blank, id box, hash " in words


def test_list_of_a_task(ran: Project) -> None:
    document = listed(ran, f"{run_id(ran)}/start/1")
    assert document["pathspec"] == f"CardFlow/{run_id(ran)}/start/1"
    (card,) = document["cards"]
    assert set(card) == {"id", "hash", "type", "filename"}
    assert card["filename"] == f"0-default-{card['hash']}.html"
    ran.run("card", "list", "start", "--file", "cards.json", check=True)
    assert json.loads((ran.path / "cards.json").read_text()) == document


def test_get_by_each_way_to_say_which(ran: Project) -> None:
    (task,) = [one for one in listed(ran, "work") if one["pathspec"].endswith("/2")]
    by_id = {card["id"] or card["type"]: card for card in task["cards"]}
    path = task["pathspec"].partition("/")[2]
    for option in (("--id", "box"), ("--type", "blank"), ("--hash", by_id["box"]["hash"][:8])):
        assert "Box" in ran.run("card", "get", path, *option, check=True).stdout
    ran.run("card", "get", path, "box.html", "--id", "box", check=True)
    assert "Box" in (ran.path / "box.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("get", "work"), "3 such cards"),
        (("get", "start", "--type", "nope"), "there is no card with type 'nope'"),
        (("get", "start", "--hash", "abc"), "5 characters"),
        (("get", "end"), "there is no card in CardFlow/end"),
        (("get", "nostep"), "nostep"),
        (("get", "a/b/c/d/e"), "RUN/STEP/TASK"),
        (("list", "end"), "there is no card"),
        (("create", "work"), "names 3 tasks"),
        (("create", "start", "--type", "nope"), "no plugin brings the card type 'nope'"),
        (("create", "start", "--options", "{"), "isn't JSON"),
        (("create", "start", "--type", "html"), "no such artifact"),
    ],
)
def test_what_is_wrong_is_said(ran: Project, arguments: tuple[str, ...], message: str) -> None:
    done = ran.run("card", *arguments)
    assert done.returncode != 0
    assert message in done.stderr


def test_create(ran: Project) -> None:
    ran.write("parts.json", json.dumps([{"type": "markdown", "source": "**later**"}, "words"]))
    ran.run("card", "create", "join", "--type", "blank", "--id", "later", "--options", '{"title": "Made later"}',
            "--component-file", "parts.json", check=True)  # fmt: skip
    html = ran.run("card", "get", "join", "--id", "later", check=True).stdout
    assert "Made later" in html
    assert "<strong>later</strong>" in html
    ran.run("card", "create", "join", "--type", "default", check=True)
    assert "total" in ran.run("card", "get", "join", "--type", "default", check=True).stdout


def test_view_opens_a_browser(ran: Project) -> None:
    ran.write("browser.sh", '#!/bin/sh\ncp "${1#file://}" seen.html\n').chmod(0o755)
    ran.run("card", "view", "start", check=True, env={"BROWSER": f"{ran.path}/browser.sh %s"})
    assert "Hello" in (ran.path / "seen.html").read_text()


def test_flowkit_card(ran: Project) -> None:
    run = run_id(ran)
    assert f"CardFlow/{run}/start/1" in ran.flowkit("card", "list", "CardFlow", check=True).stdout
    assert "Hello" in ran.flowkit("card", "get", f"CardFlow/{run}/start", check=True).stdout
    done = ran.flowkit("card", "get", "CardFlow")
    assert done.returncode != 0
    assert "FLOW/RUN/STEP" in done.stderr
