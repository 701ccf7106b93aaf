"""Says on one screen which calls carry a case on: later reports, the close, the reopening."""

from __future__ import annotations

from adapters.api import chain_answers as a
from adapters.api import parameters as p
from adapters.api import requests as r
from adapters.api.handlers import chain
from adapters.api.report_answers import CloseAnswer
from adapters.api.route import Route
from notify.account import Right

FILERS = (Right.SUBMIT, Right.SUBMIT_FOR_STATE)
ANSWERERS = (Right.ACKNOWLEDGE,)
MATCH = (p.IF_MATCH,)

# fmt: off
CHAIN = (
    Route("POST", "/cases/{reference}/reports", chain.submit_report, FILERS, r.LATER_REPORT, a.AddedAnswer,
          "The report in its chain; 200 when the same key and report were sent before", 201,
          (p.IDEMPOTENCY_KEY, p.CONFIRMATION, *MATCH)),
    Route("POST", "/cases/{reference}/reports/preview", chain.preview_report, FILERS, r.LATER_REPORT,
          a.FollowPreviewAnswer, "What submitting would change, and whom it would tell"),
    Route("POST", "/cases/{reference}/closure", chain.announce_close, FILERS, r.CLOSURE, CloseAnswer,
          "The close as it was announced, or is; 409 says all that keeps the case open", 200, MATCH),
    Route("POST", "/cases/{reference}/closure/answers", chain.answer_close, ANSWERERS, r.CLOSE_ANSWER, CloseAnswer,
          "What your State said of the close"),
    Route("POST", "/cases/{reference}/reopening", chain.reopen_case, FILERS, r.REOPENING, CloseAnswer,
          "The case is open again", 200, MATCH),
)
# fmt: on
