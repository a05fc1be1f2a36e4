"""Who gets in, what they may do, and that nobody meets what is another's."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from rag.users import Users
from tests.browsing import Served
from tests.fake_desk import FakeDesk
from web.api import handle_errors, routes
from web.asking import Asker
from web.login import COOKIE, MAX_FORM_BYTES, Login
from web.login_page import local_path
from web.pace import USER_BURST
from web.serve import _fence
from web.throttle import BY_CLIENT, BY_NAME, FORGET_S, MAX_KEPT, Throttle
from web.visitors import LOCAL, Visitor, visitor_html

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
GOOD = "correct horse"
PAGE = {"accept": "text/html,application/xhtml+xml"}
N = 50


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> FakeDesk:
    return FakeDesk(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def users(desk: FakeDesk) -> Users:
    users = Users(desk.database, QUICK)
    users.add("Ann", GOOD, "editor")
    users.add("Rita", GOOD, "reader")
    for n in range(N):
        users.add(f"user-{n:02}", GOOD, "reader")
    return users


@pytest.fixture(scope="module")
def site(desk: FakeDesk, users: Users) -> Iterator[str]:
    served = Served(desk, users)
    yield served.url
    served.stop()


@contextmanager
def logged_in(site: str, name: str) -> Iterator[httpx.Client]:
    with stranger(site) as client:
        response = client.post("/login", data={"name": name, "password": GOOD})
        assert response.status_code == 303, response.text
        yield client


def stranger(site: str) -> httpx.Client:
    return httpx.Client(base_url=site, timeout=60, trust_env=False)


@pytest.fixture
def small(desk: FakeDesk, users: Users) -> Iterator[TestClient]:
    """The application without the page, in this process, with a throttle of its own."""
    app = FastAPI()
    _fence(app, desk, None, users)  # type: ignore[arg-type]
    handle_errors(app)
    app.include_router(routes(desk, Asker(desk)))  # type: ignore[arg-type]
    with TestClient(app, base_url="https://byline.example", follow_redirects=False) as client:
        yield client


# --- in and out ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "goal"), [("/", "/login"), ("/?x=1", "/login?next=%2F%3Fx%3D1"), ("/config", None)]
)
def test_a_stranger_is_sent_to_the_page_to_log_in(site: str, path: str, goal: str | None) -> None:
    with stranger(site) as client:
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
def test_without_a_login_the_api_answers_401(site: str, method: str, path: str) -> None:
    with stranger(site) as client:
        response = client.request(method, path)

    assert response.status_code == 401
    assert set(response.json()["error"]) == {"message", "hint", "request_id"}


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/login", 200), ("/s/abc", 404)])
def test_some_addresses_need_no_login(site: str, path: str, status: int) -> None:
    with stranger(site) as client:
        assert client.get(path).status_code == status


def test_a_session_opens_the_page_until_it_is_logged_out(site: str) -> None:
    with logged_in(site, "ann") as client:
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
        assert httpx.get(f"{site}/v1/articles", headers=old).status_code == 401


def test_the_cookie_is_for_our_pages_alone(small: TestClient, site: str) -> None:
    over_https = small.post("/login", data={"name": "ann", "password": GOOD})
    flags = over_https.headers["set-cookie"].lower()
    for flag in ("httponly", "samesite=strict", "path=/", "secure", f"max-age={30 * 86_400}"):
        assert flag in flags
    with stranger(site) as client:
        data = {"name": "ann", "password": GOOD}
        forwarded = {"x-forwarded-proto": "https"}
        plain = client.post("/login", data=data, headers=forwarded)
    flags = plain.headers["set-cookie"].lower()
    assert "httponly" in flags and "secure" not in flags and "domain" not in flags


def test_a_new_login_is_a_new_session_and_ends_the_old(site: str) -> None:
    with logged_in(site, "ann") as client:
        before = client.cookies[COOKIE]
        client.post("/login", data={"name": "ann", "password": GOOD})
        assert client.cookies[COOKIE] != before
        headers = {"cookie": f"{COOKIE}={before}"}
        assert httpx.get(f"{site}/v1/articles", headers=headers).status_code == 401


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


def test_guessing_a_password_becomes_slow(users: Users) -> None:
    now = [0.0]

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"

    app = Login(inside, users, throttle=Throttle(lambda: now[0]))
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


def test_a_name_is_guarded_against_many_clients_but_its_owner_soon_gets_in() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for n in range(BY_NAME.n_free + 20):
        throttle.note_try("Ann", f"10.0.0.{n}")

    assert 0 < throttle.wait_s(" ANN ", "10.9.9.9") <= BY_NAME.max_wait_s
    assert throttle.wait_s("Bob", "10.9.9.9") == 0
    now[0] += BY_NAME.max_wait_s
    assert throttle.wait_s("ann", "10.9.9.9") == 0


def test_waits_double_and_are_forgotten_after_an_hour() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    waits = []
    for _ in range(25):
        throttle.note_try("x", "10.0.0.1")
        waits.append(throttle.wait_s("other", "10.0.0.1"))
    assert waits[: BY_CLIENT.n_free - 1] == [0] * (BY_CLIENT.n_free - 1)
    assert waits[BY_CLIENT.n_free - 1 : BY_CLIENT.n_free + 3] == [1, 2, 4, 8]
    assert waits[-1] == BY_CLIENT.max_wait_s
    now[0] += FORGET_S
    throttle.note_try("x", "10.0.0.1")
    assert throttle.wait_s("other", "10.0.0.1") == 0


def test_a_login_of_one_s_own_does_not_buy_guesses() -> None:
    throttle = Throttle(lambda: 0.0)
    for n in range(60):
        throttle.note_try("victim", "10.0.0.1")
        throttle.note_try("mallory", "10.0.0.1")
        throttle.note_success("mallory", "10.0.0.1")
        if throttle.wait_s(f"victim-{n}", "10.0.0.1"):
            break
    assert n <= BY_CLIENT.n_free


def test_the_throttle_remembers_a_bounded_number() -> None:
    throttle = Throttle(lambda: 0.0)
    for n in range(MAX_KEPT + 500):
        throttle.note_try(f"name-{n}" + "x" * 1_000, "10.0.0.1")
    assert len(throttle._failed) <= MAX_KEPT


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


def test_the_token_of_the_server_counts_as_an_editor(site: str, desk: FakeDesk) -> None:
    for token, status in ((desk.token, 200), ("x", 401), ("wrong", 401), (desk.token[:-1], 401)):
        headers = {"authorization": f"Bearer {token}"}
        assert httpx.get(f"{site}/v1/articles", headers=headers).status_code == status
    body = {"question": "What does it cost?"}
    right = {"authorization": f"bearer {desk.token}"}
    assert httpx.post(f"{site}/v1/ask", json=body, headers=right).status_code == 200


def test_a_program_can_log_in_with_each_request(small: TestClient, users: Users) -> None:
    users.add("Robot", GOOD)
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
        users.set_password("Robot", "battery staple")
        assert small.get("/v1/articles", auth=("robot", GOOD)).status_code == 401
    finally:
        users.remove("Robot")


def test_a_user_is_not_the_server_and_cannot_name_its_files(site: str) -> None:
    with logged_in(site, "ann") as client:
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


# --- Gradio --------------------------------------------------------------------------------------


def config_of(client: httpx.Client) -> dict[str, Any]:
    config: dict[str, Any] = client.get("/config").json()
    return config


def ask_body(config: dict[str, Any], question: str, session: str) -> dict[str, Any]:
    """What the page sends when somebody asks, whatever else its event takes."""
    parts = {part["id"]: part["props"] for part in config["components"]}
    by_name = {props.get("elem_id"): key for key, props in parts.items()}
    event = next(
        d for d in config["dependencies"]
        if by_name["question"] in d["inputs"] and [by_name["ask"], "click"] in d["targets"]
    )  # fmt: skip
    data = [
        question if key == by_name["question"] else parts[key].get("value")
        for key in event["inputs"]
    ]
    return {"data": data, "fn_index": event["id"], "session_hash": session}


def listen(client: httpx.Client, session: str) -> list[dict[str, Any]]:
    """All events of a session until Gradio ends the stream."""
    url = f"/gradio_api/queue/data?session_hash={session}"
    with client.stream("GET", url) as stream:
        heard = []
        with suppress(httpx.RemoteProtocolError):  # how Gradio ends a stream that is not there
            for line in stream.iter_lines():
                heard += [json.loads(line.removeprefix("data: "))] if line else []
    return heard


def test_fifty_users_at_once_never_meet_each_other(site: str) -> None:
    """All make up the same name for their session, as an attacker would."""
    with logged_in(site, "ann") as client:
        config = config_of(client)
    together = threading.Barrier(N)

    def ask(n: int) -> tuple[str, list[dict[str, Any]], int]:
        mine = f"What does it cost, asks person {n:02}?"
        with logged_in(site, f"user-{n:02}") as client:
            together.wait(60)
            joined = client.post("/gradio_api/queue/join", json=ask_body(config, mine, "same"))
            assert joined.status_code == 200, joined.text
            api = client.post("/v1/ask", json={"question": mine})
            assert api.json()["question"] == mine
            return joined.json()["event_id"], listen(client, "same"), n

    with ThreadPoolExecutor(N) as pool:
        told = list(pool.map(ask, range(N)))
    for event_id, heard, n in told:
        assert {e["event_id"] for e in heard if e.get("event_id")} == {event_id}
        assert heard[-2]["msg"] == "process_completed" and heard[-2]["success"]
        said = set(re.findall(r"asks person (\d\d)", json.dumps(heard)))
        assert said == {f"{n:02}"}


def test_a_foreign_stream_cannot_be_listened_to_or_ended(site: str, desk: FakeDesk) -> None:
    desk.pause_s = 0.2
    try:
        with logged_in(site, "user-10") as ann, logged_in(site, "user-11") as eve:
            config = config_of(ann)
            body = ask_body(config, "What does it cost?", "annssession")
            joined = ann.post("/gradio_api/queue/join", json=body).json()
            heard = listen(eve, "annssession")
            assert [e["msg"] for e in heard] == ["unexpected_error"]
            assert heard[0].get("session_not_found")
            cancel = {"session_hash": "annssession", "fn_index": body["fn_index"], "event_id": "x"}
            assert eve.post("/gradio_api/cancel", json=cancel).status_code == 200
            with eve.stream("GET", "/gradio_api/heartbeat/annssession") as beat:
                next(beat.iter_lines())  # and leaves: Gradio would end Ann's session
            own = listen(ann, "annssession")
        assert own[-2]["msg"] == "process_completed"
        assert own[-2]["event_id"] == joined["event_id"]
        assert "38 million" in json.dumps(own[-2])
    finally:
        desk.pause_s = 0.0


def test_gradio_s_other_ways_in_are_shut(site: str, desk: FakeDesk) -> None:
    ways = [
        ("POST", "run/predict"), ("POST", "api/predict"), ("POST", "call/acted"),
        ("GET", "call/acted/x"), ("POST", "component_server"), ("GET", "info"),
        ("GET", f"file={desk.home}/desk.db"), ("GET", "proxy=https://x.example"),
        ("POST", "vibe-edit/"), ("GET", "heartbeat/a/b"), ("POST", "process_recording"),
        ("GET", "stream/same/1/2/playlist.m3u8"), ("GET", "queue/data/"),
    ]  # fmt: skip
    with logged_in(site, "ann") as client:
        for method, way in ways:
            assert client.request(method, f"/gradio_api/{way}").status_code == 404, way


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 10_000, b"\xff"])
def test_a_request_of_nonsense_is_refused_politely(site: str, body: bytes) -> None:
    with logged_in(site, "user-12") as client:
        response = client.post("/gradio_api/queue/join", content=body)
    assert response.status_code in (400, 422)
    assert "Traceback" not in response.text


def test_readers_ask_but_change_nothing(site: str, desk: FakeDesk) -> None:
    with logged_in(site, "rita") as reader:
        config = config_of(reader)
        files = {"files": ("x.txt", b"Some text of an article.")}
        refused = reader.post("/gradio_api/upload?upload_id=u1", files=files)
        assert refused.status_code == 403 and "editor" in refused.json()["error"]["hint"]
        for upload in ("/gradio_api/upload/", "//gradio_api/upload", "/gradio_api%2Fupload",
                       "/gradio_api/./upload", "/gradio%5Fapi/upload"):  # fmt: skip
            assert reader.post(upload, files=files).status_code >= 400

        parts = {p["id"]: p["props"].get("elem_id") for p in config["components"]}
        for event in config["dependencies"]:
            if not event["backend_fn"]:
                continue
            data: list[Any] = [None for _ in event["inputs"]]
            name = f"event{event['id']}"
            body = {"data": data, "fn_index": event["id"], "session_hash": name}
            is_act = any(parts.get(target) == "told" for target, _ in event["targets"])
            body["event_data"] = {"verb": "remove", "article": "a3"} if is_act else None
            joined = reader.post("/gradio_api/queue/join", json=body)
            assert joined.status_code == 200
            heard = json.dumps(listen(reader, name))
            if is_act:
                assert "Readers cannot change the archive" in heard
        ask = reader.post("/v1/ask", json={"question": "What does it cost?"})
        assert ask.status_code == 200
    assert "a3" in desk.store and len(desk.store) == 3


def test_a_conversation_is_its_owner_s_until_it_is_shared(site: str, desk: FakeDesk) -> None:
    with logged_in(site, "user-13") as ann, logged_in(site, "user-14") as eve:
        body = ask_body(config_of(ann), "What does it cost?", "hers")
        ann.post("/gradio_api/queue/join", json=body)
        listen(ann, "hers")
        kept = desk.chats.listing("user-13")[0]
        hers = f"/page/conversation?id={kept.conversation_id}"
        assert ann.get(hers).status_code == 200 and eve.get(hers).status_code == 404
        assert kept.conversation_id not in eve.get("/page/conversations").text
        for verb in ("rename", "pin", "delete", "share", "unshare"):
            deed = {"verb": verb, "conversation": kept.conversation_id, "title": "x"}
            assert eve.post("/page/chat", json=deed).status_code == 404, verb
        share = {"verb": "share", "conversation": kept.conversation_id}
        token = ann.post("/page/chat", json=share).json()["share"]
    with stranger(site) as anybody:
        assert "38 million" in anybody.get(f"/s/{token}").text
        assert anybody.get(hers).status_code == 401
        desk.chats.unshare(kept.conversation_id, "user-13")
        assert anybody.get(f"/s/{token}").status_code == 404


def test_the_button_to_log_out_shows_who_is_logged_in() -> None:
    shown = visitor_html(Visitor(name="<b>Ann", role="editor"))
    assert "&lt;b&gt;Ann" in shown and 'action="/logout"' in shown and 'method="post"' in shown
    assert "reader" in visitor_html(Visitor(name="Rita", role="reader"))
    assert visitor_html(LOCAL) == ""


def test_a_web_socket_is_refused(small: TestClient) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), small.websocket_connect("/gradio_api/ws"):
        pass
