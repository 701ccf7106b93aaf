"""The picture of response times on the terminal."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.cli.response_curves import picture
from notify.statistics import NOT_MET, Curve, curve

HOUR = 3600.0


def area(drawn: str) -> list[str]:
    return [line.split("│", 1)[1] for line in drawn.splitlines() if "│" in line]


def test_one_half_after_an_hour_fills_half_the_height_from_there_on() -> None:
    top, middle, low, bottom = area(picture([curve("all", [HOUR, NOT_MET])], width=36, height=4))
    assert (top, middle) == ("", "")
    assert low == bottom
    assert set(bottom.strip()) == {"█"}


def test_the_axis_of_time_is_logarithmic_and_named() -> None:
    axis = picture([curve("all", [1, 10 * 24 * HOUR])], width=100).splitlines()[-1]
    places = [axis.index(name) for name in ("1 s", "10 s", "1 min", "10 min", "1 h")]
    assert places == sorted(places)
    assert abs((places[1] - places[0]) - (places[3] - places[2])) <= 1


def test_each_curve_says_its_n_its_share_at_the_target_and_what_is_open() -> None:
    drawn = picture([curve("high", [HOUR, 20 * HOUR, NOT_MET, NOT_MET])], targets={"high": 12 * HOUR})
    assert drawn.splitlines()[0] == "high  n 4  25.0 % within 12 h  50.0 % open"
    assert "▲" in drawn


def test_curves_stand_on_one_axis_so_that_they_can_be_compared() -> None:
    drawn = picture([curve("soon", [60.0]), curve("late", [100 * HOUR])], width=60, height=2)
    soon, _, late, _ = area(drawn)
    assert soon.index("█") < late.index("█")
    assert drawn.count("┬") == drawn.splitlines()[-2].count("┬")


def test_the_name_of_a_curve_does_not_steer_the_terminal() -> None:
    assert "\x1b" not in picture([curve("\x1b[2J", [1.0])])


def test_nothing_to_draw_is_said() -> None:
    assert picture([]) == picture([Curve("all", 0, ())]) == "No response times."


def test_what_nothing_has_met_is_drawn_as_an_empty_area() -> None:
    assert set("".join(area(picture([curve("all", [NOT_MET])])))) == set()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.floats(0, 10**9) | st.just(NOT_MET), max_size=8), max_size=3),
    st.floats(1, 10**8),
    st.integers(0, 120),
    st.integers(0, 8),
)
def test_any_curves_fit_the_width(groups: list[list[float]], target: float, width: int, height: int) -> None:
    made = [curve(f"c{place}", times) for place, times in enumerate(groups)]
    drawn = picture(made, targets={"c0": target}, width=width, height=height)
    assert all(len(line) <= max(width, 30) for line in area(drawn))
    for line in area(drawn):
        levels = [" ▁▂▃▄▅▆▇█".index(character) for character in line]
        assert levels == sorted(levels)
