"""What the API says of itself, how it answers, and the headers of every answer."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import validate

from adapters.api.headers import SECURITY_HEADERS
from adapters.api.problems import KINDS, UNEXPECTED, problem_middleware
from adapters.api.routes import ROUTES
from notify.report import report_schema
from tests.adapters.api_system import WILLING, ApiSystem, api_system
from tests.builders import example, report_from

ANSWER = {"grade": "assessed", "assessment": "affected", "by": "A. Officer", "office": "Desk"}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiSystem]:
    async with api_system(tmp_path) as opened:
        yield opened


async def _openapi(api: ApiSystem) -> Any:
    return (await api.ask("GET", "/openapi.json", None)).document


async def test_the_description_is_valid_openapi_and_knows_every_route(api: ApiSystem) -> None:
    document = await _openapi(api)
    validate(document)
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert described == {(route.method, route.path) for route in ROUTES}
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))


async def test_the_description_says_which_calls_need_a_token_and_whose(api: ApiSystem) -> None:
    document = await _openapi(api)
    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert bool(operation.get("security")) is bool(route.rights)
    assert document["paths"]["/api/v1/tasks"]["get"]["description"] == "For: secretariat."


async def test_answers_are_as_they_are_described(api: ApiSystem) -> None:
    document = await _openapi(api)
    case = (await api.file(example("llrice601"), await _filer(api))).document["reference"]
    own = await api.case("UG", "SO")
    task = (await api.ask("GET", "/tasks", "secretariat")).document["tasks"][0]["id"]
    draft = (await api.ask("POST", "/drafts", body={"type": "initial"})).document["id"]
    contact = {"state": "KE", "role": "article_17_contact", "office": "Desk", "email": "a@ke.example"}
    answered = f"/notifications/{await api.notification_of(own)}/acknowledgements"
    calls: list[tuple[str, str, str, str, Any]] = [
        ("post", "/cases/preview", "/cases/preview", "authority", report_from("KE", "UG")),
        ("post", "/notifications/{id}/acknowledgements", answered, "contact", ANSWER),
        ("get", "/cases", "/cases", "secretariat", None),
        ("get", "/cases/{reference}", f"/cases/{case}", "filer", None),
        ("get", "/cases/{reference}", f"/cases/{own}", "contact", None),
        ("get", "/cases/{reference}/timeline", f"/cases/{case}/timeline", "filer", None),
        ("get", "/cases/{reference}/notifications", f"/cases/{own}/notifications", "authority", None),
        ("get", "/cases/{reference}/record", f"/cases/{own}/record", "authority", None),
        ("get", "/drafts", "/drafts", "authority", None),
        ("put", "/drafts/{id}", f"/drafts/{draft}", "authority", {}),
        ("get", "/drafts/{id}", f"/drafts/{draft}", "authority", None),
        ("get", "/tasks", "/tasks", "secretariat", None),
        ("post", "/tasks/{id}/result", f"/tasks/{task}/result", "secretariat", {"result": "done"}),
        ("post", "/dispatch/pause", "/dispatch/pause", "secretariat", {"reason": "a mistake"}),
        ("post", "/dispatch/resume", "/dispatch/resume", "secretariat", None),
        ("get", "/states", "/states", "reader", None),
        ("post", "/contacts", "/contacts", "authority", contact | {"id": "ke-x", "webhook": {"url": WILLING}}),
        ("post", "/contacts/{id}/webhook", "/contacts/ke-x/webhook", "authority", None),
        ("post", "/contacts/{id}/test", "/contacts/ke-x/test", "authority", None),
        ("put", "/contacts/{id}", "/contacts/ke-x", "authority", contact),
        ("get", "/contacts/{id}", "/contacts/ke-a17-1", "authority", None),
        ("get", "/contacts", "/contacts", "secretariat", None),
        ("get", "/readyz", "/readyz", "reader", None),
    ]
    for method, path, address, caller, body in calls:
        reply = await api.ask(method.upper(), address, caller, body)
        place = path if path == "/readyz" else f"/api/v1{path}"
        _hold(document, place, method, reply.status, reply.document)


async def _filer(api: ApiSystem) -> str:
    await api.new_caller("filer", "authority", "US")
    return "filer"


def _hold(document: Any, path: str, method: str, status: int, answer: Any) -> None:
    described = document["paths"][path][method]["responses"]
    assert str(status) in described, f"{method} {path} answered {status}: {answer}"
    schema = described[str(status)]["content"]["application/json"]["schema"]
    whole = schema | {"components": document["components"]}
    jsonschema.validate(answer, whole, cls=jsonschema.Draft202012Validator)


async def test_the_real_reports_are_as_the_served_schema_says(api: ApiSystem) -> None:
    schema = (await api.ask("GET", "/schemas/report.json", None)).document
    assert schema == report_schema()
    jsonschema.validate(example("llrice601"), schema, cls=jsonschema.Draft202012Validator)


class Page(HTMLParser):
    """Notes the tags, ids and local links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("href", "src") and value:
                self.links.add(value)


async def test_the_documentation_is_a_page_without_scripts_or_foreign_addresses(api: ApiSystem) -> None:
    reply = await api.ask("GET", "/api/docs", None)
    page = Page(reply.text)
    assert reply.headers["Content-Type"].startswith("text/html")
    assert page.tags.isdisjoint({"script", "iframe", "img", "link", "object", "form"})
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if not link.startswith("#")} == {
        "/api/v1/openapi.json",
        "/api/v1/schemas/report.json",
    }
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    for route in ROUTES:
        assert f"{route.method} {route.path}" in reply.text


async def test_the_documentation_describes_every_kind_of_problem(api: ApiSystem) -> None:
    page = Page((await api.ask("GET", "/api/docs", None)).text)
    assert {kind.address.partition("#")[2] for kind in (*KINDS.values(), UNEXPECTED)} <= set(page.ids)


async def test_the_documentation_says_the_bounds_of_a_page_what_stands_in_a_path_and_every_status(
    api: ApiSystem,
) -> None:
    document = await _openapi(api)
    limit = next(p for p in document["paths"]["/api/v1/cases"]["get"]["parameters"] if p["name"] == "limit")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 200)
    for path, item in document["paths"].items():
        for operation in item.values():
            in_path = [p for p in operation.get("parameters", []) if p["in"] == "path"]
            assert len(in_path) == path.count("{")
            assert all(parameter["description"] for parameter in in_path)
    page = (await api.ask("GET", "/api/docs", None)).text
    assert "1 to 200; 50 unless you say" in page
    for status in (405, 412, 413, 415):
        assert f"<code>{status}</code>" in page


async def test_the_style_of_the_documentation_is_the_one_that_its_policy_lets_in(api: ApiSystem) -> None:
    reply = await api.ask("GET", "/api/docs", None)
    style = re.search(r"<style>(.*)</style>", reply.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/openapi.json"), ("GET", "/api/v1/cases"), ("GET", "/api/nothing"), ("POST", "/api/v1/cases"),
     ("DELETE", "/api/v1/cases"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/.well-known/nothing"),
     ("HEAD", "/healthz"), ("OPTIONS", "/api/v1/cases")],
)  # fmt: skip
async def test_every_answer_carries_the_security_headers(api: ApiSystem, method: str, path: str) -> None:
    for caller in (None, "authority"):
        headers = (await api.ask(method, path, caller)).headers
        for name, value in SECURITY_HEADERS.items():
            assert headers[name] == value
        assert headers["Cache-Control"] == "no-store"
        assert headers["Strict-Transport-Security"].startswith("max-age=")
        assert "aiohttp" not in headers["Server"]


async def test_plain_http_does_not_promise_https(tmp_path: Path) -> None:
    async with api_system(tmp_path, https=False) as api:
        assert "Strict-Transport-Security" not in (await api.ask("GET", "/healthz", None)).headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/cases/%00", 404), ("GET", f"/cases/{'x' * 65}", 404), ("PUT", "/cases", 405)],
)
async def test_an_address_that_is_none_is_a_problem_document(
    api: ApiSystem, method: str, path: str, status: int
) -> None:
    reply = await api.ask(method, path)
    assert reply.status == status
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    assert reply.document["status"] == status
    if status == 405:
        assert set(reply.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/cases/preview", {"POST"}), ("/dispatch/pause", {"POST"}), ("/cases/A17-2026-0001", {"GET", "HEAD"})],
)
async def test_an_address_names_the_methods_that_are_described_and_no_other(
    api: ApiSystem, path: str, allowed: set[str]
) -> None:
    reply = await api.ask("PUT", path)
    assert (reply.status, set(reply.headers["Allow"].split(","))) == (405, allowed)


CONTACT = {"state": "KE", "role": "article_17_contact", "office": "Desk", "email": "desk@authority.example"}
BODIES: list[tuple[str, dict[str, Any], bool]] = [
    ("ContactRequest", CONTACT, True),
    ("ContactRequest", CONTACT | {"order": 2.0, "time_zone": "Africa/Nairobi", "confirmed_on": "2026-10-01"}, True),
    ("ContactRequest", CONTACT | {"webhook": {"url": "https://hook.ke.example/a?b=c", "verified": True}}, True),
    ("ContactRequest", CONTACT | {"order": None, "duty": None, "person": None, "webhook": None}, True),
    ("ContactRequest", {**CONTACT, "role": "organization", "state": None, "organization": "FAO"}, True),
    ("ContactRequest", {**CONTACT, "role": "secretariat", "state": None}, True),
    ("ContactRequest", {**CONTACT, "role": "secretariat"}, False),
    ("ContactRequest", {**CONTACT, "role": "organization"}, False),
    ("ContactRequest", {**CONTACT, "role": "organization", "state": None}, False),
    ("ContactRequest", {**CONTACT, "state": None}, False),
    ("ContactRequest", CONTACT | {"organization": "FAO"}, False),
    *(("ContactRequest", CONTACT | {field: ""}, False) for field in (*CONTACT, "person", "telephone", "confirmed_on")),
    *(("ContactRequest", CONTACT | {field: "a\nb"}, False) for field in ("office", "person", "bch_uid", "id")),
    ("ContactRequest", CONTACT | {"office": "\u2028"}, False),
    ("ContactRequest", CONTACT | {"office": "x" * 301}, False),
    ("ContactRequest", CONTACT | {"time_zone": "Africa/Nowhere"}, False),
    ("ContactRequest", CONTACT | {"language": "english!"}, False),
    ("ContactRequest", CONTACT | {"order": 0}, False),
    ("ContactRequest", CONTACT | {"order": 1.5}, False),
    ("ContactRequest", CONTACT | {"webhook": {"url": "https://x.example", "verified": "yes"}}, False),
    ("ContactRequest", CONTACT | {"webhook": {"url": ""}}, False),
    ("PauseRequest", {"reason": "Reports came in by mistake.\nChecking."}, True),
    ("PauseRequest", {"reason": ""}, False),
    ("PauseRequest", {"reason": " \t "}, False),
    ("PauseRequest", {"reason": "bell \x07"}, False),
    ("PauseRequest", {"reason": "x" * 1001}, False),
    *(("WebhookRequest", {"url": url}, True) for url in (WILLING, f"{WILLING}?key=%20", None)),
    *(
        ("WebhookRequest", {"url": url}, False)
        for url in ("", "ftp://x.example", "https://", "https://a@x.example", "https://x.example/#a", "https://x:0/",
                    "https://x.example/a b", "https://x.example:99999/", "//x.example")
    ),
]  # fmt: skip
CALLS = {
    "ContactRequest": "/contacts",
    "PauseRequest": "/dispatch/pause",
    "WebhookRequest": "/contacts/ke-a17-1/webhook",
}


@pytest.mark.parametrize(("shape", "body", "fits"), BODIES)
async def test_what_fits_the_description_is_taken_and_what_does_not_is_refused(
    api: ApiSystem, shape: str, body: dict[str, Any], fits: bool
) -> None:
    shapes = (await _openapi(api))["components"]
    schema = {"$ref": f"#/components/schemas/{shape}", "components": shapes}
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert validator.is_valid(body) is fits
    if body.get("url", "") is None:
        await api.ask("POST", CALLS[shape], "secretariat", {"url": WILLING})
    url = (body.get("webhook") or body).get("url")
    reply = await api.ask("POST", CALLS[shape], "secretariat", body)
    # The one endpoint that answers its challenge is called by its exact address.
    taken = reply.status in (200, 201) or (fits and url is not None and "challenge" in reply.text)
    assert taken is fits, reply.text


ANSWERS: list[tuple[dict[str, Any], bool]] = [
    ({"grade": "received"}, True),
    ({"grade": "received", "assessment": None, "means": "portal"}, True),
    ({"grade": "assessed", "assessment": "affected", "means": "api"}, True),
    ({"grade": "acting"}, True),
    ({"grade": "acting", "assessment": "cannot_say"}, True),
    ({"grade": "received", "assessment": "affected"}, False),
    ({"grade": "assessed"}, False),
    ({"grade": "assessed", "assessment": None}, False),
    ({"grade": "seen"}, False),
    ({"grade": "received", "means": "link"}, False),
    ({"grade": "received", "by": ""}, False),
    ({"grade": "received", "by": "x" * 201}, False),
    ({"grade": "received", "office": "a\nb"}, False),
    ({"grade": "received", "office": " "}, False),
]


async def test_an_answer_fits_the_description_exactly_when_it_is_taken(api: ApiSystem) -> None:
    shapes = (await _openapi(api))["components"]
    validator = jsonschema.Draft202012Validator({"$ref": "#/components/schemas/AnswerRequest", "components": shapes})
    notification = await api.notification_of(await api.case())
    for said, fits in ANSWERS:
        body = {"by": "A. Officer", "office": "Desk"} | said
        reply = await api.ask("POST", f"/notifications/{notification}/acknowledgements", "contact", body)
        assert (validator.is_valid(body), reply.status == 200) == (fits, fits), (said, reply.text)


async def test_an_unexpected_error_tells_nothing_of_the_inside_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails() -> list[Any]:
        raise RuntimeError("password=hunter2")

    async with api_system(tmp_path, signing_keys=fails) as api:
        reply = await api.ask("GET", "/.well-known/article17-keys.json", None)
    assert reply.status == 500
    assert "hunter2" not in reply.text
    assert "hunter2" in caplog.text
    reference = reply.document["detail"].rpartition(": ")[2]
    assert reference in caplog.text


async def test_pages_outside_the_api_are_left_alone(api: ApiSystem) -> None:
    async with api.client.get("/a/unknown-token") as response:
        assert response.headers["Content-Type"].startswith("text/plain")
        assert "Content-Security-Policy" not in response.headers


async def test_a_redirect_is_no_problem() -> None:
    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPFound("/api/docs")

    app = web.Application(middlewares=[problem_middleware])
    app.router.add_get("/api/old", elsewhere)
    async with TestClient(TestServer(app)) as client, client.get("/api/old", allow_redirects=False) as response:
        assert response.status == 302
