"""Every option that a command of the core shows has a test that would fail without it; here is which.

Options of plugins' commands are the business of the plugins' own tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from typing import Any

import click
import pytest

from flowkit import Config, FlowSpec, Parameter, exit_hook, project, schedule, step, trigger, trigger_on_finish
from flowkit.authoring.decorators import flow_decorators_of
from flowkit.authoring.serialization import serialize
from flowkit.cli.context import AppContext, FlowContext
from flowkit.cli.flow_group import FlowGroup
from flowkit.cli.group import RegistryGroup
from flowkit.cli.options import no_plugin_option, verbose_option
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from support.sources import ROOT


def hook() -> None:
    """A hook."""


@exit_hook(on_success=[hook])
@trigger(event="new-data")
@trigger_on_finish(flow="Upstream")
@schedule
@serialize(x="json")
@project(name="p")
class Everything(FlowSpec):
    config = Config("config", default_value={})
    size = Parameter("size", default=1)

    @step
    def start(self) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        print()


RUN, RESUME, OPTIONS = "core/cli/test_run.py", "core/cli/test_resume.py", "core/cli/test_options.py"
STORES, LOGS, TAG = "core/cli/test_run_stores.py", "core/cli/test_logs_and_dump.py", "core/cli/test_tag.py"
CONFIGURE, CONFIGS, TUTORIALS = "core/cli/test_configure.py", "core/cli/test_configs.py", "core/cli/test_tutorials.py"
NEW, TRACE = "core/cli/test_plugins_new.py", "core/cli/test_plugins_trace.py"
TELEMETRY, PROJECTS = "flows/test_telemetry.py", "flows/test_projects_and_triggers.py"
BEFORE = f"{OPTIONS}::test_flowkit_run_takes_what_stands_before_a_flow_s_command"

SPIN, INTO, LIMITS = "core/cli/test_spin.py", "core/cli/test_resume_into.py", "core/cli/test_run_limits.py"
SCRUB, DEBUG = "core/cli/test_logs_scrub.py", "core/cli/test_debug.py"
IN_PROCESS = "flows/test_in_process.py"
DEPLOYING, LOCAL = "core/cli/test_deploying.py", "core/builtin/test_local_deployer.py"
PACKAGE, CODE, GC = "core/cli/test_package.py", "core/cli/test_code_commands.py", "core/cli/test_gc.py"
STORED, STUBS, MIGRATE = "core/cli/test_show_logs_info.py", "core/cli/test_stubs.py", "core/cli/migrate/test_migrate.py"
STATES = ("pending", "running", "succeeded", "failed", "timed-out", "terminated")

#: Where an option is tested: its command, its longest name, and the test.
TESTED = {
    "flow --datastore": f"{STORES}::test_a_plugins_datastore_and_metadata_provider_are_taken_by_name",
    "flow --datastore-root": f"{STORES}::test_the_datastore_root_and_the_metadata_can_be_elsewhere",
    "flow --metadata": f"{STORES}::test_the_datastore_root_and_the_metadata_can_be_elsewhere",
    "flow --with": f"{RUN}::test_with_adds_a_decorator",
    "flow --event-logger": f"{TELEMETRY}::test_an_event_logger_is_told_of_runs_tasks_and_retries",
    "flow --monitor": f"{TELEMETRY}::test_a_monitor_gets_measurements_with_step_and_project",
    "flow --not-quiet": f"{RUN}::test_quiet_shows_the_tasks_output_and_errors_only",
    "flow --no-plugin": "core/cli/test_plugin_commands.py::test_a_plugin_can_be_left_out",
    "flow --verbose": f"{RUN}::test_verbose_says_how_tasks_start",
    "flow --trigger": f"{PROJECTS}::test_a_run_can_be_made_as_if_another_had_started_it",
    "flow --branch": f"{PROJECTS}::test_a_project_s_branch_is_in_current_and_among_the_tags",
    "flow --production": f"{PROJECTS}::test_a_project_s_branch_is_in_current_and_among_the_tags",
    "flow --config": f"{CONFIGS}::test_a_file_or_a_text_is_given",
    "flow --config-value": f"{CONFIGS}::test_a_file_or_a_text_is_given",
    "flow --environment": f"{LIMITS}::test_an_environment_of_a_plugin_s_is_used_and_an_unknown_one_refused",
    "flow --package-suffixes": f"{PACKAGE}::test_suffixes_are_added",
    "flow package list --no-archive": f"{PACKAGE}::test_list",
    "flow --mode": f"{SPIN}::test_the_mode_spin_makes_commands_read_what_spin_ran",
    "flow run --size": "core/cli/test_run_parameters.py",
    "flow run --namespace": f"{RUN}::test_the_namespace_is_what_the_client_sees_in_tasks",
    "flow run --max-workers": f"{RUN}::test_max_workers_bounds_what_runs_at_once",
    "flow run --max-num-splits": f"{RUN}::test_max_num_splits_bounds_a_foreach",
    "flow run --tag": f"{RUN}::test_tags_are_the_runs",
    "flow run --with": f"{RUN}::test_with_adds_a_decorator",
    "flow run --run-id-file": f"{OPTIONS}::test_the_run_s_id_is_in_its_file_before_the_first_task",
    "flow run --task-start": f"{RUN}::test_verbose_says_how_tasks_start",
    "flow resume --origin-run-id": f"{RESUME}::test_the_origin_can_be_named",
    "flow resume --max-workers": f"{OPTIONS}::test_resume_bounds_what_runs_at_once",
    "flow resume --max-num-splits": f"{OPTIONS}::test_resume_bounds_a_foreach",
    "flow resume --tag": f"{RESUME}::test_tags_arent_inherited_and_can_be_given",
    "flow resume --with": f"{OPTIONS}::test_resume_adds_decorators",
    "flow resume --run-id-file": f"{RESUME}::test_what_finished_is_taken_over_and_the_parameters_too",
    "flow resume --task-start": f"{OPTIONS}::test_resume_starts_tasks_as_asked",
    "flow run --runner-attribute-file": "core/runner/test_runner.py::test_the_attribute_file_says_where_the_run_is",
    "flow resume --runner-attribute-file": "core/runner/test_runner.py::test_the_attribute_file_says_where_the_run_is",
    "flow logs show --no-stdout": f"{LOGS}::test_stdout_of_a_task_is_its_bytes_exactly",
    "flow logs show --no-stderr": f"{LOGS}::test_both_streams_stand_as_they_were_written",
    "flow logs show --no-both": f"{LOGS}::test_both_streams_stand_as_they_were_written",
    "flow logs show --no-timestamps": f"{LOGS}::test_lines_with_their_time",
    "flow logs show --attempt": f"{LOGS}::test_each_attempt_has_its_own_output",
    "flow logs scrub --no-stdout": f"{SCRUB}::test_one_stream_can_be_scrubbed",
    "flow logs scrub --no-stderr": f"{SCRUB}::test_one_stream_can_be_scrubbed",
    "flow logs scrub --no-both": f"{SCRUB}::test_one_stream_can_be_scrubbed",
    "flow logs scrub --attempt": f"{SCRUB}::test_the_latest_attempt_one_attempt_or_all",
    "flow logs scrub --latest": f"{SCRUB}::test_the_latest_attempt_one_attempt_or_all",
    "flow logs scrub --include-not-done": f"{SCRUB}::test_what_isnt_done_is_left_unless_that_is_asked_for",
    "flow output-raw --json": "core/cli/test_output_raw.py::test_json_says_the_same",
    "flow run --max-log-size": f"{LIMITS}::test_output_past_the_limit_is_shown_and_not_stored_and_that_is_said",
    "flow resume --max-log-size": f"{LIMITS}::test_output_past_the_limit_is_shown_and_not_stored_and_that_is_said",
    "flow run --inproc": f"{IN_PROCESS}::test_the_steps_named_run_in_the_launching_process_and_are_stored_as_always",
    "flow resume --inproc": f"{IN_PROCESS}::test_a_run_is_resumed_in_this_process",
    "flow resume --run-id": f"{INTO}::test_the_new_run_has_the_id_that_was_given",
    "flow resume --no-clone-only": f"{INTO}::test_what_can_be_taken_over_is_and_nothing_runs",
    "flow resume --no-reentrant": f"{INTO}::test_reentrant_needs_an_id_and_no_reentrant_is_the_default",
    "flow resume --resume-identifier": f"{INTO}::test_the_process_that_began_goes_on_if_it_is_started_again",
    "flow spin --no-skip-decorators": f"{SPIN}::test_decorators_can_be_left_out",
    "flow spin --artifacts-module": f"{SPIN}::test_a_module_replaces_artifacts",
    "flow spin --no-persist": f"{SPIN}::test_artifacts_are_stored_if_asked_for",
    "flow spin --inproc": f"{SPIN}::test_in_this_process_and_with_a_limit_of_the_log",
    "flow spin --namespace": f"{SPIN}::test_the_namespace_says_which_runs_are_looked_at",
    "flow spin --max-log-size": f"{SPIN}::test_in_this_process_and_with_a_limit_of_the_log",
    "flow spin --run-id-file": f"{SPIN}::test_artifacts_are_stored_if_asked_for",
    "flow spin --runner-attribute-file": f"{SPIN}::test_artifacts_are_stored_if_asked_for",
    "flow dump --no-private": f"{LOGS}::test_private_and_chosen_artifacts",
    "flow dump --max-value-size": f"{LOGS}::test_the_size_of_values_that_are_shown",
    "flow dump --include": f"{LOGS}::test_private_and_chosen_artifacts",
    "flow dump --file": f"{LOGS}::test_a_pickle_of_all_tasks_of_a_step",
    "flow tag add --run-id": f"{TAG}::test_tags_are_added_removed_and_replaced",
    "flow tag add --namespace": f"{TAG}::test_another_user_s_run_is_changed_only_by_naming_the_namespace",
    "flow tag remove --run-id": f"{TAG}::test_tags_are_added_removed_and_replaced",
    "flow tag remove --namespace": f"{OPTIONS}::test_removing_tags_needs_the_namespace_of_the_run",
    "flow tag replace --run-id": f"{TAG}::test_tags_are_added_removed_and_replaced",
    "flow tag replace --namespace": f"{OPTIONS}::test_replacing_tags_needs_the_namespace_of_the_run",
    "flow tag replace --add": f"{TAG}::test_tags_are_added_removed_and_replaced",
    "flow tag replace --remove": f"{TAG}::test_tags_are_added_removed_and_replaced",
    "flow tag list --run-id": f"{OPTIONS}::test_replacing_tags_needs_the_namespace_of_the_run",
    "flow tag list --all": f"{TAG}::test_lists_of_many_runs",
    "flow tag list --my-runs": f"{TAG}::test_lists_of_many_runs",
    "flow tag list --hide-system-tags": f"{TAG}::test_lists_of_many_runs",
    "flow tag list --group-by-tag": f"{TAG}::test_lists_of_many_runs",
    "flow tag list --group-by-run": f"{TAG}::test_lists_of_many_runs",
    "flow tag list --flat": f"{TAG}::test_flat_is_one_tag_a_line_and_nothing_else",
    "flowkit --no-plugin": "core/cli/test_plugins_list.py::test_a_flag_blocks",
    "flowkit --verbose": f"{OPTIONS}::test_flowkit_itself_says_more_when_asked",
    **{
        f"flowkit run --{name}": BEFORE
        for name in (
            [
                "datastore",
                "datastore-root",
                "metadata",
                "with",
                "event-logger",
                "monitor",
                "environment",
                "mode",
                "package-suffixes",
                "no-plugin",
                "verbose",
            ]
        )
    },
    "flowkit run --package-suffixes": f"{OPTIONS}::test_flowkit_run_takes_which_files_are_code",
    "flowkit run --not-quiet": "core/cli/test_run_file.py::test_options_before_the_file_stand_before_the_command",
    "flowkit configure export --profile": f"{OPTIONS}::test_export_of_the_project_s_file_and_over_a_file_that_is_there",
    "flowkit configure export --project": f"{OPTIONS}::test_export_of_the_project_s_file_and_over_a_file_that_is_there",
    "flowkit configure export --force": f"{OPTIONS}::test_export_of_the_project_s_file_and_over_a_file_that_is_there",
    "flowkit configure import --profile": f"{CONFIGURE}::test_a_profile_and_the_project_have_files_of_their_own",
    "flowkit configure import --project": f"{CONFIGURE}::test_a_profile_and_the_project_have_files_of_their_own",
    "flowkit configure import --replace": f"{CONFIGURE}::test_import_merges_and_replaces",
    "flowkit configure reset --profile": f"{OPTIONS}::test_reset_of_one_file_leaves_the_others",
    "flowkit configure reset --project": f"{OPTIONS}::test_reset_of_one_file_leaves_the_others",
    "flowkit configure reset --yes": f"{CONFIGURE}::test_reset_asks",
    "flowkit configure show --profile": f"{CONFIGURE}::test_a_profile_and_the_project_have_files_of_their_own",
    "flowkit configure show --project": f"{CONFIGURE}::test_a_profile_and_the_project_have_files_of_their_own",
    "flowkit configure show --json": f"{CONFIGURE}::test_secrets_are_masked_where_they_are_shown_and_exported_whole",
    "flowkit status --check": "core/cli/test_status_check.py::test_a_configuration_that_works",
    "flowkit status --json": f"{CONFIGURE}::test_secrets_are_masked_where_they_are_shown_and_exported_whole",
    "flowkit debug --file": f"{DEBUG}::test_a_file_that_moved_is_named",
    "flowkit debug --attempt": f"{DEBUG}::test_each_attempt_can_be_opened",
    "flowkit debug --metadata": f"{SPIN}::test_a_failure_is_neither_tried_again_nor_handled",
    "flowkit debug --command": f"{DEBUG}::test_code_that_raises_shows_the_users_frames_alone",
    "flowkit tutorials info --episode": f"{TUTORIALS}::test_info_shows_the_page",
    "flowkit tutorials pull --episode": f"{TUTORIALS}::test_pull_never_overwrites",
    "flowkit tutorials pull --to": f"{TUTORIALS}::test_pull_never_overwrites",
    "flowkit plugins list --json": "core/cli/test_plugins_list.py::test_json_says_the_same",
    "flowkit plugins new --kind": f"{NEW}::test_each_kind_alone",
    "flowkit plugins new --path": f"{NEW}::test_each_kind_alone",
    "flowkit plugins new --json": f"{NEW}::test_json_says_what_was_written",
    "flowkit plugins trace --plugin": f"{TRACE}::test_without_a_command_all_is_listed",
    "flowkit plugins trace --json": f"{TRACE}::test_hooks_are_shown_in_order_with_times_of_all_processes",
    "flowkit plugins why --json": "core/cli/test_plugins_why.py::test_who_else_claims_it",
    "flowkit code diff --dir": f"{CODE}::test_diff_of_another_folder",
    "flowkit code pull --dir": f"{CODE}::test_pull_writes_the_files_to_a_new_folder",
    "flowkit code patch --dir": f"{CODE}::test_a_patch_of_another_folder",
    "flowkit code patch --file_path": f"{CODE}::test_patch_makes_a_file_that_git_applies",
    "flowkit code patch --overwrite": f"{CODE}::test_patch_makes_a_file_that_git_applies",
    **{
        f"flowkit code {command} --metadata": f"{CODE}::test_runs_recorded_elsewhere"
        for command in ("diff", "diff-runs", "patch", "pull")
    },
    **{
        f"flowkit gc --{name}": f"{GC}::test_conditions"
        for name in [
            "older-than",
            "keep-last",
            "status",
            "tag",
            "keep-tag",
            "user",
            "namespace",
            "all-namespaces",
            "datastore",
            "datastore-root",
            "metadata",
            "json",
        ]
    },
    "flowkit gc --unrecorded": f"{GC}::test_what_the_metadata_does_not_have_goes_if_asked_for",
    "flowkit gc --keep-records": f"{GC}::test_records_that_are_kept_say_where_the_artifacts_went",
    "flowkit gc --grace": f"{GC}::test_a_short_grace_period_needs_that_nothing_runs",
    "flowkit gc --dry-run": f"{GC}::test_it_shows_first_and_deletes_if_asked",
    "flowkit gc --yes": f"{GC}::test_records_that_are_kept_say_where_the_artifacts_went",
    "flowkit gc --show-kept": f"{GC}::test_a_resumed_run_keeps_what_it_took_over",
    "flowkit info --json": f"{STORED}::test_info_as_json_and_without_secrets",
    "flowkit show --limit": f"{STORED}::test_a_flow_shows_its_runs",
    "flowkit show --metadata": f"{STORED}::test_runs_recorded_elsewhere",
    "flowkit logs --metadata": f"{STORED}::test_runs_recorded_elsewhere",
    "flowkit logs --attempt": f"{STORED}::test_logs_of_an_earlier_attempt",
    **{
        f"flowkit logs --no-{name}": f"{STORED}::test_logs_of_a_run_a_step_and_a_task"
        for name in ("both", "stderr", "stdout", "timestamps")
    },
    "flowkit migrate --check": f"{MIGRATE}::test_the_difference_is_shown_and_nothing_written",
    "flowkit migrate --diff": f"{MIGRATE}::test_the_difference_is_shown_and_nothing_written",
    "flowkit migrate --yes": f"{MIGRATE}::test_a_flow_says_the_same_on_both",
    "flowkit stubs --install": f"{STUBS}::test_what_is_installed_can_be_uninstalled",
    "flowkit stubs --output": f"{STUBS}::test_what_is_written",
    "flow local --name": f"{DEPLOYING}::test_branches_are_deployments_of_their_own",
    "flow local create --authorize": f"{DEPLOYING}::test_tokens",
    "flow local create --generate-new-token": f"{DEPLOYING}::test_tokens",
    "flow local create --new-token": f"{DEPLOYING}::test_tokens",
    "flow local create --only-json": f"{DEPLOYING}::test_functions_are_called_where_the_flow_is_deployed",
    "flow local create --deployer-attribute-file": f"{DEPLOYING}::test_a_deployers_own_options_and_commands",
    "flow local create --workflow-timeout": f"{LOCAL}::test_the_time_of_a_workflow",
    **{
        f"flow local create --{name}": f"{LOCAL}::test_what_create_is_told_holds_for_all_runs"
        for name in ("namespace", "max-workers", "tag", "with")
    },
    "flow local trigger --size": f"{DEPLOYING}::test_a_deployers_own_options_and_commands",
    "flow local trigger --run-id-file": f"{DEPLOYING}::test_a_deployers_own_options_and_commands",
    "flow local trigger --deployer-attribute-file": f"{LOCAL}::test_what_create_is_told_holds_for_all_runs",
    "flow local delete --authorize": f"{DEPLOYING}::test_what_is_anothers_is_changed_with_its_token",
    "flow local terminate --authorize": f"{DEPLOYING}::test_what_is_anothers_is_changed_with_its_token",
    "flow local list --all": f"{DEPLOYING}::test_branches_are_deployments_of_their_own",
    **{f"flow local list-runs --{state}": f"{LOCAL}::test_runs_are_listed_by_state" for state in STATES},
}
#: ``--help`` is one option for all commands.
HELP = "core/cli/test_help.py::test_every_command_has_help"


@cache
def registry() -> Registry:
    return Registry.discover(Settings.load())


def _entry(name: str, scope: Any) -> Any:
    """Whose command it is; a deployer is a group of commands of a flow."""
    if scope == "flow" and name in registry().names("deployers"):
        return registry().entry("deployers", name)
    return registry().entry("commands", name, scope=scope)


def options_of(command: click.Command, ctx: click.Context, path: str) -> Iterator[str]:
    """Options of a command and of the core's commands below it, as ``flow run --tag``."""
    for param in command.get_params(ctx):
        if isinstance(param, click.Option) and not param.hidden:
            yield f"{path} {max((*param.opts, *param.secondary_opts), key=len)}"
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            entry: Any = None
            if isinstance(command, RegistryGroup):
                entry = _entry(name, "flow" if path == "flow" else "flowkit")
            if path == "flowkit configure" and name in registry().names("commands", scope="configure"):
                continue
            below = command.get_command(ctx, name)
            if below is not None and (entry is None or entry.plugin.name == "builtin"):
                with click.Context(below, parent=ctx, info_name=name) as inner:
                    yield from options_of(below, inner, f"{path} {name}")


def all_options() -> list[str]:
    flow = FlowContext(Everything)
    with click.Context(group := FlowGroup(flow), obj=flow, info_name="flow") as ctx:
        found = list(options_of(group, ctx, "flow"))
    app = AppContext()
    top = RegistryGroup(name="flowkit", params=[no_plugin_option(), verbose_option()])
    with click.Context(top, obj=app, info_name="flowkit") as ctx:
        found += options_of(top, ctx, "flowkit")
    return found


OPTION_NAMES = sorted({option for option in all_options() if not option.endswith(" --help")})


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("option", OPTION_NAMES)
def test_every_option_has_a_test(option: str) -> None:
    assert option in TESTED, "name the test that would fail without this option"


@pytest.mark.parametrize("test", sorted({*TESTED.values(), HELP}))
def test_the_tests_are_there(test: str) -> None:
    file, _, function = test.partition("::")
    assert (ROOT / "tests" / file).is_file()
    if function:
        assert function in functions_of(file)


def test_no_option_is_listed_that_is_not_there() -> None:
    assert set(TESTED) - set(OPTION_NAMES) == set()


def test_the_flow_has_every_flow_decorator() -> None:
    entries = registry().providers("flow_decorators")
    assert {spec.name for spec in flow_decorators_of(Everything)} >= {
        entry.name for entry in entries if entry.plugin.name == "builtin"
    }
