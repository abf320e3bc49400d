"""The files of a new plugin's distribution, from the templates beside this module."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from pathlib import Path

import attrs

from flowkit.errors import CommandError
from flowkit.kernel.kinds import kind_of
from flowkit.kernel.registry import Registry
from flowkit.kernel.suggestions import is_known_distribution
from flowkit.kernel.validation import own_name_fault

__all__ = ["PARTS", "Part", "Scaffold"]

_TEMPLATES = Path(__file__).with_name("templates")


@attrs.frozen
class Part:
    """One kind of capability that can be scaffolded."""

    #: As users name it.
    kind: str
    #: The hook that offers it.
    hook: str
    #: Its interface in ``flowkit.plugin``; empty where there is none.
    interface: str
    #: What the loaded object is called in its module; names of the plugin are filled in.
    loads: str
    help: str
    #: More arguments of the Provider.
    arguments: str = ""
    #: Whether its name must be one of Python's.
    identifier: bool = False

    @property
    def module(self) -> str:
        """The module of the package that holds it."""
        return self.kind.replace("-", "_")

    def code(self) -> str:
        """The lines of ``plugin.py`` that offer it, with names of the plugin to be filled in."""
        if not self.interface:
            return (
                "@hookimpl\n"
                f"def {self.hook}(run: RunRecord, failure: str) -> None:\n"
                f"    from {{{{package}}}}.{self.module} import {self.loads}\n\n"
                f"    {self.loads}(run, failure)\n"
            )
        returns = "Any" if self.interface == "Any" else f"type[{self.interface}]"
        name = "{{identifier}}" if self.identifier else "{{name}}"
        return (
            f"def _{self.module}() -> {returns}:\n"
            f"    from {{{{package}}}}.{self.module} import {self.loads}\n\n"
            f"    return {self.loads}\n\n\n"
            "@hookimpl\n"
            f"def {self.hook}() -> Iterable[Provider[{returns}]]:\n"
            f'    yield Provider("{name}", _{self.module}, help="{self.help}"{self.arguments})\n'
        )


PARTS = {
    part.kind: part
    for part in (
        Part("datastore", "flowkit_datastores", "Datastore", "{{Name}}Datastore", "Artifacts in one SQLite file"),
        Part(
            "step-decorator",
            "flowkit_step_decorators",
            "StepDecorator",
            "{{Name}}Decorator",
            "Say how long a step took",
            identifier=True,
        ),
        Part(
            "serializer",
            "flowkit_serializers",
            "Serializer",
            "{{Name}}Serializer",
            "Arrays of the standard library",
            arguments=', types=("array.array",)',
            identifier=True,
        ),
        Part(
            "secrets-provider",
            "flowkit_secrets_providers",
            "SecretsProvider",
            "{{Name}}Secrets",
            "Secrets from an INI file",
        ),
        Part("command", "flowkit_commands", "Any", "newest_runs", "Show the newest runs"),
        Part("observer", "flowkit_run_finished", "", "write_down", "Writes down how runs end"),
    )
}


def _is_core(registry: Registry, kind: str, name: str) -> bool:
    entries = (entry for entry in registry.providers(kind) if entry.name == name and entry.plugin.name == "builtin")
    return any(entry.provider.scope == "flow" for entry in entries)


@attrs.frozen
class Scaffold:
    """What is to be made: a plugin's name, without ``flowkit-``, and its parts."""

    name: str
    parts: Sequence[Part]

    @classmethod
    def make(cls, name: str, kinds: Sequence[str]) -> Scaffold:
        """Check a name and kinds that a user gave.

        Raises
        ------
        CommandError
            If the name can't be a plugin's, or there is no template for a kind.
        """
        plain = name.lower().removeprefix("flowkit-")
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", plain) or plain == "builtin":
            raise CommandError(
                f"{name!r} can't be a plugin's name: it takes letters, digits and single dashes, begins with a letter "
                "and isn't 'builtin'"
            )
        unknown = [kind for kind in kinds if kind not in PARTS]
        if unknown:
            raise CommandError(f"there is no template for {unknown[0]!r}; there are: {', '.join(PARTS)}")
        if keyword.iskeyword(plain) or plain == "plugins":
            whose = "is a keyword of Python" if plain != "plugins" else "would make flowkit_plugins, a flow's own file"
            raise CommandError(f"{name!r} can't be a plugin's name: it {whose}")
        return cls(plain, [part for kind, part in PARTS.items() if kind in kinds])

    def check(self, registry: Registry) -> None:
        """Raise CommandError if what it would offer, or the distribution, is called as something of FlowKit's."""
        if is_known_distribution(self.distribution):
            raise CommandError(f"there is a {self.distribution} already, which comes with FlowKit: take another name")
        for part in self.parts:
            name = self._identifier if part.identifier else self.name
            kinds = {"command": ("commands", "deployers")}.get(part.kind, (part.hook.removeprefix("flowkit_"),))
            if part.interface and (kind := next((one for one in kinds if _is_core(registry, one, name)), None)):
                raise CommandError(f"there is a {kind_of(kind).noun} {name!r} of FlowKit's own: take another name")
            if part.interface and own_name_fault(kinds[0], name) is not None:
                raise CommandError(f"flowkit.{name} is FlowKit's own: take another name for a {part.kind}")

    @property
    def distribution(self) -> str:
        """The distribution's name."""
        return f"flowkit-{self.name}"

    def files(self) -> dict[str, str]:
        """Contents by path below the distribution's folder."""
        package = f"src/flowkit_{self._identifier}"
        paths = {"pyproject.toml": "pyproject.toml", "README.md": "README.md", "tests/test_plugin.py": ""}
        paths |= {f"{package}/__init__.py": "package/__init__.py", f"{package}/plugin.py": "package/plugin.py"}
        for part in self.parts:
            paths[f"{package}/{part.module}.py"] = f"package/{part.module}.py"
            paths[f"tests/test_{part.module}.py"] = ""
        files = {path: self._render(template or path) for path, template in paths.items()}
        return {**files, f"{package}/py.typed": ""}

    def write(self, folder: Path) -> list[Path]:
        """Write the files below ``folder``, which may exist if it is empty. Returns them.

        Raises
        ------
        CommandError
            If there is anything in the folder, or it can't be written.
        """
        written: list[Path] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise CommandError(f"{folder} isn't empty, and nothing is overwritten: give another --path")
            for name, content in self.files().items():
                file = folder / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content, encoding="utf-8")
                written.append(file)
        except OSError as error:
            raise CommandError(f"{error.filename or folder} can't be written: {error.strerror}") from None
        return written

    @property
    def _identifier(self) -> str:
        return self.name.replace("-", "_")

    def _render(self, template: str) -> str:
        # The longer texts first: what they have in them is filled in too.
        names = {
            "imports": self._imports(),
            "hooks": "\n\n".join(part.code() for part in self.parts),
            "provides": "\n".join(f"- {part.kind}: {part.help}" for part in self.parts),
            "dependencies": ", ".join(f'"{one}"' for one in self._dependencies()),
            "distribution": self.distribution,
            "package": f"flowkit_{self._identifier}",
            "identifier": self._identifier,
            "name": self.name,
            "Name": "".join(word.capitalize() for word in self.name.split("-")),
            "NAME": self._identifier.upper(),
        }
        text = (_TEMPLATES / f"{template}.tmpl").read_text(encoding="utf-8")
        for name, value in names.items():
            text = text.replace(f"{{{{{name}}}}}", value)
        return text.rstrip("\n") + "\n"

    def _dependencies(self) -> list[str]:
        return [*(["click"] if any(part.kind == "command" for part in self.parts) else []), "flowkit>=2"]

    def _imports(self) -> str:
        interfaces = sorted(part.interface for part in self.parts if part.interface not in ("", "Any"))
        observes = any(not part.interface for part in self.parts)
        provides = any(part.interface for part in self.parts)
        checked = sorted([*interfaces, *(["RunRecord"] if observes else [])])
        typing = [
            *(["TYPE_CHECKING"] if checked else []),
            *(["Any"] if any(p.interface == "Any" for p in self.parts) else []),
        ]
        lines = ["from collections.abc import Iterable"] if provides else []
        lines += [f"from typing import {', '.join(typing)}"] if typing else []
        lines += ["", f"from flowkit.plugin import {'Provider, ' if provides else ''}hookimpl"]
        if checked:
            lines += ["", "if TYPE_CHECKING:", f"    from flowkit.plugin import {', '.join(checked)}"]
        return "\n".join(lines)
