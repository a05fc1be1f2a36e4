"""Days in words, as a newspaper prints them, and the entries of a timeline. Pure functions."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from rag.schema import Precision


def day_text(day: date) -> str:
    """A calendar day as a newspaper prints it: 29 January 2026."""
    return f"{day.day} {day:%B %Y}"


def moment_text(day: date, precision: Precision, *, planned: bool = False) -> str:
    """The date of an event as far as it is known: "March 2026", "2029 (planned)"."""
    shown = {"day": day_text(day), "month": f"{day:%B %Y}", "year": str(day.year)}[precision]
    return f"{shown} (planned)" if planned else shown


def is_timeline(events: Sequence[dict[str, Any]]) -> bool:
    """True if the events are of more than one day: only these make a timeline to show."""
    return len({(e["date"], e["precision"]) for e in events}) > 1


def event_when(event: dict[str, Any]) -> str:
    """The date of an element of ``timeline``, in words."""
    day = date.fromisoformat(event["date"])
    return moment_text(day, event["precision"], planned=event["planned"])
