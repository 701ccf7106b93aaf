"""Says on one screen which call answers at which address, for whom, and with what."""

from __future__ import annotations

from dataclasses import replace

from adapters.api import answers as a
from adapters.api import case_answers as c
from adapters.api import parameters as p
from adapters.api import requests as r
from adapters.api.chain_routes import CHAIN
from adapters.api.consultation_routes import CONSULTATION
from adapters.api.handlers import cases, drafts, notifications, registry, resending, secretariat, service
from adapters.api.oversight_routes import OVERSIGHT
from adapters.api.route import Route
from adapters.api.stream import stream_events
from contacts.registry import load_registry
from notify.account import Right
from notify.words import ChannelName, NotificationClass, Severity

PREFIX = "/api/v1"

EVERYONE: tuple[Right, ...] = ()
FILERS = (Right.SUBMIT, Right.SUBMIT_FOR_STATE)
FILERS_OF_A_STATE = (Right.SUBMIT,)
WRITERS = (Right.DRAFT,)
READERS = (Right.READ_CASES,)
ANSWERERS = (Right.ACKNOWLEDGE, Right.ACKNOWLEDGE_BY_TELEPHONE)
KEEPERS = (Right.KEEP_CONTACTS,)
TASKS, BRAKE = (Right.TASKS,), (Right.DISPATCH,)

STATE = p.one_of(state.state_code for state in load_registry().states)
SINCE = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
CASE_LIST = (
    p.Parameter("status", "query", "The status of the case.", shape=p.one_of(cases.STATUSES)),
    p.Parameter("severity", "query", "The handling priority.", shape=p.one_of(Severity)),
    p.Parameter("state", "query", "The code of a State that reports or is told.", shape=STATE),
    p.Parameter("class", "query", "The class of the notification.", shape=p.one_of(NotificationClass)),
    p.Parameter("since", "query", "Opened at this time or later (RFC 3339).", shape=SINCE),
    p.BEFORE,
    p.limit_parameter(cases.MOST_CASES, cases.CASES_ON_A_PAGE),
)
TASK_LIST = (
    p.Parameter("done", "query", "Open tasks are listed unless you ask for others.", shape=p.one_of(secretariat.DONE)),
    p.Parameter("case", "query", "The reference of a case.", shape=p.matching(p.ID)),
    p.BEFORE,
    p.limit_parameter(secretariat.MOST_TASKS, secretariat.MOST_TASKS),
)
CONTACT_LIST = (
    p.Parameter("state", "query", "The code of a State; an account of a State sees its own.", shape=STATE),
    p.BEFORE,
    p.limit_parameter(registry.MOST_CONTACTS, registry.MOST_CONTACTS),
)
ATTEMPT_LIST = (
    p.Parameter("channel", "query", "Only tries by this channel.", shape=p.one_of(ChannelName)),
    resending.BEFORE_A_TRY,
    p.limit_parameter(resending.MOST_ATTEMPTS, resending.ATTEMPTS_ON_A_PAGE),
)
CONFIRM, MATCH = (p.CONFIRMATION,), (p.IF_MATCH,)

# fmt: off
_API = (
    Route("POST", "/cases", cases.submit_case, FILERS, r.REPORT, c.SubmissionAnswer,
          "The case; 200 when the same key and report were sent before", 201, (p.IDEMPOTENCY_KEY, *CONFIRM)),
    Route("POST", "/cases/preview", cases.preview_case, FILERS, r.REPORT, c.PreviewAnswer, "What submitting would do"),
    Route("GET", "/cases", cases.list_cases, READERS, None, c.CaseListAnswer, "Newest first", 200, CASE_LIST),
    Route("GET", "/cases/{reference}", cases.show_case, READERS, None, c.CaseAnswer, "The case with its report chain"),
    Route("GET", "/cases/{reference}/timeline", cases.show_timeline, READERS, None, c.TimelineAnswer, "The log"),
    Route("GET", "/cases/{reference}/notifications", cases.show_notifications, READERS, None, c.NotificationListAnswer,
          "For each addressee: the grade reached, the clocks, the deliveries and what proves them"),
    Route("GET", "/cases/{reference}/cap.xml", cases.show_cap, READERS, None, cases.CAP_TYPE,
          "The latest message of the case as CAP 1.2, always private", 200, (p.LANGUAGE,)),
    Route("GET", "/cases/{reference}/record", cases.show_record, READERS, None, c.RecordAnswer, "The BCH document"),
    Route("POST", "/drafts", drafts.create_draft, WRITERS, r.DRAFT, a.DraftAnswer, "The draft", 201),
    Route("GET", "/drafts", drafts.list_drafts, WRITERS, None, a.DraftListAnswer, "The drafts of your State"),
    Route("GET", "/drafts/{id}", drafts.show_draft, WRITERS, None, a.DraftAnswer, "The draft, and what it still lacks"),
    Route("PUT", "/drafts/{id}", drafts.replace_draft, WRITERS, r.DRAFT, a.DraftAnswer, "The draft", 200, MATCH),
    Route("DELETE", "/drafts/{id}", drafts.remove_draft, WRITERS, None, None, "It is gone", 204, MATCH),
    Route("POST", "/drafts/{id}/submission", drafts.submit_draft, FILERS_OF_A_STATE, None, c.SubmissionAnswer,
          "The case; 200 when the draft was submitted before", 201, CONFIRM),
    Route("POST", "/notifications/{id}/acknowledgements", notifications.acknowledge, ANSWERERS, r.ANSWER,
          a.EnteredAnswer, "How far the notification is answered now"),
    Route("GET", "/tasks", secretariat.list_tasks, TASKS, None, a.TaskListAnswer, "Most urgent first", 200, TASK_LIST),
    Route("POST", "/tasks/{id}/result", secretariat.finish_task, TASKS, r.TASK_RESULT, a.TaskAnswer, "The task, done"),
    Route("GET", "/mails/{id}", secretariat.show_mail, TASKS, None, secretariat.MAIL_TYPE, "The bytes as they came in"),
    Route("POST", "/dispatch/pause", secretariat.pause_dispatch, BRAKE, r.PAUSE, a.PauseAnswer, "Until when it holds"),
    Route("POST", "/dispatch/resume", secretariat.resume_dispatch, BRAKE, None, a.PauseAnswer, "Sending goes on"),
    Route("GET", "/states", registry.list_states, (Right.LIST_STATES,), None, a.StateListAnswer, "All, by code"),
    Route("GET", "/contacts", registry.list_contacts, KEEPERS, None, a.ContactListAnswer, "By id", 200, CONTACT_LIST),
    Route("POST", "/contacts", registry.add_contact, KEEPERS, r.CONTACT, a.ContactAnswer, "The contact", 201),
    Route("GET", "/contacts/{id}", registry.show_contact, KEEPERS, None, a.ContactAnswer, "The contact"),
    Route("PUT", "/contacts/{id}", registry.replace_contact, KEEPERS, r.CONTACT, a.ContactAnswer, "It now", 200, MATCH),
    Route("DELETE", "/contacts/{id}", registry.remove_contact, KEEPERS, None, None, "It is gone", 204, MATCH),
    Route("GET", "/contacts/{id}/attempts", resending.list_attempts, KEEPERS, None, a.AttemptListAnswer,
          "Every try for the contact, the latest first", 200, ATTEMPT_LIST),
    Route("POST", "/contacts/{id}/replay", resending.replay_contact, KEEPERS, r.REPLAY, a.ReplayAnswer,
          "How many messages were queued for its endpoint", 202),
    Route("POST", "/deliveries/{id}/resend", resending.resend_delivery, KEEPERS, None, a.ResentAnswer,
          "It is queued, under the same id", 202),
    Route("POST", "/contacts/{id}/test", registry.send_test, KEEPERS, None, a.QueuedTestAnswer, "It is queued", 202),
    Route("POST", "/contacts/{id}/webhook", registry.register_webhook, KEEPERS, r.WEBHOOK, a.WebhookSecretAnswer,
          "The challenge was answered; the secret is shown this once"),
    Route("GET", "/events", stream_events, (Right.READ_EVENTS,), None, "text/event-stream",
          "Events of the cases you may read, as they happen", 200, (p.LAST_EVENT_ID,)),
    Route("GET", "/openapi.json", service.show_openapi, EVERYONE, None, "application/json", "This description"),
    Route("GET", "/schemas/report.json", service.show_report_schema, EVERYONE, None, "application/json", "JSON Schema"),
    Route("GET", "/schemas/webhook.json", service.show_webhook_schema, EVERYONE, None, "application/json",
          "JSON Schema"),
)
_OUTSIDE = (
    Route("GET", "/api/docs", service.show_documentation, EVERYONE, None, "text/html", "This description as a page"),
    Route("GET", "/healthz", service.show_liveness, EVERYONE, None, "application/json", "The process answers"),
    Route("GET", "/readyz", service.show_readiness, EVERYONE, None, a.ReadinessAnswer, "Ready; else 503"),
    Route("GET", "/metrics", service.show_metrics, EVERYONE, None, "text/plain", "Figures for Prometheus"),
    Route("GET", "/.well-known/article17-keys.json", service.show_signing_keys, EVERYONE, None, "application/json",
          "The public keys that verify our webhooks"),
)
# fmt: on

_ALL = (*_API, *CHAIN, *CONSULTATION, *OVERSIGHT)
ROUTES = (*(replace(route, path=PREFIX + route.path) for route in _ALL), *_OUTSIDE)
"""Every address of the API, and the service's own signs of life."""
