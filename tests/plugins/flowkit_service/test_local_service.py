"""The services of this machine, as clients find them."""

from __future__ import annotations

import os

from flowkit.settings import Settings
from flowkit_service.local_service import LocalService, announce, folder_of, running


def test_a_service_that_ends_while_another_is_looked_for() -> None:
    settings = Settings.load()
    service = LocalService("http://127.0.0.1:2", None, os.getpid(), "")
    announce(settings, 2, service)
    # A name that is listed, and whose file can't be found any more.
    (folder_of(settings) / "1.json").symlink_to("gone")
    assert running(settings) == service
