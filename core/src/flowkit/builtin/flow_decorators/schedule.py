"""``@schedule``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from flowkit.builtin.step_decorators.arguments import refuse
from flowkit.errors import InvalidDecorator
from flowkit.interfaces.flow_decorator import FlowDecorator
from flowkit.model.graph import DecoratorSpec

__all__ = ["ScheduleDecorator"]

_PERIODS = ("hourly", "daily", "weekly")
_is_field = re.compile(r"[0-9A-Za-z*?,/#-]+").fullmatch


class ScheduleDecorator(FlowDecorator):
    """When a deployed flow is run. Runs on this machine take no notice of it."""

    name = "schedule"
    defaults: ClassVar[Mapping[str, Any]] = {
        "hourly": False,
        "daily": False,
        "weekly": False,
        "cron": None,
        "timezone": None,
    }

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        for period in _PERIODS:
            if not isinstance(self.attributes[period], bool):
                raise refuse(spec, period, self.attributes[period], "True or False")
        cron = self.attributes["cron"]
        if cron is not None and not _is_cron(cron):
            raise refuse(spec, "cron", cron, "a text of 5 fields, or 6 with years, as '0 6 * * 1-5'")
        chosen = [name for name in (*_PERIODS, "cron") if self.attributes[name]]
        if len(chosen) > 1:
            raise InvalidDecorator(f"{spec.origin}: @schedule has {' and '.join(chosen)}: choose one")
        if not chosen:
            if spec.attributes.get("daily") is False:
                raise InvalidDecorator(f"{spec.origin}: @schedule needs one of hourly, daily, weekly and cron")
            self.attributes["daily"] = True
        self._check_timezone()

    def shown(self) -> DecoratorSpec:
        """With all arguments; exactly one of ``hourly``, ``daily``, ``weekly`` and ``cron`` is set."""
        return DecoratorSpec(self.name, self.attributes, self.spec.origin)

    def _check_timezone(self) -> None:
        zone = self.attributes["timezone"]
        if zone is None:
            return
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(zone)
        except (TypeError, ValueError, OSError, KeyError):
            raise refuse(self.spec, "timezone", zone, "the name of a time zone, as 'Europe/Berlin'") from None


def _is_cron(text: Any) -> bool:
    fields = text.split() if isinstance(text, str) else []
    return len(fields) in (5, 6) and all(map(_is_field, fields))
