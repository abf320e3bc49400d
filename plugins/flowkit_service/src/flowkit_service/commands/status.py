"""``flowkit service status``."""

from __future__ import annotations

import json
import time
from typing import Any

from flowkit.plugin import AppContext, Page, RunFilter
from flowkit_service.client.endpoint import Endpoint
from flowkit_service.client.provider import ServiceMetadata
from flowkit_service.client.transport import Transport
from flowkit_service.errors import ServiceError
from flowkit_service.protocol import EXTENSION_HEADER, VERSION_HEADER

__all__ = ["SILENCE_SECONDS", "show_status"]

#: A running run gives a sign of life every ten seconds; after so long without one it is dead.
SILENCE_SECONDS = 60.0
#: Running runs that are looked at.
_MOST = 10_000


def show_status(context: AppContext, *, as_json: bool) -> None:
    """Write what the service says of itself and its runs to stdout."""
    report = _report(context)
    if as_json:
        context.console.result(json.dumps(report, indent=2, ensure_ascii=False))
        return
    write = context.console.result
    write(f"service   {report['url']} ({report['kind']}, interface {report['version']})")
    write(f"answers   in {report['milliseconds']} ms")
    write(f"flows     {report['flows']}")
    write(f"running   {report['running']} runs")
    write(f"dead      {len(report['dead'])} runs" + (f": {', '.join(report['dead'][:10])}" if report["dead"] else ""))


def _report(context: AppContext) -> dict[str, Any]:
    endpoint = Endpoint.find("", context.settings)
    # Somebody waits for the answer: whether it is there now.
    transport = Transport(endpoint, 2.0)
    began = time.perf_counter()
    answer = transport.request("GET", "/ping")
    milliseconds = (time.perf_counter() - began) * 1000
    transport.close()
    if not answer.is_good:
        raise ServiceError(f"there is no metadata service at {endpoint.url}: it answered {answer.status} to /ping")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    provider = ServiceMetadata(endpoint, read_only=True, patience=2.0)
    try:
        flows = list(provider.flows())
        running = _running(provider, flows)
    finally:
        provider.close()
    now = time.time()
    dead = [run for run in running if now - (run.heartbeat_at or run.created_at) > SILENCE_SECONDS]
    return {
        "url": endpoint.url,
        "kind": "FlowKit's" if EXTENSION_HEADER.lower() in headers else "REST interface only",
        "version": headers.get(VERSION_HEADER.lower(), "unknown"),
        "milliseconds": round(milliseconds, 1),
        "flows": len(flows),
        "running": len(running) - len(dead),
        "dead": [f"{run.flow}/{run.run_id}" for run in dead],
    }


def _running(provider: ServiceMetadata, flows: list[str]) -> list[Any]:
    found: list[Any] = []
    for flow in flows:
        found.extend(provider.runs(flow, RunFilter(status="running"), Page(_MOST)).items)
    return found
