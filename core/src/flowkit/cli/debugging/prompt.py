"""The prompt: names that are there, and what is said first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from flowkit.cli.debugging.opening import OpenedAttempt

__all__ = ["banner", "names_of", "run_code", "start_prompt"]


def names_of(opened: OpenedAttempt) -> dict[str, Any]:
    """What can be used at the prompt: all that the flow's module has, and the attempt."""
    from flowkit.authoring.current import current

    names = {
        **vars(opened.module),
        "self": opened.flow,
        "artifacts": opened.artifacts,
        "frames": opened.frames,
        "failure": opened.failure,
        "current": current,
        "where": _where(opened),
    }
    if opened.inputs is not None:
        names["inputs"] = opened.inputs
    return names


def _where(opened: OpenedAttempt) -> Callable[[], None]:
    def where() -> None:
        """Show the exception's frames, the innermost last, with the numbers that ``frames`` has them by."""
        print("\n".join(_frame_lines(opened)) or "no frames were kept of this attempt")

    return where


def _frame_lines(opened: OpenedAttempt) -> list[str]:
    lines = []
    for number, frame in enumerate(opened.frames):
        lines.append(f"  frames[{number}]  {frame.file}:{frame.line}, in {frame.function}")
        if frame.source:
            lines.append(f"      {frame.source}")
    if opened.failure is not None and lines:
        lines.append(_failure_line(opened))
    return lines


def _failure_line(opened: OpenedAttempt) -> str:
    failure = opened.failure
    return "" if failure is None else f"{failure.type}: {failure.message}" if failure.message else failure.type


def banner(opened: OpenedAttempt) -> str:
    """What is said before the first prompt."""
    target = opened.target
    lines = [f"{target.pathspec}, attempt {target.attempt}: {target.task.status}"]
    frames = _frame_lines(opened)
    if frames:
        lines += frames
    elif opened.failure is not None:
        lines.append(_failure_line(opened))
    step = target.task.step
    call = f"self.{step}(inputs)" if opened.inputs is not None else f"self.{step}()"
    named = ["self: the flow with the inputs of the attempt"]
    if opened.inputs is not None:
        named.append("inputs: the tasks that it joins")
    named.append(f"artifacts: what it left ({len(opened.artifacts)})")
    if frames:
        named.append("frames[-1].locals: variables where it failed; where() shows the frames")
    named.append(f"{call} runs the step here; nothing is stored")
    return "\n".join([*lines, *(f"  {line}" for line in named)])


def start_prompt(names: dict[str, Any], text: str) -> None:
    """Let the user type, until the end of stdin. With IPython, if it is installed and there is a terminal."""
    if sys.stdin.isatty():
        try:
            from IPython import start_ipython
        except ImportError:
            _edit_lines(names)
        else:
            print(text, file=sys.stderr)
            start_ipython(argv=["--no-banner"], user_ns=names)
            return
    import code

    code.interact(banner=text, local=names, exitmsg="")


def _edit_lines(names: dict[str, Any]) -> None:
    """Have names completed by the Tab key, and lines edited, where Python can."""
    try:
        import readline
        import rlcompleter
    except ImportError:
        return
    readline.set_completer(rlcompleter.Completer(names).complete)
    readline.parse_and_bind("tab: complete")


def run_code(names: dict[str, Any], source: str) -> bool:
    """Run statements; the value of an expression alone is shown. Returns whether they raised nothing."""
    import traceback

    try:
        try:
            compiled = compile(source, "<command>", "single")
        except SyntaxError:
            compiled = compile(source, "<command>", "exec")
        exec(compiled, names)  # noqa: S102 - what the user typed
    except SystemExit:
        raise
    except BaseException:
        traceback.print_exc()
        return False
    return True
