"""``current``, in a task and outside."""

from __future__ import annotations

import pytest

from flowkit.authoring.current import ADDED, KNOWN, Current


@pytest.mark.parametrize("name", KNOWN)
def test_outside_a_run_every_known_name_is_none(name: str) -> None:
    current = Current()
    assert getattr(current, name) is None
    assert name not in current
    assert current.get(name, "default") is None


def test_outside_a_run() -> None:
    current = Current()
    assert current.is_running_flow is False
    assert current.get("card", "default") == "default"
    with pytest.raises(AttributeError, match="current has no 'card' outside a run"):
        _ = current.card
    assert repr(current) == "<current: no task>"


def test_in_a_task() -> None:
    current = Current()
    current._set(
        {"flow_name": "F", "run_id": "1", "step_name": "start", "task_id": "2", "retry_count": 0, "tags": ("a",)}
    )
    assert current.is_running_flow
    assert (current.flow_name, current.pathspec, current.retry_count, current.tags) == ("F", "F/1/start/2", 0, {"a"})
    assert "flow_name" in current
    assert "origin_run_id" not in current
    with pytest.raises(AttributeError, match="current has no 'card' in this task"):
        _ = current.card
    current._clear()
    assert current.pathspec is None
    assert not current.is_running_flow


def test_an_empty_namespace_is_the_global_one() -> None:
    current = Current()
    current._set({"task_id": "1", "namespace": ""})
    assert current.namespace is None
    current._set({"task_id": "1", "namespace": "user:ada"})
    assert current.namespace == "user:ada"


@pytest.mark.parametrize("name", ADDED)
def test_what_decorators_of_the_core_add_is_none_outside_a_run_only(name: str) -> None:
    current = Current()
    assert getattr(current, name) is None
    assert name not in current
    current._set({"task_id": "1"})
    assert not hasattr(current, name)
    current._set({"task_id": "1", name: False})
    assert getattr(current, name) is False
    assert name in current


def test_lazy_values_are_made_once_and_again_only_after_an_error() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("run")
        if len(made) == 1:
            raise OSError("not there yet")
        return "the run"

    current = Current()
    current._set({}, {"run": make})
    with pytest.raises(OSError, match="not there yet"):
        _ = current.run
    assert current.run == "the run"
    assert current.run == "the run"
    assert made == ["run", "run"]


def test_what_decorators_add() -> None:
    current = Current()
    current._set({"task_id": "1"})
    current._update({"card": "a card"}, {"project_name": lambda: "p"})
    assert (current.card, current.project_name, current.get("card"), "card" in current) == (
        "a card",
        "p",
        "a card",
        True,
    )
    assert {"card", "project_name", "run_id"} <= set(dir(current))
    current._update({"project_name": "q"})
    assert current.project_name == "q"
