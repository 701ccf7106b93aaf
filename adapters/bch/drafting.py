"""Writes drafted records as `biosafetyDecision` documents, with an identifier that stays the same for a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.bch.record_format import record_identifier, to_biosafety_decision
from notify.record import BCHRecord


class BiosafetyDecisionFormat:
    """The Clearing-House's own format."""

    def __init__(self, service: str) -> None:
        """Take the public address of the service, so that two services never give one identifier twice."""
        self._service = service

    def draft(self, record: BCHRecord) -> Mapping[str, Any]:
        identifier = record_identifier(record.case_reference, service=self._service)
        return to_biosafety_decision(record, identifier=identifier)
