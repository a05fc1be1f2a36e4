"""Refusing a request in middleware, in the words of the API's contract."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from web.faults import Refused, fault_of
from web.headers import Receive, Scope, Send


async def refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    error: Refused,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer with what was refused and why, and a request id."""
    fault = fault_of(error)
    response = JSONResponse(fault.body(), status_code=fault.status, headers=headers)
    await response(scope, receive, send)
