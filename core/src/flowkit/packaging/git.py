"""What git knows of a folder: what it ignores there, and which commit it is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

__all__ = ["Repository", "without_credentials"]

#: Seconds after which git isn't waited for any longer.
_PATIENCE = 30.0


class Repository(NamedTuple):
    """The working tree that a folder is in."""

    #: The top of the working tree.
    root: str
    #: The folder that is asked about.
    folder: str

    @classmethod
    def of(cls, folder: str) -> Repository | None:
        """The repository that the folder is in; None if it is in none. Looks at a few names and starts nothing."""
        at = os.path.realpath(folder)
        while True:
            if os.path.lexists(os.path.join(at, ".git")):
                return cls(at, folder)
            above = os.path.dirname(at)
            if above == at:
                return None
            at = above

    def rules(self) -> Iterator[str]:
        """Files whose change may change what is ignored, but for those in the folder itself and below."""
        at = os.path.realpath(self.folder)
        while at != self.root and at != os.path.dirname(at):
            at = os.path.dirname(at)
            yield os.path.join(at, ".gitignore")
        git = os.path.join(self.root, ".git")
        yield os.path.join(git, "info", "exclude")
        yield os.path.join(git, "index")  # a file that is tracked isn't ignored
        yield os.path.join(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"), "git", "ignore")

    def ignored(self) -> frozenset[str]:
        """Paths below the folder that git ignores; a folder's path stands for all that is in it.

        Empty where git can't say (it isn't installed, or refuses the repository), and where the folder itself is
        ignored: whoever runs a flow there wants that flow's code.
        """
        listing = self._git("ls-files", "-o", "-i", "--exclude-standard", "--directory", "-z")
        if listing is None:
            return frozenset()
        paths = {os.fsdecode(one).rstrip("/") for one in listing.split(b"\0") if one}
        return frozenset() if paths & {".", ""} else frozenset(paths)

    def facts(self) -> dict[str, Any]:
        """``commit``, ``branch``, ``dirty`` and ``remote`` as far as they are known; empty where git can't say.

        ``dirty`` says whether tracked files differ from the commit. The remote's address has no credentials.
        """
        status = self._git("status", "--porcelain=v2", "--branch", "--untracked-files=no", "-z")
        if status is None:
            return {}
        facts: dict[str, Any] = {"dirty": False}
        for line in os.fsdecode(status).split("\0"):
            if line.startswith("# branch.oid ") and not line.endswith("(initial)"):
                facts["commit"] = line.removeprefix("# branch.oid ")
            elif line.startswith("# branch.head ") and not line.endswith("(detached)"):
                facts["branch"] = line.removeprefix("# branch.head ")
            elif line and not line.startswith("# "):
                facts["dirty"] = True
        if remote := self._remote():
            facts["remote"] = remote
        return facts

    def _remote(self) -> str:
        listing = self._git("config", "-z", "--get-regexp", r"^remote\..*\.url$")
        urls: dict[str, str] = {}
        for one in os.fsdecode(listing or b"").split("\0"):
            name, _, url = one.partition("\n")
            if url:
                urls.setdefault(name.removeprefix("remote.").removesuffix(".url"), url)
        url = urls.get("origin") or next(iter(urls.values()), "")
        return without_credentials(url)

    def _git(self, *arguments: str) -> bytes | None:
        import subprocess

        command: Sequence[str] = ["git", *arguments]
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout if done.returncode == 0 else None


def without_credentials(url: str) -> str:
    """The address of a remote without what opens it.

    >>> without_credentials("https://me:token@example.com/team/flows.git?key=1")
    'https://example.com/team/flows.git'
    >>> without_credentials("ssh://git:secret@example.com/flows.git")
    'ssh://git@example.com/flows.git'
    >>> without_credentials("git@example.com:team/flows.git")
    'git@example.com:team/flows.git'
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        user, at, host = url.partition("@")
        return f"{user.partition(':')[0]}@{host}" if at and "/" not in user else url
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    if at and scheme in ("ssh", "git+ssh", "ssh+git"):
        host = f"{user.partition(':')[0]}@{host}"
    path = path.partition("?")[0].partition("#")[0]
    return f"{scheme}://{host}{slash}{path}"
