"""Writes docs/reference/configuration.md from the table of settings. With --check, fails if the file is out of date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from flowkit.settings import PREFIX, SETTINGS, Setting

TARGET = Path(__file__).parent.parent / "docs/reference/configuration.md"

HEAD = """\
# Configuration

This page is written by `scripts/write_configuration_reference.py` from the table in `flowkit/settings_table.py`.
How to change settings: [configure](../how-to/configure.md).

A setting `MAX_WORKERS` is looked for in these places; the first that has it counts:

1. the environment variable `FLOWKIT_MAX_WORKERS`;
2. the project's file: `config.json` in the nearest `.flowkit` from the working folder upwards;
3. the user's file: `config.json` in `$FLOWKIT_HOME`, or `config_NAME.json` there with `FLOWKIT_PROFILE=NAME`;
4. the default.

A file is one JSON object. Its keys are names of settings, with or without `FLOWKIT_` before them. An empty value is no
value.

Plugins have settings of their own, which are found in the same way; so is `DATASTORE_SYSROOT_NAME`, the root of the
datastore `NAME`. An option of the command line is read from the environment too: `FLOWKIT_OPTION` for one that stands
before the command, `FLOWKIT_COMMAND_OPTION` for one of a command. What the command line says counts before both.

`FLOWKIT_DEBUG=1` in the environment shows a traceback for every error.

## Settings
"""

TYPES = {
    "text": "text",
    "integer": "a whole number",
    "switch": "true or false",
    "words": "words, separated by blanks; in a file, a list too",
    "names": "names, separated by commas or blanks; in a file, a list too",
    "folder": "a folder",
}


def reference() -> str:
    """The text of the page."""
    return HEAD + "".join(f"\n{line}\n" for name in sorted(SETTINGS) for line in section(SETTINGS[name]))


def section(setting: Setting) -> Iterator[str]:
    """The paragraphs about one setting."""
    yield f"### {setting.name}"
    yield setting.help
    kind = f"one of {', '.join(f'`{one}`' for one in setting.choices)}" if setting.choices else TYPES[setting.type]
    if setting.type == "integer":
        kind += f" from {setting.minimum} up"
    facts = [f"- Value: {kind}"]
    facts.append(f"- Default: `{setting.default}`" if setting.default is not None else "- Default: not set")
    facts += [f"- Also read as: `{alias}`" for alias in setting.aliases]
    facts.append(f"- In the environment: `{PREFIX}{setting.name}`")
    yield "\n".join(facts)


def main() -> int:
    """Write the page, or compare it."""
    text = reference()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{TARGET} is out of date: run python scripts/{Path(__file__).name}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
