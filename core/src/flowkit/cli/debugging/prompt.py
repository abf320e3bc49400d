"""The prompt: names that are there, what is said first, and what is said of errors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from flowkit.cli.debugging.opening import OpenedAttempt
from flowkit.errors import FlowkitError
from flowkit.task.failure import format_failure, is_users_file

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
            from IPython.terminal.ipapp import TerminalIPythonApp
        except ImportError:
            _edit_lines(names)
        else:
            print(text, file=sys.stderr)
            app: Any = TerminalIPythonApp.instance(user_ns=names)
            app.initialize(["--no-banner"])
            # It is given the shell, the type, the error and the traceback.
            app.shell.set_custom_exc((FlowkitError,), lambda *given, **_: _tell(given[2]))
            app.start()
            return
    import code

    class Prompt(code.InteractiveConsole):
        def showtraceback(self) -> None:
            kind, error, trace = sys.exc_info()
            if error is None:
                return
            # pdb.pm() finds them there.
            sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
            # The first frame is the prompt's own.
            error.__traceback__ = trace and trace.tb_next
            self.write(_told(error))

    Prompt(names).interact(banner=text, exitmsg="")


def _tell(error: BaseException) -> None:
    sys.stderr.write(_told(error))


def _told(error: BaseException) -> str:
    """The user's frames and the error; one line for an error of FlowKit's that no function of the user led to."""
    if isinstance(error, FlowkitError) and not _is_through_users_code(error):
        return f"{error.headline}: {error.message}\n"
    return format_failure(error)


def _is_through_users_code(error: BaseException) -> bool:
    from traceback import walk_tb

    for frame, _ in walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        # What was typed has no file; FlowKit's properties go through functools. The flow's file is __main__.
        is_anothers = package in {*sys.stdlib_module_names, "IPython"} - {"__main__"}
        if not file.startswith("<") and is_users_file(file) and not is_anothers:
            return True
    return False


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
    try:
        compiled = _compiled(source)
    except (SyntaxError, ValueError) as error:
        import traceback

        # None of FlowKit's frames, nor that it wasn't an expression alone either.
        sys.stderr.write("".join(traceback.format_exception_only(error)))
        return False
    try:
        exec(compiled, names)  # noqa: S102 - what the user typed
    except SystemExit:
        raise
    except BaseException as error:
        _tell(error)
        return False
    return True


def _compiled(source: str) -> Any:
    try:
        return compile(source, "<command>", "single")
    except SyntaxError:
        # Several statements.
        return compile(source, "<command>", "exec")
