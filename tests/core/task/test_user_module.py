"""A flow's file is run as python runs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowkit.errors import CommandError
from flowkit.task.user_module import find_flow_class, load_flow_file

FLOW = """
from flowkit import FlowSpec, step

class {name}({base}):
    @step
    def start(self):
        self.next(self.end)
    @step
    def end(self):
        pass
"""
ONE = FLOW.format(name="One", base="FlowSpec")


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))


def write(folder: Path, text: str) -> Path:
    file = folder / "flow.py"
    file.write_text(text)
    return file


def test_the_file_sees_what_it_would_see_under_python(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("value = 5\n")
    names = "__name__, __file__, sys.argv, sys.path[0], beside.value, sys.modules[__name__].__file__"
    text = f"import sys, beside\nseen = [{names}]\n"
    file = write(tmp_path, text)
    module = load_flow_file(file, ["run", "--x"])
    assert module.seen == ["__main__", str(file), [str(file), "run", "--x"], str(tmp_path), 5, str(file)]
    assert sys.modules["__main__"] is module


def test_the_only_flow_is_found(tmp_path: Path) -> None:
    module = load_flow_file(write(tmp_path, ONE))
    assert find_flow_class(module).__name__ == "One"
    assert find_flow_class(module).__module__ == "__main__"


def test_a_base_class_is_not_the_flow(tmp_path: Path) -> None:
    text = FLOW.format(name="Base", base="FlowSpec") + FLOW.format(name="Real", base="Base")
    module = load_flow_file(write(tmp_path, text))
    assert find_flow_class(module).__name__ == "Real"
    assert find_flow_class(module, "Base").__name__ == "Base"


def test_several_flows_or_none_are_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    text = FLOW.format(name="A", base="FlowSpec") + FLOW.format(name="B", base="FlowSpec")
    module = load_flow_file(write(tmp_path, text))
    with pytest.raises(CommandError, match=r"several flows \(A, B\).* as A\(\)"):
        find_flow_class(module)
    assert find_flow_class(module, "B").__name__ == "B"
    with pytest.raises(CommandError, match="no flow called 'C'"):
        find_flow_class(module, "C")
    with pytest.raises(CommandError, match="defines no flow"):
        find_flow_class(load_flow_file(write(tmp_path, "x = 1\n")))


def test_an_imported_flow_is_not_the_file_s_own(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(ONE)
    module = load_flow_file(write(tmp_path, "from other import One\n" + FLOW.format(name="Two", base="FlowSpec")))
    assert find_flow_class(module).__name__ == "Two"


def test_a_coding_line_holds(tmp_path: Path) -> None:
    file = tmp_path / "flow.py"
    file.write_bytes("# -*- coding: latin-1 -*-\nword = 'grün'\n".encode("latin-1"))
    assert load_flow_file(file).word == "grün"


def test_a_file_that_can_not_be_read_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no\.py' can't be read: No such file"):
        load_flow_file(tmp_path / "no.py")
    with pytest.raises(CommandError, match="can't be read: Is a directory"):
        load_flow_file(tmp_path)


def test_a_syntax_error_is_the_user_s_own(tmp_path: Path) -> None:
    with pytest.raises(SyntaxError):
        load_flow_file(write(tmp_path, "def broken(:\n"))
