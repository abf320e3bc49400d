"""Values of configurations, and values that are known later."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit import ConfigValue, FlowSpec, config_expr
from flowkit.authoring.config import Config, configs_of
from flowkit.authoring.config_expressions import ConfigScope, has_delayed, resolved, resolved_arguments
from flowkit.errors import ConfigurationError

PLAIN = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=8,
)
GREETING = "hello"


def scope(**values: Any) -> ConfigScope:
    shown = {name: ConfigValue(value) if isinstance(value, dict) else value for name, value in values.items()}
    return ConfigScope(shown, {})


@given(st.dictionaries(st.text(), PLAIN))
def test_a_value_is_its_dict_whatever_way_it_goes(data: dict[str, Any]) -> None:
    value = ConfigValue(data)
    assert value == data
    assert value.to_dict() == data
    assert type(value.to_dict()) is dict
    assert pickle.loads(pickle.dumps(value)) == value
    assert type(pickle.loads(pickle.dumps(value))) is ConfigValue
    assert copy.deepcopy(value) == value
    assert dict(**{f"k{key}": item for key, item in value.items()}).keys() == {f"k{key}" for key in data}


def test_keys_are_attributes_at_any_depth() -> None:
    value = ConfigValue({"a": {"b": [{"c": 1}, ({"d": 2},)]}, "items": 3})
    assert value.a.b[0].c == value["a"]["b"][0]["c"] == 1
    assert value.a.b[1][0].d == 2
    assert value["items"] == 3
    assert callable(value.items)
    assert "a" in dir(value)
    assert value.get("none", 7) == 7
    assert json.loads(json.dumps(value))["a"]["b"][0] == {"c": 1}


def test_what_is_not_there_says_what_is_near() -> None:
    with pytest.raises(AttributeError, match="did you mean depth"):
        _ = ConfigValue({"depth": 1}).dept
    with pytest.raises(KeyError):
        _ = ConfigValue({})["x"]


def _merge(value: Any) -> None:
    value |= {"a": 2}


@pytest.mark.parametrize(
    "change",
    [
        lambda value: setattr(value, "a", 2),
        lambda value: delattr(value, "a"),
        lambda value: value.__setitem__("a", 2),
        lambda value: value.__delitem__("a"),
        lambda value: value.clear(),
        lambda value: value.update(a=2),
        lambda value: value.setdefault("b", 2),
        lambda value: value.pop("a"),
        lambda value: value.popitem(),
        _merge,
    ],
)
def test_nothing_changes_a_value(change: Callable[[Any], object]) -> None:
    value = ConfigValue({"a": 1})
    with pytest.raises(TypeError, match="immutable"):
        change(value)
    assert value == {"a": 1}
    value.to_dict()["a"] = 2
    assert value.a == 1


def test_an_expression_sees_configurations_and_the_globals_of_its_module() -> None:
    value = config_expr("GREETING + config.name")
    assert resolved(value, scope(config={"name": " x"})) == "hello x"
    assert resolved(config_expr("config").name.upper, scope(config={"name": "x"}))() == "X"
    assert resolved(config_expr("config")["a"][0].b, scope(config={"a": [{"b": 5}]})) == 5
    assert resolved(config_expr("config").get("none", 3), scope(config={})) == 3


def test_a_configuration_of_the_name_of_a_global_is_seen_first() -> None:
    assert resolved(config_expr("GREETING"), scope(GREETING="mine")) == "mine"
    assert resolved(config_expr("GREETING"), ConfigScope({}, {"GREETING": "attribute"})) == "hello"


def test_values_are_found_inside_of_lists_and_dicts() -> None:
    part = config_expr("config.part")
    given_value = {"a": [part, {"b": (part,)}], "c": 1}
    assert has_delayed(given_value)
    assert resolved(given_value, scope(config={"part": 9})) == {"a": [9, {"b": (9,)}], "c": 1}
    same = {"a": [1]}
    assert resolved(same, scope()) is same


def test_a_part_is_unpacked() -> None:
    def arguments(**given_arguments: Any) -> dict[str, Any]:
        return given_arguments

    held = arguments(a=1, **config_expr("config").more)
    assert resolved_arguments(held, scope(config={"more": {"b": 2, "c": 3}})) == {"a": 1, "b": 2, "c": 3}
    with pytest.raises(ConfigurationError, match="has keys"):
        resolved_arguments(arguments(**config_expr("config.more")), scope(config={"more": 3}))


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("config.dept", "did you mean depth"),
        ("config['none']", "there is no 'none'"),
        ("confg.depth", "the flow's configurations are: config"),
        ("config.depth + 'x'", "TypeError"),
    ],
)
def test_what_cannot_be_computed_says_which_expression_and_why(expression: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolved(config_expr(expression), scope(config={"depth": 1}))
    assert words in caught.value.message
    assert expression in caught.value.message
    assert __file__ in caught.value.message


def test_what_is_no_expression_is_told_where_it_stands() -> None:
    with pytest.raises(ConfigurationError, match="isn't a Python expression"):
        config_expr("a =")


def test_a_part_of_a_text_is_refused_rather_than_wrong() -> None:
    config = Config("config", default_value={})
    with pytest.raises(TypeError, match="config_expr"):
        f"{config.name}"
    assert "known when the flow starts" in repr(config.name)


def test_every_key_can_be_reached_in_the_class_body_and_nothing_can_be_stored() -> None:
    config = Config("config", default_value={})
    values = scope(config={"name": 1, "default": 2, "type": 3, "help": 4})
    assert [resolved(part, values) for part in (config.name, config.default, config.type, config.help)] == [1, 2, 3, 4]
    with pytest.raises(TypeError, match="can't be stored"):
        pickle.dumps(config.name)


def test_configurations_of_bases_come_first_and_can_be_replaced() -> None:
    class Base(FlowSpec):
        first = Config("first", default_value={})
        second = Config("second", default_value={})

    class Derived(Base):
        third = Config("third", default_value={})
        first = Config("other", default_value={})

    class Without(Base):
        second = None

    assert [(one.name, one.attribute) for one in configs_of(Derived)] == [
        ("other", "first"),
        ("second", "second"),
        ("third", "third"),
    ]
    assert [one.name for one in configs_of(Without)] == ["first"]


def test_a_default_is_a_file_or_a_value() -> None:
    with pytest.raises(ConfigurationError, match="keep one"):
        Config("config", default="a.json", default_value={})
