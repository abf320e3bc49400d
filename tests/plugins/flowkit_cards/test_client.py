"""``get_cards``."""

from __future__ import annotations

import pytest
from flowkit.cards import get_cards

from plugins.flowkit_cards.runs import reading
from plugins.flowkit_cards.test_decorator import FLOW
from support.project import Project


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.make(tmp_path_factory.mktemp("cards"))
    project.write("flow.py", FLOW)
    project.run("run", "--run-id-file", "id", check=True)
    return project


def pathspec(project: Project, step_and_task: str) -> str:
    return f"CardFlow/{(project.path / 'id').read_text().strip()}/{step_and_task}"


def test_by_pathspec_and_by_task(ran: Project) -> None:
    from flowkit import Task

    with reading(ran):
        by_text = get_cards(pathspec(ran, "work/2"))
        by_task = get_cards(Task(pathspec(ran, "work/2")))
    assert [card.path for card in by_text] == [card.path for card in by_task]
    assert [card.id for card in by_text] == ["box", "whole", None]
    assert by_text[0].hash in by_text[0].path
    assert by_text[-1].get().startswith("CardFlow/")
    assert len(by_text[:2]) == 2


def test_a_namespace_hides_no_card(ran: Project) -> None:
    from flowkit import get_namespace, namespace

    with reading(ran):
        namespace("user:somebody_else")
        assert len(get_cards(pathspec(ran, "start/1"))) == 1
        assert get_namespace() == "user:somebody_else"


def test_in_a_notebook_a_card_is_in_a_frame_that_reaches_nothing(ran: Project) -> None:
    with reading(ran):
        shown = get_cards(pathspec(ran, "start/1"))._repr_html_()
    assert shown.count("<iframe") == 1
    assert 'sandbox="allow-scripts allow-popups"' in shown
    assert "<script>" not in shown
    with reading(ran):
        assert "no cards" in get_cards(pathspec(ran, "end/7"))._repr_html_() if _exists(ran, "end/7") else True


def _exists(project: Project, task: str) -> bool:
    from flowkit import Task
    from flowkit.errors import NotFound

    try:
        Task(pathspec(project, task))
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("wrong", ["Flow/1/step", "x", 3, None])
def test_what_is_no_task(wrong: object) -> None:
    from flowkit import FlowkitError

    with pytest.raises(FlowkitError, match=r"Flow/run/step/task"):
        get_cards(wrong)  # type: ignore[arg-type]
