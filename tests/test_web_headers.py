"""What every response carries, which names are served, and how often one may ask."""

from functools import partial

import pytest
from fastapi.testclient import TestClient

from tests.calling import api_of
from tests.fake_desk import FakeDesk
from web.headers import LOOPBACK_NAMES
from web.pace import BURST, PER_MINUTE, Pace


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/v1/articles"])
def test_every_response_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]

    for rule in (
        "object-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
    ):
        assert rule in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7860", 200),
        ("localhost", 200),
        ("[::1]:7860", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example:7860", 421),
        ("[", 421),
    ],
)
def test_on_loopback_only_names_of_loopback_are_served(
    desk: FakeDesk, host: str, status: int
) -> None:
    with TestClient(api_of(desk, hosts=LOOPBACK_NAMES)) as client:
        assert client.get("/healthz", headers={"host": host}).status_code == status


def test_beyond_loopback_a_client_may_ask_at_a_pace(desk: FakeDesk) -> None:
    now = [0.0]
    app = api_of(desk)
    app.add_middleware(Pace, clock=lambda: now[0])
    with TestClient(app) as client:
        ask = partial(client.post, "/v1/ask", json={"question": "x"})
        assert [ask().status_code for _ in range(BURST + 2)] == [200] * BURST + [429] * 2
        refused = ask()
        assert refused.json()["error"]["hint"] and int(refused.headers["retry-after"]) <= 2
        assert client.get("/healthz").status_code == 200
        now[0] += 60 / PER_MINUTE
        assert [ask().status_code for _ in range(2)] == [200, 429]
