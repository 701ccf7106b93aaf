"""Names what answers of statistics and exercises hold, and what a scenario is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from adapters.api.case_answers import Answer
from notify.clocks import ClockKind
from notify.exercise_scores import Result
from notify.report import Report
from notify.statistics import Dimension, Mark, Section
from notify.words import ChannelName, Means


class HeadlineAnswer(Answer):
    """The share of notifications acknowledged within target: reports of Parties, no exercises."""

    share_acknowledged_within_target: float | None
    n: int


class ResponseTimeAnswer(Answer):
    """The figures of one clock in one group; a time of null where n is not 0 is not recorded."""

    section: Section
    clock: ClockKind
    by: Dimension
    value: str
    n: int
    with_target: int
    within_target: int
    share: float | None
    median_seconds: float | None
    p90_seconds: float | None
    p95_seconds: float | None
    mean_seconds: float | None
    recorded: int
    open: int
    not_yet_due: int


class VolumeAnswer(Answer):
    section: Section
    by: str
    value: str
    cases: int


class CompletenessFigureAnswer(Answer):
    section: Section
    at: Mark
    item: str
    share: float | None
    n: int


class NetworkAnswer(Answer):
    group: str
    figure: str
    states: int
    n: int
    share: float | None


class FilingAnswer(Answer):
    """The time from knowledge to filing, over all real reports together."""

    cases: int
    of: int
    median_days: float | None
    mean_days: float | None


class StatisticsAnswer(Answer):
    """Computed from the log alone; what is only for the secretariat is absent for others."""

    as_of: datetime
    from_: datetime | None = Field(alias="from")
    to: datetime | None
    state: str | None = Field(description="The one State whose own figures these are.")
    headline: HeadlineAnswer
    response_times: list[ResponseTimeAnswer]
    volume: list[VolumeAnswer] | None = None
    completeness: list[CompletenessFigureAnswer] | None = None
    network: list[NetworkAnswer] | None = None
    knowledge_to_filing: FilingAnswer | None = None


class ScenarioRequest(BaseModel):
    """An exercise: the report that it files, whom it tells, and from when."""

    model_config = ConfigDict(extra="forbid")

    report: Report = Field(description="An initial report; its status becomes `exercise`.")
    recipients: Annotated[list[str], Field(min_length=1, max_length=200)] | None = Field(
        None, description="The States that are told; without it, those that the report names."
    )
    announced: bool = Field(description="false: nobody was told; only for States that agreed to it.")
    starts_at: datetime | None = Field(None, description="When it is filed; without it, now.")


class ChannelScoreAnswer(Answer):
    channel: ChannelName
    reached: bool
    seconds_to_accept: float | None
    seconds_to_proof: float | None
    failed: int


class StateScoreAnswer(Answer):
    state: str
    result: Result
    seconds_to_receipt: float | None
    seconds_to_assessment: float | None
    means: Means | None
    steps: list[str]
    channels: list[ChannelScoreAnswer]


class ExerciseAnswer(Answer):
    """An exercise, and how each State and channel did so far."""

    reference: str
    exercise: bool
    state: str = Field(description="planned, running, ended or purged")
    announced: bool
    recipients: list[str]
    planned_at: datetime
    starts_at: datetime
    opened_at: datetime | None
    ended_at: datetime | None
    purge_at: datetime | None
    purged_at: datetime | None
    scores: list[StateScoreAnswer]
