"""Says which call of statistics and exercises answers at which address."""

from __future__ import annotations

from adapters.api import figure_answers as f
from adapters.api import parameters as p
from adapters.api.bodies import Body, as_it_is
from adapters.api.handlers import figures
from adapters.api.route import Route
from notify.account import Right

SINCE = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
PERIOD = (
    p.Parameter("from", "query", "Clocks that began at this time or later (RFC 3339).", shape=SINCE),
    p.Parameter("to", "query", "Clocks that began before this time (RFC 3339).", shape=SINCE),
)
# The scenario is checked whole by its rules, which name every fault.
SCENARIO = Body(f.ScenarioRequest, as_it_is)

# fmt: off
OVERSIGHT = (
    Route("GET", "/statistics", figures.show_statistics, (Right.READ_STATISTICS,), None, f.StatisticsAnswer,
          "All to the secretariat, a State's own figures to it, totals to a reader", 200, PERIOD),
    Route("GET", "/statistics.csv", figures.show_statistics_csv, (Right.READ_STATISTICS,), None, "text/csv",
          "The response times, one line for each group", 200, PERIOD),
    Route("POST", "/exercises", figures.plan_exercise, (Right.EXERCISES,), SCENARIO, f.ExerciseAnswer,
          "The exercise; it is filed at its time", 201, (p.CONFIRMATION,)),
    Route("GET", "/exercises/{reference}", figures.show_exercise, (Right.EXERCISES,), None, f.ExerciseAnswer,
          "The exercise, and how each State and channel did so far"),
)
# fmt: on
