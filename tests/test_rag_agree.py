"""Two figures say the same in whatever unit, scale and rounding they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.agree import Measure, comparable, measure, same
from rag.quantities import quantities


def first(text: str) -> Measure:
    return measure(text, quantities(text)[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The road is 5 kilometres long.", "The road is 3.1 miles long."),
        ("It was 30 degrees Celsius.", "It was 86 degrees Fahrenheit."),
        ("It burned 200 hectares.", "Two square kilometres burned."),
        ("The bell weighs 90 kilograms.", "A bell of 200 pounds fell."),
        ("The talks took 3 days.", "The talks took 72 hours."),
        ("The bridge cost $1.2 billion.", "The bridge cost $1,200 million."),
        ("Some 950 came.", "About 1,000 came."),
        ("They counted 24,870 people.", "They counted 25,000 people."),
        ("It cost more than 300 million euros.", "It cost 312 million euros."),
        ("The train does 300 km/h.", "The train does 186 mph."),
    ],
)
def test_what_says_the_same(one: str, other: str) -> None:
    assert comparable(first(one), first(other))
    assert same(first(one), first(other)) and same(first(other), first(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The road is 5 kilometres long.", "The road is 4 miles long."),
        ("It was 30 degrees Celsius.", "It was 95 degrees Fahrenheit."),
        ("The bridge cost $1.2 billion.", "The bridge cost $1.5 billion."),
        ("Twelve people died.", "Fifteen people died."),
        ("It cost more than 300 million euros.", "It cost 480 million euros."),
    ],
)
def test_what_differs(one: str, other: str) -> None:
    assert comparable(first(one), first(other))
    assert not same(first(one), first(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It is 5 kilometres long.", "It weighs 5 kilograms."),
        ("It cost $5 million.", "It cost 5 million euros."),
        ("They sell 900 litres a day.", "They sell 6,300 litres a week."),
        ("It rose by 5 percent.", "It rose by 5 metres."),
    ],
)
def test_what_cannot_be_compared(one: str, other: str) -> None:
    assert not comparable(first(one), first(other))


@given(
    st.integers(min_value=2, max_value=10**9), st.sampled_from(["people", "kilometres", "euros"])
)
def test_every_figure_says_what_it_says(value: int, unit: str) -> None:
    plain, grouped = first(f"There were {value} {unit}."), first(f"There were {value:,} {unit}.")

    assert comparable(plain, grouped) and same(plain, grouped)
