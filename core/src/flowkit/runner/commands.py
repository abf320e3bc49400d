"""The commands of a flow's file, as its command line has them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from flowkit.authoring.entry import only_importing
from flowkit.cli.context import FlowContext
from flowkit.cli.flow_group import FlowGroup
from flowkit.errors import CommandError
from flowkit.interfaces.deployer import Deployer
from flowkit.kernel.provider import Provider
from flowkit.runner.keywords import Keywords
from flowkit.settings import Settings
from flowkit.task.user_module import find_flow_class

__all__ = ["FlowCommands"]

#: Runner itself gives this one; a command that has it starts something that Runner can follow.
ATTRIBUTE_FILE = "runner_attribute_file"


class FlowCommands:
    """The options and commands of the flow in a file. The file is imported, not run, in this process.

    Parameters
    ----------
    options
        Top-level options, as keywords: a flow's parameters may depend on its configurations.
    """

    def __init__(self, file: str, options: Mapping[str, Any], environment: Mapping[str, str], cwd: str) -> None:
        self._context = FlowContext(_import_flow(file))
        vars(self._context)["settings"] = Settings.load(environment, cwd)
        self._context.options = {
            name: tuple(value.items() if isinstance(value, Mapping) else value)
            for name, value in options.items()
            if name in ("config", "config_value") and value is not None
        }
        self._group = FlowGroup(self._context)
        self._ctx = click.Context(self._group, info_name=os.path.basename(file), obj=self._context)

    def top_level(self, where: str = "Runner") -> Keywords:
        """What ``Runner(file, …)`` takes, or what else ``where`` says."""
        return Keywords(where, self._group.get_params(self._ctx))

    @property
    def flow_name(self) -> str:
        """The flow's name."""
        return self._context.flow_class.__name__

    @property
    def settings(self) -> Settings:
        """The configuration that the flow's commands will have."""
        return self._context.settings

    def deployers(self) -> tuple[str, ...]:
        """Names of the deployers that are installed."""
        return self._context.registry.names("deployers")

    def deployer_class(self, name: str) -> type[Deployer]:
        """The class of one. Raises UnknownCapability."""
        kind: type[Deployer] = self._context.registry.get("deployers", name)
        return kind

    def deployer_keywords(self, name: str) -> tuple[Keywords, Keywords]:
        """What a deployer takes before its verb, and what its ``create`` takes. Raises UnknownCapability."""
        from flowkit.cli.deploying.group import DeployerGroup

        group = DeployerGroup(self.deployer_class(name))
        ctx = click.Context(group, parent=self._ctx, info_name=name)
        create = group.commands["create"]
        method = name.replace("-", "_")
        own = Keywords(f"Deployer.{method}", group.get_params(ctx))
        params = create.get_params(click.Context(create, parent=ctx, info_name="create"))
        return own, Keywords(f"Deployer.{method}().create", params, hidden=("deployer_attribute_file", "only_json"))

    def verbs(self) -> list[str]:
        """Names of the commands that start something that can be followed."""
        return [name for name in self._group.list_commands(self._ctx) if self._is_verb(name)]

    def keywords(self, name: str) -> Keywords:
        """What the verb ``name`` takes."""
        command = self._group.get_command(self._ctx, name)
        if command is None or not self._is_verb(name):
            raise CommandError(f"Runner has no verb {name!r}; it has {', '.join(self.verbs())}")
        return Keywords(f"Runner.{name}", self._params(command), hidden=(ATTRIBUTE_FILE,))

    def plugin_verbs(self) -> tuple[str, ...]:
        """Names of the verbs that plugins bring."""
        return self._context.registry.names("runner_verbs")

    def plugin_verb(self, name: str) -> Any:
        """The function of such a verb; it is called with the runner first."""
        return self._context.registry.get("runner_verbs", name)

    def _is_verb(self, name: str) -> bool:
        for entry in self._context.registry.providers("commands"):
            provider: Provider[Any] = entry.provider
            if provider.name == name and provider.scope == "flow" and entry.plugin.name == "builtin":
                command = self._group.get_command(self._ctx, name)
                return command is not None and any(one.name == ATTRIBUTE_FILE for one in self._params(command))
        return False

    def _params(self, command: click.Command) -> list[click.Parameter]:
        return command.get_params(click.Context(command, parent=self._ctx, info_name=command.name))


def _import_flow(file: str) -> type[Any]:
    from hashlib import sha256
    from importlib.util import module_from_spec, spec_from_file_location

    if not os.path.isfile(file):
        raise CommandError(f"there is no flow file {file!r}")
    # Not "__main__", so that what the file does only as a program isn't done.
    name = f"_flowkit_runner_{sha256(os.path.realpath(file).encode()).hexdigest()[:16]}"
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise CommandError(f"the flow file {file!r} isn't a Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module
    folder = os.path.dirname(os.path.abspath(file))
    sys.path.insert(0, folder)
    try:
        with only_importing():
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise CommandError(f"the flow file {file!r} can't be imported: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(folder)
    return find_flow_class(module)
