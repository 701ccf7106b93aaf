"""Measures what each case costs, and writes one JSON file for each measurement to bench/results."""

from __future__ import annotations

import base64
import importlib
import json
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.webhook.signing import sign
from notify.report import parse_report

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
SECONDS = 1.0
SECRET = bytes(range(32))
BODY = json.dumps({"type": "notification.issued", "data": {"text": "Ø" * 1500}}).encode()


def rate_of(action: Callable[[], Any]) -> float:
    """Run an action for a second, after a warm-up, and give how often it ran in a second."""
    action()
    done, begun = 0, time.perf_counter()
    while (passed := time.perf_counter() - begun) < SECONDS:
        action()
        done += 1
    return round(done / passed, 1)


def report_checks() -> dict[str, float | None]:
    """Check the eleven example reports, one after the other; no opponent knows this shape."""
    paths = sorted((ROOT / "examples" / "reports").glob("*.json"))
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def check_all() -> None:
        for document in documents:
            parse_report(document, is_state=bool, is_place=bool)

    return {"article17": round(rate_of(check_all) * len(documents), 1)}


def webhook_signatures() -> dict[str, float | None]:
    """Sign a body of 3 kB with one HMAC secret, beside the reference library."""
    ours = rate_of(lambda: sign("msg_1", 1_795_000_000, BODY, secrets=[SECRET]))
    return {"article17": ours, "standardwebhooks": _reference_signatures()}


def _reference_signatures() -> float | None:
    try:
        library = importlib.import_module("standardwebhooks")
    except ImportError:
        return None
    signer = library.Webhook(f"whsec_{base64.b64encode(SECRET).decode()}")
    at, text = datetime.fromtimestamp(1_795_000_000, UTC), BODY.decode()
    return rate_of(lambda: signer.sign("msg_1", at, text))


MEASUREMENTS: dict[str, Callable[[], dict[str, float | None]]] = {
    "report-checks": report_checks,
    "webhook-signatures": webhook_signatures,
}


def main(wanted: list[str]) -> None:
    """Take the measurements named, or all."""
    RESULTS.mkdir(exist_ok=True)
    for name in wanted or MEASUREMENTS:
        rates = MEASUREMENTS[name]()
        result = {"name": name, "unit": "per second", "rates": rates, "python": platform.python_version()}
        (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {json.dumps(rates)} per second\n")


main(sys.argv[1:])
