"""``@project``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import click

from flowkit.builtin.step_decorators.arguments import refuse
from flowkit.cli.options import FlowkitOption
from flowkit.errors import InvalidDecorator
from flowkit.interfaces.flow_decorator import FlowDecorator, Launch
from flowkit.model.graph import DecoratorSpec

__all__ = ["ProjectDecorator"]

_is_name = re.compile(r"[a-z0-9_]+").fullmatch
_NAME = "a text of lowercase letters, digits and underscores"
#: Names become parts of other systems' names, which are limited.
_LONGEST_NAME, _LONGEST_BRANCH = 128, 128


class ProjectDecorator(FlowDecorator):
    """Flows of one project, in branches that don't touch each other.

    A branch is ``user.NAME`` unless ``--branch`` or ``--production`` (or the arguments) say otherwise: ``test.BRANCH``,
    ``prod`` or ``prod.BRANCH``. Runs are tagged ``project:NAME`` and ``project_branch:BRANCH``.
    """

    name = "project"
    defaults: ClassVar[Mapping[str, Any]] = {"name": None, "branch": None, "production": False}

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        name, branch = self.attributes["name"], self.attributes["branch"]
        if name is None:
            raise InvalidDecorator(f"{spec.origin}: @project needs the project's name: @project(name='…')")
        if not isinstance(name, str) or not _is_name(name) or len(name) > _LONGEST_NAME:
            raise refuse(spec, "name", name, f"{_NAME}, at most {_LONGEST_NAME}")
        if branch is not None and not _is_branch(branch):
            raise refuse(spec, "branch", branch, f"{_NAME}, at most {_LONGEST_BRANCH}")
        if not isinstance(self.attributes["production"], bool):
            raise refuse(spec, "production", self.attributes["production"], "True or False")

    @classmethod
    def options(cls) -> Iterable[click.Parameter]:
        """``--branch`` and ``--production``."""
        yield FlowkitOption(
            ["--branch"], metavar="NAME", help="The project's branch to run in. [default: the user's own]"
        )
        yield FlowkitOption(
            ["--production"],
            is_flag=True,
            default=False,
            help="Run in the project's production branch; with --branch, in that branch of production.",
        )

    def shown(self) -> DecoratorSpec:
        """With all arguments."""
        return DecoratorSpec(self.name, self.attributes, self.spec.origin)

    def configure(self, launch: Launch) -> Mapping[str, Any]:
        """The branch, and what it is called."""
        branch, production = self._given(launch.options)
        if branch is not None:
            branch_name = f"{'prod' if production else 'test'}.{branch}"
        else:
            branch_name = "prod" if production else f"user.{launch.username}"
        return {
            "project_name": self.attributes["name"],
            "branch_name": branch_name,
            "is_user_branch": branch is None and not production,
            "is_production": production,
            "project_flow_name": f"{self.attributes['name']}.{branch_name}.{launch.graph.name}",
        }

    def system_tags(self, configured: Mapping[str, Any]) -> Iterable[str]:
        """The project and the branch."""
        return [f"project:{configured['project_name']}", f"project_branch:{configured['branch_name']}"]

    def labels(self, configured: Mapping[str, Any]) -> Mapping[str, str]:
        """The same."""
        return {"project": configured["project_name"], "project_branch": configured["branch_name"]}

    def _given(self, options: Mapping[str, Any]) -> tuple[str | None, bool]:
        """Branch and whether it is production, of the command line or else of the arguments."""
        branch, production = options.get("branch"), bool(options.get("production"))
        for option, given, own in (
            ("branch", branch is not None, self.attributes["branch"]),
            ("production", production, self.attributes["production"]),
        ):
            if given and own not in (None, False):
                raise InvalidDecorator(
                    f"--{option} is given, and {self.spec.origin} says @project({option}={own!r}): take one away"
                )
        if branch is not None and not _is_branch(branch):
            raise InvalidDecorator(f"--branch {branch!r}: the name of a branch must be {_NAME}")
        return (
            branch if branch is not None else self.attributes["branch"],
            production or self.attributes["production"],
        )


def _is_branch(branch: Any) -> bool:
    return isinstance(branch, str) and bool(_is_name(branch)) and len(branch) <= _LONGEST_BRANCH
