"""Says what the service needs of the database, one port per aggregate."""

from __future__ import annotations

from notify.stores.cases import AccountStore, BrakeStore, CaseStore, ClosingStore, DraftStore
from notify.stores.consultation import ConsultationStore, StatementStore
from notify.stores.deliveries import Contacts, DeliveryStore, NotificationStore, TaskStore
from notify.stores.endpoints import EndpointStore, ResendStore
from notify.stores.figures import ExerciseStore, FigureStore
from notify.stores.mails import MailStore
from notify.stores.measures import AttachmentStore, InquiryStore, MeasureStore
from notify.stores.outbox import LogStore, OutboxStore

__all__ = [
    "AccountStore",
    "AttachmentStore",
    "BrakeStore",
    "CaseStore",
    "ClosingStore",
    "ConsultationStore",
    "Contacts",
    "DeliveryStore",
    "DraftStore",
    "EndpointStore",
    "ExerciseStore",
    "FigureStore",
    "InquiryStore",
    "LogStore",
    "MailStore",
    "MeasureStore",
    "NotificationStore",
    "OutboxStore",
    "ResendStore",
    "StatementStore",
    "TaskStore",
]
