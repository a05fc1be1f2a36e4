"""Who holds a port, as far as this machine lets us know."""

from collections.abc import Iterator
from pathlib import Path

_LISTENING = "0A"


def holder_of(port: int) -> str:
    """The program that listens on a TCP port, with its process number; Linux only."""
    for inode in _listeners(port):
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            if _target(link) == f"socket:[{inode}]":
                pid = link.parts[2]
                return f"{_name(pid)} (process {pid})"
    return "another program"


def _listeners(port: int) -> Iterator[str]:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        lines = table.read_text().splitlines()[1:] if table.is_file() else []
        for fields in (line.split() for line in lines):
            if fields[3] == _LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                yield fields[9]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # gone by now, or not ours to see
        return ""


def _name(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() or "a program"
    except OSError:
        return "a program"
