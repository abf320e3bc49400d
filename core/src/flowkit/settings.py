"""Configuration: environment variables, the project's file, the user's file, defaults.

A setting ``MAX_WORKERS`` is looked for, first found wins:

1. in the environment, as ``FLOWKIT_MAX_WORKERS``;
2. in the project's ``.flowkit/config.json``, where ``.flowkit`` is the nearest one from the working folder upwards;
3. in ``$FLOWKIT_HOME/config.json`` (``config_NAME.json`` with ``FLOWKIT_PROFILE=NAME``); FLOWKIT_HOME is
   ``~/.flowkitconfig`` if it isn't set;
4. in :data:`SETTINGS`, the table of defaults.

A file is one JSON object; its keys are names of settings, with or without ``FLOWKIT_`` before them. An empty value is
no value. Names that aren't in the table (those of plugins) are found in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from flowkit.errors import ConfigurationError
from flowkit.settings_table import LOCAL_FOLDER, PREFIX, SETTINGS, SPIN_FOLDER, Setting

__all__ = [
    "LOCAL_FOLDER",
    "PREFIX",
    "SETTINGS",
    "SPIN_FOLDER",
    "Setting",
    "Settings",
    "check_values",
    "project_file",
    "user_file",
]

#: A project's configuration, in its ``.flowkit``; the user's, where no profile is chosen.
_FILE = "config.json"
_ALIASES = {alias: setting.name for setting in SETTINGS.values() for alias in setting.aliases}
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


@attrs.frozen
class _Source:
    """One place that settings come from: names in capitals and without the prefix."""

    label: str
    values: Mapping[str, Any]
    #: Of a file, whether it is there or not.
    path: Path | None = None

    def describe(self, name: str) -> str:
        return f"{self.label} {PREFIX}{name}" if self.label == "environment variable" else self.label


@attrs.frozen(eq=False)
class Settings:
    """The configuration of one process, as it was when it was loaded."""

    _sources: tuple[_Source, ...]
    _environ: Mapping[str, str]
    cwd: Path
    #: The user's folder of configuration files.
    home: Path
    #: The nearest ``.flowkit`` from the working folder upwards, if there was one.
    _project: Path | None

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, cwd: Path | str | None = None) -> Settings:
        """Read the configuration.

        Parameters
        ----------
        environ
            In place of the process's environment.
        cwd
            In place of the working folder.

        Raises
        ------
        ConfigurationError
            If a configuration file can't be read or isn't a JSON object, or a profile's file isn't there.
        """
        values = dict(os.environ if environ is None else environ)
        folder = Path(os.path.realpath(cwd or Path.cwd()))
        project = _nearest_local_folder(folder)
        variables = {name[len(PREFIX) :]: value for name, value in values.items() if name.startswith(PREFIX)}
        sources = [_Source("environment variable", variables)]
        if project is not None:
            sources.append(_read_file(project / _FILE, required=False))
        # A project may choose the profile, but not where the user's files are.
        home = Path(os.path.expanduser(variables.get("HOME") or SETTINGS["HOME"].default or ""))
        profile = next((source.values["PROFILE"] for source in sources if source.values.get("PROFILE")), None)
        sources.append(_read_file(user_file(home, profile), required=bool(profile)))
        return cls(tuple(sources), values, folder, home, project)

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables that it was loaded with, all of them, for processes that are to have the same."""
        return self._environ

    # --- any setting -----------------------------------------------------------------------------------------------

    def get(self, name: str) -> str | None:
        """The value of a setting, with or without the prefix, as text; its default, or None, if it isn't set."""
        value, _ = self._find(name)
        if value is None:
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list | tuple):
            return " ".join(map(str, value))
        if isinstance(value, dict):
            import json

            return json.dumps(value)
        return str(value)

    def source(self, name: str) -> str:
        """Where the value comes from: ``environment variable FLOWKIT_X``, ``file …`` or ``default``."""
        return self._find(name)[1]

    @property
    def files(self) -> tuple[Path, ...]:
        """The configuration files that were looked for, first the one that counts before the others."""
        return tuple(source.path for source in self._sources if source.path is not None)

    def values(self) -> Mapping[str, Any]:
        """All that is set, for plugins too: names without the prefix, sorted, and the values as they were written."""
        found = {_ALIASES.get(name, name) for source in self._sources for name in source.values}
        return {name: value for name in sorted(found) if (value := self._find(name)[0]) is not None}

    def _find(self, name: str) -> tuple[Any, str]:
        key = name.upper().removeprefix(PREFIX)
        key = _ALIASES.get(key, key)
        setting = SETTINGS.get(key)
        names = (key, *setting.aliases) if setting else (key,)
        for source in self._sources:
            for candidate in names:
                value = source.values.get(candidate)
                if value is not None and value != "":
                    return value, source.describe(candidate)
        return (setting.default if setting else None), "default"

    # --- the core's own --------------------------------------------------------------------------------------------

    @property
    def username(self) -> str:
        """Who runs flows. Raises ConfigurationError if nothing says."""
        if user := self.get("USER"):
            return user
        names = [self._environ.get(name) for name in ("SUDO_USER", "USERNAME", "USER", "LOGNAME")]
        # Under sudo, and in containers that set one of the others, "root" is the least telling of the names.
        if known := sorted((name for name in names if name), key=lambda name: name == "root"):
            return known[0]
        try:
            import pwd

            return pwd.getpwuid(os.getuid()).pw_name
        except (ImportError, KeyError):
            raise ConfigurationError("nothing says who you are: set FLOWKIT_USER to a name") from None

    @property
    def profile(self) -> str | None:
        """Name of the user's configuration that was read; None for the plain one."""
        return self.get("PROFILE")

    @property
    def namespace(self) -> str | None:
        """The namespace that was configured; None for the user's own."""
        return self.get("NAMESPACE")

    @property
    def datastore(self) -> str:
        """Name of the datastore for new runs."""
        return self._text("DEFAULT_DATASTORE")

    @property
    def metadata(self) -> str:
        """Name of the metadata provider."""
        return self._text("DEFAULT_METADATA")

    def datastore_root(self, name: str) -> str | None:
        """Root of the datastore ``name``: DATASTORE_SYSROOT_<NAME>. For ``local``, :meth:`local_root`."""
        if name == "local":
            return str(self.local_root())
        return self.get(f"DATASTORE_SYSROOT_{name.upper().replace('-', '_')}")

    def local_root(self) -> Path:
        """The folder of local artifacts and metadata; it may not exist yet."""
        if root := self.get("DATASTORE_SYSROOT_LOCAL"):
            return (self.cwd / os.path.expanduser(root) / LOCAL_FOLDER).absolute()
        return self._project or self.cwd / LOCAL_FOLDER

    @property
    def max_workers(self) -> int:
        """How many tasks of a run are run at once on this machine."""
        return self._integer("MAX_WORKERS")

    @property
    def max_num_splits(self) -> int | None:
        """How many items a foreach may have; None for no limit."""
        return self._integer("MAX_NUM_SPLITS") if self.get("MAX_NUM_SPLITS") is not None else None

    @property
    def max_log_size(self) -> int:
        """Megabytes of each of a task's streams that are kept."""
        return self._integer("MAX_LOG_SIZE")

    @property
    def keep_locals(self) -> bool:
        """Whether a failed attempt keeps the local variables of its frames."""
        return self._switch("KEEP_LOCALS")

    @property
    def default_decospecs(self) -> tuple[str, ...]:
        """Decorators for every step, as text."""
        return self._list("DEFAULT_DECOSPECS")

    @property
    def plugins_allowed(self) -> tuple[str, ...] | None:
        """The only plugins that may be used; None for all."""
        return self._list("PLUGINS") if self.get("PLUGINS") is not None else None

    @property
    def plugins_blocked(self) -> tuple[str, ...]:
        """Plugins that aren't used."""
        return self._list("NO_PLUGIN")

    @property
    def task_start(self) -> str:
        """``auto``, ``fork`` or ``spawn``."""
        return self._text("TASK_START")

    @property
    def fsync(self) -> bool:
        """Whether writes wait for the disk."""
        return self._switch("FSYNC")

    @property
    def gc_grace(self) -> str:
        """How long garbage collection spares what was just written or found, as ``24h``."""
        return self._text("GC_GRACE")

    @property
    def stores_code(self) -> bool:
        """Whether the code of every run is stored."""
        return self._switch("STORE_CODE")

    @property
    def package_suffixes(self) -> tuple[str, ...]:
        """Suffixes of the files that are a flow's code."""
        return self._list("DEFAULT_PACKAGE_SUFFIXES")

    @property
    def code_warn_size(self) -> int:
        """Bytes from which a run warns of the size of its code."""
        return self._integer("CODE_WARN_SIZE") * 1_000_000

    @property
    def code_max_entries(self) -> int:
        """Files and folders in a flow's folder, past which its code isn't stored."""
        return self._integer("CODE_MAX_ENTRIES")

    @property
    def code_max_size(self) -> int | None:
        """Bytes past which code isn't stored; None for no limit."""
        return self._integer("CODE_MAX_SIZE") * 1_000_000 if self.get("CODE_MAX_SIZE") is not None else None

    @property
    def client_cache_path(self) -> Path:
        """Folder for copies of what the client reads from remote stores; it may not exist yet."""
        return (self.cwd / os.path.expanduser(self._text("CLIENT_CACHE_PATH"))).absolute()

    @property
    def client_cache_max_bytes(self) -> int:
        """What these copies may take."""
        return self._integer("CLIENT_CACHE_MAX_SIZE") << 20

    @property
    def client_cache_max_stores(self) -> int:
        """How many stores of flows the client keeps open at once."""
        return self._integer("CLIENT_CACHE_MAX_FLOWDATASTORE_COUNT")

    @property
    def datatools_workers(self) -> int:
        """How many objects data tools fetch or store at once."""
        return self._integer("DATATOOLS_WORKERS")

    @property
    def serializers(self) -> Mapping[str, str]:
        """Names of serializers by the dotted type of the values that they are to store."""
        chosen: dict[str, str] = {}
        for text in self._list("SERIALIZERS"):
            kind, equals, name = text.partition("=")
            if not (kind and equals and name):
                raise self._wrong("SERIALIZERS", "of the form TYPE=NAME, as pandas.DataFrame=parquet")
            chosen[kind] = name
        return chosen

    @property
    def plugin_install(self) -> str:
        """What to tell users who lack a plugin, with ``{distribution}`` and ``{folder}`` in it."""
        return self._text("PLUGIN_INSTALL")

    # --- conversions -----------------------------------------------------------------------------------------------

    def check(self, setting: Setting) -> None:
        """Raise ConfigurationError if the value of a setting that has one is none of its type."""
        if setting.name == "SERIALIZERS":
            _ = self.serializers
        elif setting.type == "integer":
            self._integer(setting.name)
        elif setting.type == "switch":
            self._switch(setting.name)
        elif setting.type in ("text", "folder"):
            self._text(setting.name)
            value, _ = self._find(setting.name)
            if isinstance(value, dict | list):
                raise self._wrong(setting.name, "text")

    def _text(self, name: str) -> str:
        value = self.get(name) or ""
        choices = SETTINGS[name].choices
        if choices and value not in choices:
            raise self._wrong(name, f"one of {', '.join(choices)}")
        return value

    def _integer(self, name: str) -> int:
        setting = SETTINGS[name]
        try:
            value = int(self.get(name) or "")
        except ValueError:
            value = setting.minimum - 1
        if value < setting.minimum:
            raise self._wrong(name, f"a whole number from {setting.minimum} up")
        return value

    def _switch(self, name: str) -> bool:
        value = (self.get(name) or "").lower()
        if value not in _YES | _NO:
            raise self._wrong(name, "true or false")
        return value in _YES

    def _list(self, name: str) -> tuple[str, ...]:
        value, _ = self._find(name)
        if value is None:
            return ()
        if isinstance(value, list):
            return tuple(map(str, value))
        text = str(value)
        return tuple((text.replace(",", " ") if SETTINGS[name].type == "names" else text).split())

    def _wrong(self, name: str, wanted: str) -> ConfigurationError:
        value, source = self._find(name)
        return ConfigurationError(f"{PREFIX}{name} must be {wanted}, and is {value!r} ({source})")


def user_file(home: Path, profile: str | None) -> Path:
    """The user's configuration file, of a profile or the plain one. Raises ConfigurationError for an odd name."""
    if not profile:
        return home / _FILE
    if not all(letter.isalnum() or letter in "-_." for letter in str(profile)):
        raise ConfigurationError(f"{profile!r} can't be a profile's name: use letters, digits, - _ and .")
    return home / f"config_{profile}.json"


def check_values(values: Mapping[str, Any], where: str) -> None:
    """Check the values of settings of the core, named with or without the prefix.

    Parameters
    ----------
    where
        Where they come from, for messages.

    Raises
    ------
    ConfigurationError
        That names the first value that its setting can't have.
    """
    named = {str(name).upper().removeprefix(PREFIX): value for name, value in values.items()}
    settings = Settings((_Source(where, named),), {}, Path(), Path(), None)
    for name in named:
        setting = SETTINGS.get(_ALIASES.get(name, name))
        if setting is not None and settings.get(name) is not None:
            settings.check(setting)


def project_file(cwd: Path) -> Path:
    """The project's configuration file: in the nearest ``.flowkit`` from ``cwd`` upwards, else in one of its own."""
    return (_nearest_local_folder(cwd) or cwd / LOCAL_FOLDER) / _FILE


def _nearest_local_folder(cwd: Path) -> Path | None:
    for folder in (cwd, *cwd.parents):
        candidate = folder / LOCAL_FOLDER
        if candidate.is_dir():
            return candidate
    return None


def _read_file(path: Path, *, required: bool) -> _Source:
    label = f"file {path}"
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if required:
            raise ConfigurationError(f"there is no {path}, which FLOWKIT_PROFILE asks for") from None
        return _Source(label, {}, path)
    except OSError as error:
        raise ConfigurationError(f"the configuration {path} can't be read: {error.strerror}") from None
    import json

    try:
        values = json.loads(content)
    except ValueError as error:
        raise ConfigurationError(f"the configuration {path} isn't valid JSON ({error}): mend or remove it") from None
    if not isinstance(values, dict):
        raise ConfigurationError(f"the configuration {path} must be one JSON object")
    return _Source(label, {str(name).upper().removeprefix(PREFIX): value for name, value in values.items()}, path)
