"""What is to be deployed: the flow's plan, its code, and what the command line says."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.authoring.config_value import ConfigValue
from flowkit.authoring.deploy_time import deploying
from flowkit.authoring.parameters import ParameterContext
from flowkit.cli.deploying.target import DeployTarget
from flowkit.compile.compiler import CompiledFlow, check
from flowkit.compile.plan import make_plan
from flowkit.engine.system_tags import system_tags
from flowkit.errors import ConfigurationError
from flowkit.model.deployment import DeploymentRequest
from flowkit.model.parameter import ParameterSpec
from flowkit.model.plan import Plan

if TYPE_CHECKING:
    from flowkit.authoring.parameters import Parameter

__all__ = ["make_request", "stored_code"]

#: Their values are in the request by other names.
_TOLD_OTHERWISE = frozenset({"config", "config_value", "decospecs", "datastore", "datastore_root", "metadata"})


def make_request(
    target: DeployTarget, given: Mapping[str, Any], token: str, own: Mapping[str, Any]
) -> tuple[DeploymentRequest, CompiledFlow]:
    """The request, without the code.

    Parameters
    ----------
    given
        Values of the options that all deployers have.
    token
        The deployment's production token.
    own
        Values of the deployer's own options.

    Raises
    ------
    GraphError
        If the flow isn't valid.
    FlowkitError
        If a function that is called where the flow is deployed raises, or a configuration isn't of JSON values.
    """
    context = target.context
    compiled = context.compile(given["decospecs"])
    check(compiled)
    around = target.surroundings_of(compiled)
    session = around.session
    facts = ParameterContext(
        flow_name=compiled.name,
        user_name=around.username,
        parameter_name="",
        ds_type=session.datastore_ref.name,
        configs=ConfigValue({one.definition.name: one.value for one in compiled.configs}),
        project_name=around.project.get("project_name"),
        branch_name=around.project.get("branch_name"),
    )
    tags = [tag for one in compiled.flow_decorators for tag in one.system_tags(around.decorators[one.name])]
    request = DeploymentRequest(
        plan=_plan(compiled, facts),
        name=target.name,
        datastore=session.datastore_ref,
        metadata=session.metadata_ref,
        username=around.username,
        production_token=token,
        namespace=given["namespace"] if given["namespace"] is not None else f"production:{token}",
        tags=tuple(given["tags"]),
        system_tags=tuple(sorted({*system_tags(around.username), *tags, f"production:{token}"})),
        max_workers=given["max_workers"],
        workflow_timeout=given["workflow_timeout"],
        variables=context.registry.variables(),
        entry=os.path.basename(compiled.file),
        decospecs=context.decospecs(given["decospecs"]),
        configs={
            one.definition.name: _json("configuration", one.definition.name, one.value) for one in compiled.configs
        },
        decorators=around.decorators,
        project=around.project,
        flow_options={
            name: _json("option", name, value)
            for name, value in context.options.items()
            if name not in _TOLD_OTHERWISE and value not in (None, (), False)
        },
        options=own,
    )
    return request, compiled


def stored_code(target: DeployTarget, compiled: CompiledFlow) -> tuple[str, str]:
    """Store the flow's code in its datastore. The package's hash, and a warning about its size, if there is one."""
    from flowkit.artifacts.layout import code_keep_key, code_key
    from flowkit.packaging.size import SizeLimits
    from flowkit.packaging.storing import code_source, pack_code

    context = target.context
    with closing(context.session(compiled)) as session:
        source = code_source(compiled, (*context.settings.package_suffixes, *context.package_suffixes))
        package = pack_code(source, SizeLimits.of(context.settings))
        sha256 = package.archive.sha256
        session.datastore.put(code_key(compiled.name, sha256), [package.archive.content])
        # No run names it before one is started, perhaps in a year.
        session.datastore.put(code_keep_key(compiled.name, sha256), [])
    return package.archive.sha256, package.warning


def _plan(compiled: CompiledFlow, facts: ParameterContext) -> Plan:
    with deploying(facts):
        decorators = tuple(one.deployed(facts) for one in compiled.flow_decorators)
        parameters = tuple(_parameter(one, facts) for one in compiled.parameters)
    return attrs.evolve(make_plan(compiled), decorators=decorators, parameters=parameters)


def _parameter(parameter: Parameter, facts: ParameterContext) -> ParameterSpec:
    """The parameter, with the default that its function computes now: that counts for all runs."""
    spec = parameter.spec()
    if not spec.default_is_computed:
        return spec
    value = parameter.evaluate_default(attrs.evolve(facts, parameter_name=parameter.name))
    if parameter.kind == "file":
        # It is read where the run starts; until then, all that is known is that there is one.
        return spec
    value = _json("default of the parameter", parameter.name, value)
    return attrs.evolve(spec, default=value, has_default=value is not None)


def _json(what: str, name: str, value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"the {what} {name!r} can't be deployed: {error}; it must be made of dicts, lists, texts and numbers"
        ) from None
