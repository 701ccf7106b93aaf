"""Rules of the statistics: how soon what was done, how much happened, how complete it was; from facts of the log alone.

The written definitions, with worked cases, stand in docs/statistics.md. Order: `facts` name what is counted,
`figures` count one group, `response_times` group the clocks, `volume` the cases, `folding` reads both from the log,
`network` counts the contacts, `curve` draws shares over time, `rendering` writes it all as table, JSON and CSV.
"""

from __future__ import annotations

from notify.statistics.curve import Curve, CurvePoint, curve, curves, curves_of
from notify.statistics.facts import EUROPEAN_UNION, NO_REGION, CaseFact, ClockFact, Completeness, Section, region_of
from notify.statistics.figures import NOT_MET, Figures, Tally, Timed, figures
from notify.statistics.folding import FilingInterval, clock_facts, count_clocks, days_to_filing, filing_interval, fold
from notify.statistics.network import NetworkRow, network_rows
from notify.statistics.rendering import as_json, csv_cell, csv_text, duration_text, share_text, table_rows, write_csv
from notify.statistics.response_times import (
    Dimension,
    ResponseRow,
    ResponseTimes,
    own_figures,
    response_times,
    response_times_of,
)
from notify.statistics.volume import CompletenessRow, Mark, Volume, VolumeRow, volume

__all__ = [
    "EUROPEAN_UNION",
    "NOT_MET",
    "NO_REGION",
    "CaseFact",
    "ClockFact",
    "Completeness",
    "CompletenessRow",
    "Curve",
    "CurvePoint",
    "Dimension",
    "Figures",
    "FilingInterval",
    "Mark",
    "NetworkRow",
    "ResponseRow",
    "ResponseTimes",
    "Section",
    "Tally",
    "Timed",
    "Volume",
    "VolumeRow",
    "as_json",
    "clock_facts",
    "count_clocks",
    "csv_cell",
    "csv_text",
    "curve",
    "curves",
    "curves_of",
    "days_to_filing",
    "duration_text",
    "figures",
    "filing_interval",
    "fold",
    "network_rows",
    "own_figures",
    "region_of",
    "response_times",
    "response_times_of",
    "share_text",
    "table_rows",
    "volume",
    "write_csv",
]
