"""Counts how many reports are checked, and webhooks signed, in a second on one core."""

from __future__ import annotations

import base64
import importlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from adapters.webhook.signing import sign
from bench.machine import median, ratio
from bench.sinks import ROOT
from notify.report import parse_report

SECRET = bytes(range(32))
BODY = json.dumps({"type": "notification.issued", "data": {"text": "Ø" * 1500}}).encode()


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Take the rounds, the reference library's signatures in turn with ours."""
    seconds = 0.1 if quick else 1.0
    reference = _reference()
    reports, ours, theirs = [], [], []
    for _ in range(rounds):
        reports.append(_rate(_check_all, seconds) * len(_documents()))
        ours.append(_rate(_sign, seconds))
        theirs.append(_rate(reference, seconds) if reference else None)
    signed, standard = median(ours, 0), median(theirs, 0)
    return {
        "reports_checked_per_second": median(reports, 0),
        "signatures_per_second": signed,
        "standardwebhooks_signatures_per_second": standard,
        "signatures_ratio": ratio(signed, standard),
        "rounds": rounds,
    }


def _rate(action: Callable[[], Any], seconds: float) -> float:
    action()
    done, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        action()
        done += 1
    return done / passed


def _documents() -> list[Any]:
    paths = sorted((ROOT / "examples" / "reports").glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def _check_all() -> None:
    for document in _documents():
        parse_report(document, is_state=bool, is_place=bool)


def _sign() -> None:
    sign("msg_1", 1_795_000_000, BODY, secrets=[SECRET])


def _reference() -> Callable[[], Any] | None:
    """Take the reference library of the signature, where it is installed."""
    try:
        library = importlib.import_module("standardwebhooks")
    except ImportError:
        return None
    signer = library.Webhook(f"whsec_{base64.b64encode(SECRET).decode()}")
    at, text = datetime.fromtimestamp(1_795_000_000, UTC), BODY.decode()
    return lambda: signer.sign("msg_1", at, text)
