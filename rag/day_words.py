"""Days in words, as a newspaper prints them, and the entries of a timeline. Pure functions."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from rag.i18n import msgid, tr
from rag.schema import Precision

# A message for each month: many languages inflect its name after a day, and order them otherwise.
_DAYS = (
    msgid("{day} January {year}"),
    msgid("{day} February {year}"),
    msgid("{day} March {year}"),
    msgid("{day} April {year}"),
    msgid("{day} May {year}"),
    msgid("{day} June {year}"),
    msgid("{day} July {year}"),
    msgid("{day} August {year}"),
    msgid("{day} September {year}"),
    msgid("{day} October {year}"),
    msgid("{day} November {year}"),
    msgid("{day} December {year}"),
)
_MONTHS = (
    msgid("January {year}"),
    msgid("February {year}"),
    msgid("March {year}"),
    msgid("April {year}"),
    msgid("May {year}"),
    msgid("June {year}"),
    msgid("July {year}"),
    msgid("August {year}"),
    msgid("September {year}"),
    msgid("October {year}"),
    msgid("November {year}"),
    msgid("December {year}"),
)
# Short, where room is scarce.
_SHORT_MONTHS = (
    msgid("Jan"),
    msgid("Feb"),
    msgid("Mar"),
    msgid("Apr"),
    msgid("May"),
    msgid("Jun"),
    msgid("Jul"),
    msgid("Aug"),
    msgid("Sep"),
    msgid("Oct"),
    msgid("Nov"),
    msgid("Dec"),
)


def day_text(day: date) -> str:
    """A calendar day as a newspaper prints it, in the language of the page: 29 January 2026."""
    return tr(_DAYS[day.month - 1], day=day.day, year=day.year)


def english_day(day: date) -> str:
    """The same in English: for what is kept with an answer, whoever reads it later."""
    return f"{day.day} {day:%B %Y}"


def short_text(day: date, precision: Precision = "day") -> str:
    """The same in a narrow place: "29 Jan 2026", "Jan 2026", "2026"."""
    if precision == "year":
        return str(day.year)
    month = tr(_SHORT_MONTHS[day.month - 1])
    if precision == "month":
        return tr("{month} {year}", month=month, year=day.year)
    return tr("{day} {month} {year}", day=day.day, month=month, year=day.year)


def moment_text(day: date, precision: Precision, *, planned: bool = False) -> str:
    """The date of an event as far as it is known: "March 2026", "2029 (planned)"."""
    shown = str(day.year)
    if precision == "day":
        shown = day_text(day)
    elif precision == "month":
        shown = tr(_MONTHS[day.month - 1], year=day.year)
    return tr("{when} (planned)", when=shown) if planned else shown


def is_timeline(events: Sequence[dict[str, Any]]) -> bool:
    """True if the events are of more than one day: only these make a timeline to show."""
    return len({(e["date"], e["precision"]) for e in events}) > 1


def event_when(event: dict[str, Any]) -> str:
    """The date of an element of ``timeline``, in words."""
    day = date.fromisoformat(event["date"])
    return moment_text(day, event["precision"], planned=event["planned"])
