"""Users and their sessions: who is let in, for how long, and what ends it."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher, Type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rag.users
from rag.database import Database
from rag.errors import InputRefused, UserMissing
from rag.users import MAX_NAME, SESSION, Users, checked_name

# As little as argon2 can be: what is tested is who gets in, not how long it takes.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
GOOD = "correct horse"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "desk.db")
    yield database
    database.close()


@pytest.fixture
def users(database: Database) -> Users:
    return Users(database, QUICK)


def test_only_the_right_password_of_the_right_user_lets_in(users: Users) -> None:
    users.add("Ann", GOOD, "editor")
    users.add("Bob", "battery staple")

    found = users.authenticate("ann", GOOD)
    assert found is not None and (found.name, found.role) == ("Ann", "editor")
    for name, password in (("Ann", "battery staple"), ("Bob", GOOD), ("Cid", GOOD), ("", ""),
                           ("Ann", ""), ("Ann", GOOD + " "), ("Ann", GOOD.upper()),
                           ("\ud800", "\ud800")):  # fmt: skip
        assert users.authenticate(name, password) is None


@pytest.mark.parametrize("name", ["ann", "ANN", " Ann ", "Ａｎｎ"])
def test_names_that_differ_in_case_are_one(users: Users, name: str) -> None:
    users.add("Ann", GOOD)

    assert users.get(name).name == "Ann"
    with pytest.raises(InputRefused, match="already"):
        users.add(name, GOOD)


@pytest.mark.parametrize(
    "name", ["", "  ", "a\nb", "a:b", "x" * (MAX_NAME + 1), "\0", "a\u202eb", "\ud800"]
)
def test_a_name_can_be_seen_and_typed(users: Users, name: str) -> None:
    with pytest.raises(InputRefused):
        users.add(name, GOOD)
    assert not users.anybody()


@given(st.text(max_size=80))
def test_a_checked_name_stays_what_it_is(name: str) -> None:
    try:
        checked = checked_name(name)
    except InputRefused:
        return
    assert 0 < len(checked) <= MAX_NAME and checked.isprintable() and ":" not in checked
    assert checked_name(checked) == checked


@pytest.mark.parametrize("password", ["", "seven77", "x" * 1_001, "dr whatson"])
def test_a_password_is_long_and_not_the_name(users: Users, password: str) -> None:
    with pytest.raises(InputRefused):
        users.add("Dr Whatson", password)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.text(min_size=8, max_size=40))
def test_any_text_can_be_a_password(users: Users, password: str) -> None:
    if not users.anybody():
        users.add("Ann", GOOD)
    users.set_password("Ann", password)

    assert users.authenticate("Ann", password)
    assert users.authenticate("Ann", password + "x") is None


def test_the_file_holds_neither_password_nor_token(users: Users, database: Database) -> None:
    token = users.start_session(users.add("Ann", GOOD))
    database.close()

    held = b"".join(path.read_bytes() for path in database.path.parent.iterdir())
    assert b"$argon2id$" in held and b"Ann" in held
    assert GOOD.encode() not in held and token.encode() not in held
    assert database.path.stat().st_mode & 0o077 == 0


def test_hashes_are_made_as_hard_as_the_standard_asks(database: Database) -> None:
    users = Users(database)
    users.add("Ann", GOOD)

    (stored,) = database.rows("SELECT hash FROM users")[0]
    assert users._hasher.type is Type.ID
    assert "m=65536,t=3" in stored  # RFC 9106, section 4, the second recommended choice


def test_an_unknown_name_costs_as_much_as_a_wrong_password(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.add("Ann", GOOD)
    verified: list[list[str]] = []

    class Counting:
        def verify(self, hashed: str, password: bytes) -> bool:
            verified.append(hashed.split("$")[:4])
            return QUICK.verify(hashed, password)

        hash = staticmethod(QUICK.hash)

    monkeypatch.setattr(users, "_hasher", Counting(), raising=False)
    assert users.authenticate("Ann", "wrong password") is None
    assert users.authenticate("Nobody", "wrong password") is None
    assert len(verified) == 2 and verified[0] == verified[1]  # of the same cost


# --- sessions ------------------------------------------------------------------------------------


def test_a_session_is_the_user_s_until_it_is_ended(users: Users) -> None:
    ann = users.add("Ann", GOOD)
    here, there = users.start_session(ann, "Browser/1"), users.start_session(ann, "Phone\n/1")

    assert here != there and users.of_session(here) == users.of_session(there) == ann
    users.end_session(here)
    assert users.of_session(here) is None and users.of_session(there) == ann
    for token in ("", "x", there[:-1], "\ud800", "é"):
        assert users.of_session(token) is None


@pytest.mark.parametrize("change", ["role", "password", "remove"])
def test_a_change_ends_the_sessions_of_that_user_alone(users: Users, change: str) -> None:
    ann, bob = users.add("Ann", GOOD), users.add("Bob", GOOD)
    hers, his = users.start_session(ann), users.start_session(bob)
    match change:
        case "role":
            users.set_role("ANN", "editor")
        case "password":
            users.set_password("ann", "battery staple")
        case "remove":
            users.remove("ann")

    assert users.of_session(hers) is None and users.of_session(his) == bob


def test_a_session_lasts_thirty_days_after_its_last_use(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    monkeypatch.setattr(rag.users, "_now", lambda: now[0])
    ann = users.add("Ann", GOOD)
    used, unused = users.start_session(ann), users.start_session(ann)

    now[0] += SESSION - timedelta(minutes=1)
    assert users.of_session(used) == ann
    now[0] += timedelta(minutes=2)
    assert users.of_session(used) == ann and users.of_session(unused) is None
    now[0] += SESSION
    assert users.of_session(used) is None


def test_a_session_that_is_used_all_the_time_is_seldom_written(
    users: Users, database: Database
) -> None:
    token = users.start_session(users.add("Ann", GOOD))
    before = database.connection.total_changes

    assert all(users.of_session(token) for _ in range(50))
    assert database.connection.total_changes == before


def test_old_sessions_do_not_pile_up(
    users: Users, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    monkeypatch.setattr(rag.users, "_now", lambda: now[0])
    ann = users.add("Ann", GOOD)
    for _ in range(5):
        users.start_session(ann)
        now[0] += SESSION + timedelta(days=1)

    assert database.rows("SELECT COUNT(*) FROM sessions") == [(1,)]


def test_who_was_removed_a_moment_ago_gets_no_session(users: Users) -> None:
    ann = users.add("Ann", GOOD)
    users.remove("Ann")

    with pytest.raises(UserMissing):
        users.start_session(ann)
    for change in (users.remove, users.get):
        with pytest.raises(UserMissing, match="no user 'Ann'"):
            change("Ann")
    with pytest.raises(UserMissing):
        users.set_role("Ann", "editor")


def test_another_process_may_change_users_meanwhile(users: Users, database: Database) -> None:
    token = users.start_session(users.add("Ann", GOOD))
    other = sqlite3.connect(database.path)
    other.execute("DELETE FROM users")
    other.commit()
    other.close()

    assert users.of_session(token) is None and not users.anybody()
    users.add("Ann", GOOD)  # nothing is locked
