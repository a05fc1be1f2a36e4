"""Who gets in, what they may do, and that nobody meets what is another's."""

import base64
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.browsing import GOOD
from tests.people import PAGE, People, logged_in, stranger
from web.api import handle_errors, routes
from web.asking import Asker
from web.login import COOKIE, MAX_FORM_BYTES, Login
from web.login_page import local_path
from web.pace import USER_BURST
from web.serve import _fence
from web.throttle import BY_CLIENT, BY_NAME, Throttle
from web.visitors import LOCAL, Visitor, visitor_html


@pytest.fixture
def small(people: People) -> Iterator[TestClient]:
    """The application without the page, in this process, with a throttle of its own."""
    app = FastAPI()
    _fence(app, people.desk, None, people.users)  # type: ignore[arg-type]
    handle_errors(app)
    app.include_router(routes(people.desk, Asker(people.desk)))  # type: ignore[arg-type]
    with TestClient(app, base_url="https://byline.example", follow_redirects=False) as client:
        yield client


# --- in and out ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "goal"), [("/", "/login"), ("/?x=1", "/login?next=%2F%3Fx%3D1"), ("/config", None)]
)
def test_a_stranger_is_sent_to_the_page_to_log_in(
    people: People, path: str, goal: str | None
) -> None:
    with stranger(people.url) as client:
        response = client.get(path, headers=PAGE)

    assert response.status_code == 303
    assert response.headers["location"] == (goal or "/login?next=%2Fconfig")
    assert "no-store" in response.headers["cache-control"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/articles"),
        ("POST", "/v1/ask"),
        ("GET", "/page/library"),
        ("GET", "/config"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/queue/data?session_hash=x"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/assets/x.js"),
        ("POST", "/"),
        ("POST", "/healthz"),
        ("GET", "/s/a/b"),
        ("POST", "/s/abc"),
        ("GET", "/healthz/../v1/articles"),
        ("GET", "//v1/articles"),
    ],
)
def test_without_a_login_the_api_answers_401(people: People, method: str, path: str) -> None:
    with stranger(people.url) as client:
        response = client.request(method, path)

    assert response.status_code == 401
    assert set(response.json()["error"]) == {"message", "hint", "request_id"}


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/login", 200), ("/s/abc", 404)])
def test_some_addresses_need_no_login(people: People, path: str, status: int) -> None:
    with stranger(people.url) as client:
        assert client.get(path).status_code == status


def test_a_session_opens_the_page_until_it_is_logged_out(people: People) -> None:
    with logged_in(people.url, "ann") as client:
        token = client.cookies[COOKIE]
        page = client.get("/", headers=PAGE)
        assert page.status_code == 200 and "gradio" in page.text
        assert page.headers["cache-control"] == "private, no-store"
        assert client.get("/v1/articles").status_code == 200
        assert client.get("/login").headers["location"] == "/"

        assert client.get("/logout").status_code == 303  # a link logs nobody out
        assert client.get("/v1/articles").status_code == 200
        out = client.post("/logout")
        assert out.headers["location"] == "/login" and "storage" in out.headers["clear-site-data"]
        assert COOKIE not in client.cookies
        old = {"cookie": f"{COOKIE}={token}"}
        assert httpx.get(f"{people.url}/v1/articles", headers=old).status_code == 401


def test_the_cookie_is_for_our_pages_alone(small: TestClient, people: People) -> None:
    over_https = small.post("/login", data={"name": "ann", "password": GOOD})
    flags = over_https.headers["set-cookie"].lower()
    for flag in ("httponly", "samesite=strict", "path=/", "secure", f"max-age={30 * 86_400}"):
        assert flag in flags
    with stranger(people.url) as client:
        data = {"name": "ann", "password": GOOD}
        forwarded = {"x-forwarded-proto": "https"}
        plain = client.post("/login", data=data, headers=forwarded)
    flags = plain.headers["set-cookie"].lower()
    assert "httponly" in flags and "secure" not in flags and "domain" not in flags


def test_a_new_login_is_a_new_session_and_ends_the_old(people: People) -> None:
    with logged_in(people.url, "ann") as client:
        before = client.cookies[COOKIE]
        client.post("/login", data={"name": "ann", "password": GOOD})
        assert client.cookies[COOKIE] != before
        headers = {"cookie": f"{COOKIE}={before}"}
        assert httpx.get(f"{people.url}/v1/articles", headers=headers).status_code == 401


def test_an_unknown_name_is_told_like_a_wrong_password(small: TestClient) -> None:
    wrong = small.post("/login", data={"name": "ann", "password": "nope nope"})
    nobody = small.post("/login", data={"name": "zoe", "password": "nope nope"})

    assert wrong.status_code == nobody.status_code == 401
    assert wrong.text.replace("ann", "zoe") == nobody.text
    assert 'role="alert"' in wrong.text and "set-cookie" not in wrong.headers


def test_the_form_says_what_browsers_and_readers_need(small: TestClient) -> None:
    text = small.get("/login?next=/x%22%3E%3Cscript%3E").text

    assert "<script" not in text and "onerror" not in text
    for said in ('autocomplete="username"', 'autocomplete="current-password"', 'for="name"',
                 'for="password"', 'lang="en"', "scheme: dark", "viewport"):  # fmt: skip
        assert said in text
    assert "--paper: #fbfaf8" in text and "--paper: #161614" in text


@pytest.mark.parametrize("name", ['"><img src=x onerror=1>', "é", "\N{RIGHT-TO-LEFT OVERRIDE}x"])
def test_a_typed_name_is_shown_as_text(small: TestClient, name: str) -> None:
    text = small.post("/login", data={"name": name, "password": "x"}).text
    assert "<img" not in text and "That name and password" in text


# --- where to go on to ---------------------------------------------------------------------------

FOREIGN = (
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil",
    "/\t/evil.example", "/\n/evil.example", " //evil.example", "javascript:alert(1)", "evil",
    "/\x00/evil", "/x\r\nset-cookie: a=b", "http:evil.example", "/login", "/login?next=/",
    "/logout", "//[", "", "/" + "x" * 3_000,
)  # fmt: skip


@pytest.mark.parametrize("goal", FOREIGN)
def test_nobody_is_sent_elsewhere_after_a_login(small: TestClient, goal: str) -> None:
    data = {"name": "ann", "password": GOOD, "next": goal}
    response = small.post("/login", data=data)

    assert response.status_code == 303 and response.headers["location"] == "/"
    assert "a=b" not in str(response.headers)


@given(st.text(st.characters(codec="utf-8"), max_size=50) | st.sampled_from(FOREIGN))
def test_any_goal_is_a_path_of_ours(goal: str) -> None:
    assert re.fullmatch(r"/|/[^/\\\s][!-~]*", local_path(goal))


@pytest.mark.parametrize("goal", ["/", "/?x=1&y=%2F", "/s/abc", "/page/article?id=a1#x"])
def test_a_path_of_ours_is_gone_on_to(small: TestClient, goal: str) -> None:
    response = small.post("/login", data={"name": "ann", "password": GOOD, "next": goal})
    assert response.headers["location"] == goal


def test_who_follows_a_link_from_elsewhere_need_not_log_in_again(small: TestClient) -> None:
    followed = small.get("/?x=1", headers={**PAGE, "sec-fetch-site": "cross-site"})

    assert followed.status_code == 200 and 'content="0; url=/?x=1"' in followed.text
    again = small.get("/?x=1", headers={**PAGE, "sec-fetch-site": "same-origin"})
    assert again.status_code == 303


# --- other sites ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},  # another port or another name of the domain
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_another_site_can_neither_log_in_nor_act(
    small: TestClient, headers: dict[str, str]
) -> None:
    data = {"name": "ann", "password": GOOD}
    refused = small.post("/login", data=data, headers=headers)
    assert refused.status_code == 403 and "set-cookie" not in refused.headers

    small.post("/login", data=data)
    for path in ("/v1/ask", "/gradio_api/queue/join", "/gradio_api/upload"):
        response = small.post(path, json={"question": "x"}, headers=headers)
        assert response.status_code == 403
    if headers != {"origin": "null"}:  # what our own page says without https
        small.post("/logout", headers=headers)
        assert small.get("/v1/articles").status_code == 200


# --- guessing ------------------------------------------------------------------------------------


def test_guessing_a_password_becomes_slow(people: People) -> None:
    now = [0.0]

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"

    app = Login(inside, people.users, throttle=Throttle(lambda: now[0]))
    client = TestClient(app, follow_redirects=False)

    def guess() -> int:
        now[0] += 60
        wrong = {"name": "ann", "password": "guess guess"}
        return client.post("/login", data=wrong).status_code

    hours = 8
    told = [guess() for _ in range(hours * 60)]
    assert set(told) == {401, 429} and told[: BY_NAME.n_free] == [401] * BY_NAME.n_free
    assert told.count(401) <= BY_CLIENT.n_free + 10 + hours * 3_600 / BY_CLIENT.max_wait_s
    while guess() != 401:
        pass
    right = {"name": "ann", "password": GOOD}
    early = client.post("/login", data=right)
    assert early.status_code == 429 and "Too many tries" in early.text
    now[0] += BY_CLIENT.max_wait_s
    assert client.post("/login", data=right).status_code == 303


def test_parallel_guesses_do_not_slip_past_the_throttle(small: TestClient) -> None:
    def guess(n: int) -> int:
        data = {"name": "user-00", "password": f"guess number {n}"}
        return small.post("/login", data=data).status_code

    with ThreadPoolExecutor(30) as pool:
        told = list(pool.map(guess, range(60)))
    assert told.count(401) <= BY_NAME.n_free and told.count(429) >= 60 - BY_NAME.n_free


@pytest.mark.parametrize(
    "body",
    [b"", b"name", b"\xff\xfe", b"name=ann&password=" + b"x" * MAX_FORM_BYTES, b"a=1&" * 500],
)
def test_a_form_of_nonsense_is_a_failed_login(small: TestClient, body: bytes) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert small.post("/login", content=body, headers=kind).status_code == 401


# --- the API -------------------------------------------------------------------------------------


def test_the_token_of_the_server_counts_as_an_editor(people: People) -> None:
    for token, status in (
        (people.desk.token, 200),
        ("x", 401),
        ("wrong", 401),
        (people.desk.token[:-1], 401),
    ):
        headers = {"authorization": f"Bearer {token}"}
        assert httpx.get(f"{people.url}/v1/articles", headers=headers).status_code == status
    body = {"question": "What does it cost?"}
    right = {"authorization": f"bearer {people.desk.token}"}
    assert httpx.post(f"{people.url}/v1/ask", json=body, headers=right).status_code == 200


def test_a_program_can_log_in_with_each_request(small: TestClient, people: People) -> None:
    people.users.add("Robot", GOOD)
    try:
        ask = {"question": "What does it cost?"}
        assert small.post("/v1/ask", json=ask, auth=("robot", GOOD)).status_code == 200
        assert small.get("/v1/articles", auth=("ROBOT", GOOD)).status_code == 200
        wrong = small.get("/v1/articles", auth=("robot", "nope nope"))
        assert wrong.status_code == 401 and "error" in wrong.json()
        nobody = small.get("/v1/articles", auth=("zoe", "nope nope"))
        assert {**wrong.json()["error"], "request_id": ""} == {
            **nobody.json()["error"], "request_id": ""}  # fmt: skip
        assert small.get("/", auth=("robot", GOOD), headers=PAGE).status_code == 303
        for said in ("Basic", "Basic !", "Basic " + base64.b64encode(b"\xff").decode(), "Digest x"):
            reply = small.get("/v1/articles", headers={"authorization": said})
            assert reply.status_code == 401
        # A password that was right is remembered for a while, but not when it is right no more.
        people.users.set_password("Robot", "battery staple")
        assert small.get("/v1/articles", auth=("robot", GOOD)).status_code == 401
    finally:
        people.users.remove("Robot")


def test_a_user_is_not_the_server_and_cannot_name_its_files(people: People) -> None:
    with logged_in(people.url, "ann") as client:
        body = {"sources": ["/etc/passwd"]}
        assert client.post("/v1/ingest", json=body).status_code == 401
        assert client.post("/v1/keep/queue", json={}).status_code == 401
        assert client.delete("/v1/articles?ref=a1").status_code == 401


def test_guesses_by_the_api_are_counted_too(small: TestClient) -> None:
    told = [
        small.get("/v1/articles", auth=("user-01", f"guess number {n}")).status_code
        for n in range(BY_NAME.n_free + 3)
    ]
    assert told == [401] * BY_NAME.n_free + [429] * 3


def test_every_user_has_a_pace_of_their_own(small: TestClient) -> None:
    def told(name: str, n: int) -> list[int]:
        ask = {"question": "x"}
        return [small.post("/v1/ask", json=ask, auth=(name, GOOD)).status_code for _ in range(n)]

    first = told("user-02", 2 * USER_BURST)  # a few come back meanwhile
    assert first[:USER_BURST] == [200] * USER_BURST and first.count(429) >= USER_BURST // 2
    assert told("user-03", 1) == [200]


def test_the_button_to_log_out_shows_who_is_logged_in() -> None:
    shown = visitor_html(Visitor(name="<b>Ann", role="editor"))
    assert "&lt;b&gt;Ann" in shown and 'action="/logout"' in shown and 'method="post"' in shown
    assert "reader" in visitor_html(Visitor(name="Rita", role="reader"))
    assert visitor_html(LOCAL) == ""


def test_a_web_socket_is_refused(small: TestClient) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), small.websocket_connect("/gradio_api/ws"):
        pass
