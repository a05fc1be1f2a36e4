"""The commands for users: who may log in, and what they may do.

They write ``HOME/desk.db`` themselves, also while the home is served: an SQLite file in WAL mode
takes two processes, other than the index, and the server looks there at every request.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.errors import IndexMissing, IndexUnavailable, InputRefused
from rag.home import Home
from web.keep_cli import HomeOption, JsonOption
from web.telling import note, one_line, print_json

if TYPE_CHECKING:
    from rag.chats import Chats
    from rag.users import Role, User, Users

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Who.")]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]

user = typer.Typer(help="Say who may log in.", no_args_is_help=True, add_completion=False)


def add_to(cli: typer.Typer) -> None:
    """Put the commands on the command line."""
    cli.add_typer(user, name="user")


@user.command()
def add(
    name: NameArgument,
    role: Annotated[
        str, typer.Option(help="reader: asks. editor: also changes the archive and its settings.")
    ] = "reader",
    password_stdin: StdinOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add somebody who may log in; asks for a password."""
    from rag.users import checked_name

    checked_name(name)
    known = _role(role)
    with _opened(home, create=True) as (users, chats, path):
        is_first = not users.anybody()
        added = users.add(name, _password(from_stdin=password_stdin), known)
        chats.forget(added.name)  # whatever somebody of this name, long removed, may have left
        if is_first and Home(path).server() is not None:
            note("the server that is running lets everybody in until it is started again")
    _tell(added, as_json=as_json)


@user.command(name="list")
def list_users(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Everybody who may log in."""
    with _opened(home) as (users, _, _):
        listed = users.listing()
    if as_json:
        print_json([_user_json(one) for one in listed])
        return
    for one in listed:
        _tell(one, as_json=False)
    note(f"{len(listed)} user{'' if len(listed) == 1 else 's'}")


@user.command()
def remove(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Log somebody out for good, and delete their conversations."""
    with _opened(home) as (users, chats, _):
        found = users.get(name)
        if not yes and not _is_sure(f"Remove {found.name} and all their conversations?"):
            raise InputRefused(f"{found.name} was not removed", "nothing has changed")
        users.remove(found.name)
        n = chats.forget(found.name)
        if not users.anybody():
            note("nobody can log in now; without a user a server is for this machine alone")
    note(f"removed {found.name} and {n} conversation{'' if n == 1 else 's'}")
    if as_json:
        print_json(_user_json(found) | {"n_conversations": n})


@user.command()
def password(
    name: NameArgument,
    password_stdin: StdinOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give somebody another password; they have to log in again."""
    with _opened(home) as (users, _, _):
        users.get(name)
        changed = users.set_password(name, _password(from_stdin=password_stdin))
    _tell(changed, as_json=as_json)


@user.command()
def role(
    name: NameArgument,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="reader or editor.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let somebody do more or less; they have to log in again."""
    known = _role(role)
    with _opened(home) as (users, _, _):
        changed = users.set_role(name, known)
    _tell(changed, as_json=as_json)


@contextmanager
def _opened(home: Path | None, *, create: bool = False) -> "Iterator[tuple[Users, Chats, Path]]":
    """Users and conversations of a home, without opening its archive."""
    from rag.chats import Chats
    from rag.database import Database
    from rag.settings import load_settings
    from rag.users import Users

    path = load_settings(home=home).home
    if create:
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise IndexUnavailable(
                f"the folder {path} cannot be used: {error.strerror or error}",
                "name another with --home",
            ) from error
    elif not path.is_dir():
        raise IndexMissing(f"no archive at {path}", "make one with: byline ingest PATH")
    database = Database(path / "desk.db")
    try:
        yield Users(database), Chats(database), path
    finally:
        database.close()


def _role(text: str) -> "Role":
    from rag.users import ROLES

    found = next((role for role in ROLES if role == text), None)
    if found is None:
        raise InputRefused(f"{text!r} is not a role", f"the roles are: {', '.join(ROLES)}")
    return found


def _password(*, from_stdin: bool) -> str:
    """A password, typed twice, or one line of standard input; never of the command line."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    _need_terminal("--password-stdin")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return typed


def _is_sure(question: str) -> bool:
    _need_terminal("--yes")
    return typer.confirm(question, err=True)


def _need_terminal(instead: str) -> None:
    if not sys.stdin.isatty():
        raise InputRefused("there is no terminal to ask at", f"add {instead}")


def _tell(found: "User", *, as_json: bool) -> None:
    if as_json:
        print_json(_user_json(found))
    else:
        typer.echo(one_line(f"{found.role:6}  {found.created_at:%Y-%m-%d}  {found.name}"))


def _user_json(found: "User") -> dict[str, Any]:
    return {
        "name": found.name,
        "role": found.role,
        "created_at": found.created_at.isoformat(),
    }
