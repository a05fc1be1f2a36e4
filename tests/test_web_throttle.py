"""How long failed logins have to wait."""

from web.throttle import BY_CLIENT, BY_NAME, FORGET_S, MAX_KEPT, Throttle


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
