"""The settings of the core: their names, types, defaults, and what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

__all__ = ["LOCAL_FOLDER", "PREFIX", "SETTINGS", "SPIN_FOLDER", "Setting"]

PREFIX = "FLOWKIT_"
#: Name of the folder that holds a project's artifacts, metadata and configuration.
LOCAL_FOLDER = ".flowkit"
#: Name of the folder beside it that holds what ``spin`` ran.
SPIN_FOLDER = ".flowkit_spin"

SettingType = Literal["text", "integer", "switch", "words", "names", "folder"]


@attrs.frozen
class Setting:
    """One setting of the core."""

    #: Without the prefix.
    name: str
    #: ``words`` are separated by blanks, ``names`` by commas or blanks; in a file both may be lists of strings.
    type: SettingType
    default: str | None
    help: str
    #: Other names that are looked for in the same place, after ``name``.
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    minimum: int = 0


#: All settings of the core, from which documentation and ``flowkit configure`` are made.
SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("USER", "text", None, "Who runs flows; else SUDO_USER, USERNAME, USER or LOGNAME says."),
        Setting("HOME", "folder", "~/.flowkitconfig", "Folder of the user's configuration files."),
        Setting("PROFILE", "text", None, "Reads config_PROFILE.json in place of config.json."),
        Setting("NAMESPACE", "text", None, "Namespace of runs and of the client; user:NAME if it isn't set."),
        Setting("DEFAULT_DATASTORE", "text", "local", "Where artifacts are stored.", aliases=("DATASTORE",)),
        Setting("DEFAULT_METADATA", "text", "local", "Where runs are recorded.", aliases=("METADATA",)),
        Setting(
            "DATASTORE_SYSROOT_LOCAL",
            "folder",
            None,
            f"Folder whose {LOCAL_FOLDER} holds local artifacts and metadata; else the nearest {LOCAL_FOLDER} upwards.",
        ),
        Setting("MAX_WORKERS", "integer", "16", "How many tasks of a run are run at once on this machine.", minimum=1),
        Setting(
            "MAX_NUM_SPLITS",
            "integer",
            None,
            "Refuse a foreach of more items than this; without it, one of more than 100 is only warned about.",
            minimum=1,
        ),
        Setting(
            "MAX_LOG_SIZE",
            "integer",
            "10",
            "Megabytes (2**20 bytes) of each of a task's two streams that are stored; what follows is only shown.",
            minimum=1,
        ),
        Setting(
            "KEEP_LOCALS",
            "switch",
            "true",
            "Keep the local variables of a failed step's frames, cut short and without secrets, for flowkit debug.",
        ),
        Setting("UI_URL", "text", None, "Address of pages of runs; a run says its own, URL/FLOW/RUN, when it starts."),
        Setting("DEFAULT_DECOSPECS", "words", None, "Decorators for every step, as in --with."),
        Setting("DEFAULT_EVENT_LOGGER", "text", None, "What gets events of runs and tasks, as --event-logger."),
        Setting("DEFAULT_MONITOR", "text", None, "What gets measurements of runs and tasks, as --monitor."),
        Setting(
            "DEFAULT_FROM_DEPLOYMENT_IMPL",
            "text",
            None,
            "Deployer that DeployedFlow.from_deployment asks, as argo-workflows; all installed ones if it isn't set.",
        ),
        Setting("DEFAULT_SECRETS_BACKEND_TYPE", "text", None, "Type of the secrets that name none in @secrets."),
        Setting("DEFAULT_SECRETS_ROLE", "text", None, "Role for the secrets that name none in @secrets."),
        Setting("PLUGINS", "names", None, "The only plugins that may be used; all installed ones if it isn't set."),
        Setting("NO_PLUGIN", "names", None, "Plugins that aren't used, by the plugin's or the distribution's name."),
        Setting(
            "TRACE_PLUGINS",
            "text",
            None,
            "Shows what is asked of plugins, with times: on stderr if 1, else added to the file that it names.",
        ),
        Setting(
            "TASK_START",
            "text",
            "auto",
            "How tasks on this machine get a process: fork, spawn, or whichever is safe and fast.",
            choices=("auto", "fork", "spawn"),
        ),
        Setting(
            "SERIALIZERS",
            "names",
            None,
            "Which serializer stores values of a type: TYPE=NAME, with the type's dotted name, as "
            "pandas.DataFrame=parquet.",
        ),
        Setting("STORE_CODE", "switch", "true", "Store the code of every run with it."),
        Setting(
            "DEFAULT_PACKAGE_SUFFIXES",
            "names",
            ".py,.R,.RDS",
            "Suffixes of the files that are a flow's code; --package-suffixes adds to them.",
        ),
        Setting("CODE_WARN_SIZE", "integer", "20", "MB from which a run warns of the size of its code, packed."),
        Setting(
            "CODE_MAX_ENTRIES",
            "integer",
            "50000",
            "Files and folders in a flow's folder, past which its code isn't stored.",
            minimum=1,
        ),
        Setting("CODE_MAX_SIZE", "integer", None, "MB past which code isn't stored; no limit if it isn't set."),
        Setting(
            "CLIENT_CACHE_PATH",
            "folder",
            "~/.cache/flowkit",
            "Folder for copies of what the client reads from stores that aren't on this machine.",
        ),
        Setting(
            "CLIENT_CACHE_MAX_SIZE", "integer", "10000", "MB (1,048,576 bytes) that these copies may take; 0 for none."
        ),
        Setting(
            "CLIENT_CACHE_MAX_FLOWDATASTORE_COUNT",
            "integer",
            "50",
            "How many stores of flows the client keeps open at once.",
            minimum=1,
        ),
        Setting("DATATOOLS_SUFFIX", "text", "data", "Folder for files of data tools, below the datastore's root."),
        Setting("DATATOOLS_LOCALROOT", "folder", None, "Folder for local files of data tools."),
        Setting("DATATOOLS_WORKERS", "integer", "32", "How many objects data tools fetch or store at once.", minimum=1),
        Setting(
            "GC_GRACE",
            "text",
            "24h",
            "How long flowkit gc spares what was just written or found, as 36h or 2d; the same for all who share a "
            "datastore.",
        ),
        Setting("FSYNC", "switch", "false", "Wait for the disk at each write: safe against loss of power, and slow."),
        Setting(
            "PLUGIN_INSTALL",
            "text",
            "pip install ./plugins/{folder} in a clone of FlowKit",
            "What to tell users who lack a plugin; {distribution} and {folder} are filled in.",
        ),
    )
}
