"""``current.card``: which card is meant, and what is done with what it gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flowkit.cards import Image, Markdown, ProgressBar, Text

from flowkit.plugin import default_registry
from flowkit_cards.errors import ComponentOverwriteNotSupported
from flowkit_cards.live.collector import CurrentCards
from flowkit_cards.live.editor import CardEditor
from flowkit_cards.live.plan import CardPlan
from flowkit_cards.store import CardStore
from flowkit_cards.types.blank import BlankCard
from flowkit_cards.types.taskspec import TaskspecCard


def cards_of(tmp_path: Path, *cards: dict[str, Any]) -> CurrentCards:
    datastore = default_registry().get("datastores", "local").open(str(tmp_path / "store"))
    collected = CurrentCards()
    for index, given in enumerate(cards):
        kind = {"blank": BlankCard, "taskspec_card": TaskspecCard, "nope": None}[given.get("type", "blank")]
        plan = CardPlan(
            index=index,
            type=given.get("type", "blank"),
            id=given.get("id"),
            options={},
            customize=given.get("customize", False),
            refresh_interval=given.get("refresh_interval", 0),
            card_class=kind,
            store=CardStore(datastore, "F", "1", "s", "2", 0),
        )
        collected.add(CardEditor(plan))
    return collected


def chosen(cards: CurrentCards) -> int | None:
    """Which card an append goes to."""
    cards.append(Text("here"))
    for number, editor in enumerate(cards._editors):
        if any(isinstance(one, Text) for one in editor):
            return number
    return None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([{}], 0),
        ([{"id": "a"}], 0),
        ([{"type": "taskspec_card"}, {"id": "a"}], 1),
        ([{"id": "a"}, {}], 1),
        ([{"id": "a"}, {"id": "b"}], None),
        ([{}, {}], None),
        ([{"id": "a"}, {"id": "b", "customize": True}], 1),
        ([{}, {"customize": True}], 1),
        ([{"customize": True}, {"customize": True}], None),
        ([{"customize": True}, {"customize": True}, {"id": "c"}], None),
        ([{"type": "taskspec_card"}], None),
        ([{"type": "nope"}], None),
    ],
)
def test_which_card_is_meant(given: list[dict[str, Any]], expected: int | None, tmp_path: Path) -> None:
    assert chosen(cards_of(tmp_path, *given)) == expected


def test_an_ambiguous_append_warns_once_and_the_cards_say_so(tmp_path: Path, capsys: Any) -> None:
    cards = cards_of(tmp_path, {}, {})
    cards.append(Text("a"))
    cards.append(Text("b"))
    cards.extend([Text("c")])
    cards.clear()
    cards.refresh()
    assert len(cards.components) == 0
    said = capsys.readouterr().err
    assert said.count("current.card.append does nothing") == 1
    assert any(form["title"] == "@card warning" for form in cards._editors[0].forms())


def test_an_unknown_id_warns_and_takes_what_it_gets(tmp_path: Path, capsys: Any) -> None:
    cards = cards_of(tmp_path, {"id": "a"})
    nowhere = cards["nope"]
    nowhere.append(Text("x"), id="y")
    nowhere.extend([Text("x")])
    nowhere.refresh({"a": 1}, force=True)
    nowhere.components["y"].update("z")
    assert list(nowhere) == []
    assert "'nope'" in capsys.readouterr().err


def test_two_cards_of_one_id_are_nobody(tmp_path: Path, capsys: Any) -> None:
    cards = cards_of(tmp_path, {"id": "a"}, {"id": "a"})
    cards["a"].append(Text("x"))
    assert "several cards have that id" in capsys.readouterr().err


def test_a_list_replaces_all_components(tmp_path: Path, capsys: Any) -> None:
    cards = cards_of(tmp_path, {"id": "a"})
    cards.append(Text("old"))
    cards["a"] = [Text("new"), Text("newer")]
    assert [form["text"] for form in cards["a"].forms()] == ["new", "newer"]
    cards["a"] = "text"  # type: ignore[assignment]
    assert "takes a list" in capsys.readouterr().err


def test_components_by_id(tmp_path: Path, capsys: Any) -> None:
    cards = cards_of(tmp_path, {})
    bar = ProgressBar(10)
    cards.append(bar, id="bar")
    cards.append(Markdown("x"))
    cards.append("words")
    cards.append({"a": 1})
    assert cards.components["bar"] is bar
    assert len(cards.components) == 4
    assert [form["type"] for form in cards._editors[0].forms()] == ["progressBar", "markdown", "text", "artifacts"]
    with pytest.raises(ComponentOverwriteNotSupported):
        cards.components["bar"] = Text("x")
    cards.components["more"] = Text("y")
    del cards.components["more"]
    with pytest.raises(KeyError, match="bar"):
        del cards.components["more"]
    cards.components["missing"].update(3)
    cards.components["missing"].update(4)
    assert capsys.readouterr().err.count("there is no component 'missing'") == 1
    assert "missing" not in cards.components
    assert len(cards._editors[0].forms()) == 4
    cards.clear()
    assert cards._editors[0].forms() == []


def test_refresh_writes_data_and_not_too_often(tmp_path: Path) -> None:
    cards = cards_of(tmp_path, {"refresh_interval": 3600})
    bar = ProgressBar(10)
    cards.append(bar, id="bar")
    editor = cards._editors[0]

    def stored() -> Any:
        from flowkit_cards.store import read_json

        store = editor.plan.store
        return read_json(store.datastore, f"{store.prefix}/0-blank.json")

    assert stored() is None
    cards.refresh({"epoch": 1})
    assert stored()["data"]["bar"]["value"] == 0
    assert stored()["user"] == {"epoch": 1}
    bar.update(5)
    cards.refresh()
    assert stored()["data"]["bar"]["value"] == 0
    cards.refresh(force=True)
    assert stored()["data"]["bar"]["value"] == 5
    assert "<" not in str(stored())
    cards.refresh({"bad": object(), "nan": float("nan")}, force=True)
    assert stored()["user"]["nan"] == "nan"


def test_what_can_not_be_updated_is_shown_as_it_was_first(tmp_path: Path) -> None:
    cards = cards_of(tmp_path, {})
    dot = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
    for name, disabled in (("fixed", True), ("followed", False)):
        cards.append(Image(dot, "before", disable_updates=disabled), id=name)
    editor = cards._editors[0]
    editor.state("refresh")
    for name in ("fixed", "followed"):
        cards.components[name].update(dot, "after")
    live = editor.state("refresh")["components"]
    assert (live["fixed"]["label"], live["followed"]["label"]) == ("before", "after")
    final = editor.state("render", is_final=True)["components"]
    assert (final["fixed"]["label"], final["followed"]["label"]) == ("after", "after")


def test_a_refresh_that_can_not_be_stored_warns(tmp_path: Path, capsys: Any) -> None:
    cards = cards_of(tmp_path, {})
    (tmp_path / "store").write_text("a file, where a folder should be")
    cards.refresh()
    assert "can't be refreshed" in capsys.readouterr().err
