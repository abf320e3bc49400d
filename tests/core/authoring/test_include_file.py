"""IncludeFile as flow authors write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowkit import FlowSpec, IncludeFile
from flowkit.authoring.include_file import IncludedFile
from flowkit.authoring.parameters import ParameterContext, parameters_of
from flowkit.errors import ParameterError

CONTEXT = ParameterContext("F", "u", "data")


def made(**arguments: Any) -> IncludeFile:
    class Flow(FlowSpec):
        data = IncludeFile("the-data", **arguments)

    (parameter,) = parameters_of(Flow)
    assert isinstance(parameter, IncludeFile)
    assert parameter.attribute == "data"
    return parameter


@pytest.mark.parametrize(
    ("arguments", "encoding"),
    [
        ({}, "utf-8"),
        ({"is_text": True}, "utf-8"),
        ({"encoding": "latin-1"}, "latin-1"),
        ({"is_text": False}, None),
        ({"is_text": False, "encoding": "latin-1"}, None),
    ],
)
def test_what_the_artifact_will_be(tmp_path: Path, arguments: dict[str, Any], encoding: str | None) -> None:
    (tmp_path / "a").write_text("x")
    assert made(**arguments).convert("a") == IncludedFile("a", encoding)


def test_paths_and_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parameter = made()
    (tmp_path / "a").write_text("x")
    monkeypatch.setenv("HOME", str(tmp_path))
    for text in ("a", "./a", str(tmp_path / "a"), "~/a", f"file://{tmp_path}/a"):
        found = parameter.convert(text)
        assert Path(found.path).read_text() == "x"
        assert found.scheme == ""
    assert parameter.convert("far+x://a/b").scheme == "far+x"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gone", r"parameter 'the-data': there is no file 'gone' in .+"),
        ("", "there is no file ''"),
        ("/gone/a", "there is no file '/gone/a'$"),
        (".", r"'\.' is a folder"),
        (5, "5 is not the path of a file"),
    ],
)
def test_what_is_no_file_is_named(text: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        made().convert(text)


def test_defaults(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    assert made().evaluate_default(CONTEXT) is None
    assert made(default="a").evaluate_default(CONTEXT).location == "a"
    assert made(default=Path("a")).evaluate_default(CONTEXT).location == "a"
    assert made(default=lambda context: "a").evaluate_default(CONTEXT).location == "a"
    with pytest.raises(ParameterError, match="there is no file 'gone'"):
        made(default="gone").evaluate_default(CONTEXT)
    with pytest.raises(ParameterError, match="is required"):
        made(required=True).evaluate_default(CONTEXT)


def test_the_specification_says_that_it_is_a_file() -> None:
    spec = made(default="a", help="text").spec()
    assert (spec.name, spec.attribute, spec.type, spec.default) == ("the-data", "data", "file", "a")
    parameter = made()
    assert parameter.file == __file__


def test_parsers(tmp_path: Path) -> None:
    parse = made(parser="json.loads").convert(__file__).parser
    assert parse is not None
    assert parse('{"a": 1}') == {"a": 1}
    for wrong in ("json.nothing", "no_such_module.parse"):
        parse = made(parser=wrong).convert(__file__).parser
        assert parse is not None
        with pytest.raises(ParameterError, match=f"there is no parser '{wrong}'"):
            parse("")
    with pytest.raises(ParameterError, match="must be of the form module"):
        IncludeFile("x", parser="loads")
    own = made(parser=".ids.check_component").convert(__file__).parser
    assert own is not None
    assert own("a") == "a"


@pytest.mark.parametrize("argument", [{"multiple": True}, {"separator": ","}, {"type": int}])
def test_what_it_can_not_take(argument: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=f"takes no '{next(iter(argument))}'"):
        IncludeFile("x", **argument)
