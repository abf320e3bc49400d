"""Files that are read when a run starts, and are artifacts of every task."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, overload

import attrs

from flowkit.authoring.parameter_types import TextType
from flowkit.authoring.parameters import Parameter
from flowkit.errors import ParameterError

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", default=Any)
else:
    from typing import TypeVar

    T = TypeVar("T")
V = TypeVar("V")

__all__ = ["FileType", "IncludeFile", "IncludedFile"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


@attrs.frozen
class IncludedFile:
    """A file that a run was given, not read yet."""

    #: As the user wrote it: a path, absolute or from the working folder, or a URL.
    location: str
    #: None for bytes.
    encoding: str | None = "utf-8"
    #: What makes the artifact of the content; None for the content itself.
    parser: Callable[[Any], Any] | None = None

    @property
    def scheme(self) -> str:
        """The URL's scheme; empty for a path."""
        found = _SCHEME.match(self.location)
        return "" if found is None or found[1] == "file" else found[1]

    @property
    def path(self) -> str:
        """The path, where it isn't a URL of another scheme than ``file``."""
        return os.path.expanduser(self.location.removeprefix("file://"))


@attrs.frozen
class FileType(TextType):
    """The type of a parameter that names a file."""

    encoding: str | None
    parser: Callable[[Any], Any] | None = None

    name = "file"

    def __call__(self, value: Any) -> IncludedFile:
        """The file that a text names. Raises ValueError if it isn't there; what a URL names isn't looked for."""
        if isinstance(value, IncludedFile):
            return value
        if not isinstance(value, str | os.PathLike):
            raise ValueError(f"{value!r} is not the path of a file")
        found = IncludedFile(os.fspath(value), self.encoding, self.parser)
        if found.scheme:
            return found
        if not os.path.exists(found.path):
            where = "" if os.path.isabs(found.path) else f" in {os.getcwd()}"
            raise ValueError(f"there is no file {found.path!r}{where}")
        if os.path.isdir(found.path):
            raise ValueError(f"{found.path!r} is a folder, not a file")
        if not os.access(found.path, os.R_OK):
            raise ValueError(f"the file {found.path!r} may not be read by this user")
        return found


class IncludeFile(Parameter[T]):
    """A file that is read when a run starts: an option of ``run`` that takes its path, and an artifact of every task.

    Parameters
    ----------
    name
        The option: ``--name PATH``. A path is relative to the working folder; URLs are read by the plugin of their
        scheme.
    required
        A run must be given a path. Has no effect where there is a default.
    is_text
        The artifact is text; with False, bytes.
    encoding
        Of the text; UTF-8 if it isn't given.
    help
        Shown by ``run --help``.
    parser
        A function, or its dotted name, that is given the text (or bytes) when the run starts, and whose result is the
        artifact.
    default
        A path, or a function that is given a ParameterContext and returns one.
    show_default
        Whether ``run --help`` shows the default.

    Examples
    --------
    >>> class Count(FlowSpec):
    ...     words = IncludeFile("words", default="words.txt")
    """

    kind = "file"

    @overload
    def __init__(
        self: IncludeFile[V],
        name: str,
        required: bool | None = ...,
        *,
        is_text: bool | None = ...,
        encoding: str | None = ...,
        help: str | None = ...,
        parser: Callable[[Any], V],
        default: Any = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: IncludeFile[Any],
        name: str,
        required: bool | None = ...,
        *,
        is_text: bool | None = ...,
        encoding: str | None = ...,
        help: str | None = ...,
        parser: str,
        default: Any = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: IncludeFile[bytes],
        name: str,
        required: bool | None = ...,
        *,
        is_text: Literal[False],
        encoding: str | None = ...,
        help: str | None = ...,
        parser: None = ...,
        default: Any = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: IncludeFile[str],
        name: str,
        required: bool | None = ...,
        is_text: Literal[True] | None = ...,
        encoding: str | None = ...,
        help: str | None = ...,
        parser: None = ...,
        *,
        default: Any = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: IncludeFile[Any],
        name: str,
        required: bool | None = ...,
        is_text: bool | None = ...,
        encoding: str | None = ...,
        help: str | None = ...,
        parser: str | Callable[[Any], Any] | None = ...,
        *,
        default: Any = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    def __init__(
        self,
        name: str,
        required: bool | None = None,
        is_text: bool | None = None,
        encoding: str | None = None,
        help: str | None = None,  # noqa: A002
        parser: str | Callable[[Any], Any] | None = None,
        *,
        default: Any = None,
        show_default: bool | None = None,
        **options: Any,
    ) -> None:
        frame = sys._getframe(1)
        if unknown := {"multiple", "separator", "type"} & set(options):
            raise ParameterError(f"IncludeFile {name!r} names one file and takes no {sorted(unknown)[0]!r}")
        encoding = (encoding or "utf-8") if is_text is None or is_text else None
        function = _function(name, parser) if isinstance(parser, str) else parser
        super().__init__(
            name,
            default,
            FileType(encoding, function),
            help,
            required,
            show_default,
            **options,
        )
        self.file = frame.f_code.co_filename
        self.line = frame.f_lineno


def _function(name: str, dotted: str) -> Callable[[Any], Any]:
    """The function of a dotted name, imported when it is called; with a dot first, FlowKit's own."""
    path = f"flowkit{dotted}" if dotted.startswith(".") else dotted
    module, _, attribute = path.rpartition(".")
    if not module:
        raise ParameterError(f"IncludeFile {name!r}: the parser {dotted!r} must be of the form module.function")

    def parse(content: Any) -> Any:
        from importlib import import_module

        try:
            function = getattr(import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise ParameterError(f"parameter {name!r}: there is no parser {dotted!r} ({error})") from None
        return function(content)

    return parse
