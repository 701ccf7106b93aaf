"""Says what the service needs of the database, one port per aggregate."""

from __future__ import annotations

from notify.stores.cases import AccountStore, BrakeStore, CaseStore, DraftStore
from notify.stores.deliveries import Contacts, DeliveryStore, NotificationStore, TaskStore
from notify.stores.outbox import LogStore, OutboxStore

__all__ = [
    "AccountStore",
    "BrakeStore",
    "CaseStore",
    "Contacts",
    "DeliveryStore",
    "DraftStore",
    "LogStore",
    "NotificationStore",
    "OutboxStore",
    "TaskStore",
]
