"""From the text of a configuration to its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flowkit.authoring.config import ConfigDefinition
from flowkit.errors import ConfigurationError, FlowkitError

if TYPE_CHECKING:
    from flowkit.kernel.registry import Registry

__all__ = ["checked_mapping", "parse_config"]


def parse_config(definition: ConfigDefinition, text: str, registry: Registry, *, file: str = "") -> Any:
    """The value of a text: by the configuration's own parser, else by the file's suffix, else as JSON.

    Parameters
    ----------
    file
        The file that it was read from; empty for a text that was given as it is.

    Raises
    ------
    ConfigurationError
        If there is no such parser, or the text isn't what it takes; says where the text is wrong.
    """
    what = f"the configuration {definition.name!r}"
    where = f"the file {file!r}" if file else "its value"
    if definition.parser is None and definition.plain:
        return text
    name, parse = _parser(definition, file, registry)
    try:
        value = parse(text)
    except FlowkitError as error:
        raise ConfigurationError(f"{what}: {where} can't be read: {error.message}") from error
    except Exception as error:
        reason = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ConfigurationError(f"{what}: {where} isn't valid {name}: {reason}") from error
    return value if definition.plain else checked_mapping(definition, value, f"{where} holds", name)


def checked_mapping(definition: ConfigDefinition, value: Any, how: str, name: str = "") -> Any:
    """``value``, if it is a mapping. Raises ConfigurationError."""
    if isinstance(value, Mapping):
        return value
    named = f" ({name})" if name else ""
    raise ConfigurationError(
        f"the configuration {definition.name!r}: {how} {type(value).__name__}{named}, and must hold keys and values; "
        f"for anything else, write Config({definition.name!r}, …, plain=True)"
    )


def _parser(definition: ConfigDefinition, file: str, registry: Registry) -> tuple[str, Callable[[str], Any]]:
    """What the parser is called in messages, and itself."""
    parser = definition.parser
    if callable(parser):
        return f"input of {getattr(parser, '__name__', parser)}", parser
    if parser is None:
        suffix = file.rpartition(".")[2].lower() if "." in file else ""
        name = suffix if suffix in registry.names("config_parsers") else "json"
        return name.upper(), registry.get("config_parsers", name)
    if "." not in parser:
        try:
            return parser.upper(), registry.get("config_parsers", parser)
        except FlowkitError as error:
            raise ConfigurationError(
                f"{definition.origin}: the configuration {definition.name!r}: {error.message}"
            ) from None
    return f"input of {parser}", _imported(definition, parser)


def _imported(definition: ConfigDefinition, dotted: str) -> Callable[[str], Any]:
    from importlib import import_module

    # A leading dot stands for this package.
    full = f"{__name__.partition('.')[0]}{dotted}" if dotted.startswith(".") else dotted
    module_name, _, name = full.rpartition(".")
    what = f"{definition.origin}: the parser {dotted!r} of the configuration {definition.name!r}"
    try:
        module = import_module(module_name)
    except ImportError as error:
        raise ConfigurationError(f"{what} can't be imported: {error}") from error
    parser = getattr(module, name, None)
    if not callable(parser):
        raise ConfigurationError(f"{what}: the module {module_name} has no function {name!r}")
    return parser  # type: ignore[no-any-return]
