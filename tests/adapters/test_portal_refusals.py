"""What the pages refuse, how they say so, and the headers that every page carries."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web

from adapters.portal import PortalOptions, portal_middleware
from adapters.portal.allowance import MOST_KEYS, Allowance
from contacts.model import ContactId
from tests.adapters.portal_system import portal_system, rice_report

FORM = {"by": "Anna Jansen", "office": "NVWA"}
DEAD = "This link is not valid"


@pytest.mark.parametrize("token", ["unknown", "x" * 65, "x" * 5000, "é", "..%2F..%2Fetc", "%00", "a b"])
async def test_an_unknown_link_says_what_to_do(tmp_path: Path, token: str) -> None:
    async with portal_system(tmp_path) as system:
        for status, text in (await system.get(f"/a/{token}"), await system.post(f"/a/{token}", FORM)):
            assert (status, DEAD in text) == (404, True)
            assert "mailto:secretariat@biosafety.example" in text


async def test_a_revoked_link_shows_and_takes_nothing(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        async with system.database.write() as work:
            await work.deliveries.revoke_links(ContactId("nl-1"), system.clock.now())
            await work.commit()
        assert (await system.get(link))[0] == 404
        assert (await system.post(link, FORM))[0] == 404
        assert await system.rows("acknowledgement") == []


async def test_a_link_ends_thirty_days_after_the_close(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        case = await system.file(rice_report())
        link = await system.link(case)
        await system.close_case(case)
        system.clock.advance(days=30)
        assert (await system.get(link))[0] == 200
        system.clock.advance(seconds=1)
        assert (await system.get(link))[0] == 404
        assert (await system.post(link, FORM))[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://article17.example.evil.example"},
    ],
)
async def test_a_form_from_another_site_is_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        before = await system.dump()
        status, text = await system.post(link, FORM, headers=headers)
        assert (status, "This form came from another site" in text) == (403, True)
        assert await system.dump() == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null"},
        {"Origin": "https://article17.example"},
    ],
)
async def test_our_own_form_is_taken_as_browsers_old_and_new_send_it(tmp_path: Path, headers: dict[str, str]) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        assert (await system.post(link, FORM, headers=headers))[0] == 200
        assert len(await system.rows("acknowledgement")) == 1


async def test_only_a_small_url_encoded_form_is_read(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        async with system.client.post(link, json=FORM) as response:
            assert response.status == 415
        async with system.client.post(link, data=FORM | {"more": "x" * 20_000}) as response:
            assert response.status == 413
        async with system.client.post(link, data={f"field{n}": "x" for n in range(200)}) as response:
            assert response.status == 413
        encoded = {"Content-Type": "application/x-www-form-urlencoded"}
        async with system.client.post(link, data=b"by=%ff%fe&office=\xff\x00&&=&;", headers=encoded) as response:
            assert response.status == 422
        assert await system.rows("acknowledgement") == []


async def test_too_many_forms_for_one_link_wait_a_minute_and_the_page_still_opens(tmp_path: Path) -> None:
    seconds = [0.0]
    options = PortalOptions(posts_per_minute=3, ticks=lambda: seconds[0])
    async with portal_system(tmp_path, options) as system:
        link = await system.link(await system.file(rice_report()))
        assert [(await system.post(link, {"by": ""}))[0] for _ in range(4)] == [422, 422, 422, 429]
        async with system.client.post(link, data=FORM) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "60")
            assert "Please wait a minute" in await response.text()
        assert (await system.get(link))[0] == 200
        seconds[0] = 60.0
        assert (await system.post(link, FORM))[0] == 200


async def test_too_many_unknown_links_from_one_place_wait_and_known_ones_still_open(tmp_path: Path) -> None:
    async with portal_system(tmp_path, PortalOptions(unknown_links_per_minute=2)) as system:
        link = await system.link(await system.file(rice_report()))
        assert [(await system.get(f"/a/guess{number}"))[0] for number in range(4)] == [404, 404, 429, 429]
        assert (await system.get(link))[0] == 200


def test_an_allowance_keeps_a_bounded_number_of_keys() -> None:
    allowance = Allowance(1, lambda: 0.0)
    assert all(allowance.take(str(number)) for number in range(MOST_KEYS + 10))
    assert not allowance.take(str(MOST_KEYS))
    assert allowance.take("0")


@pytest.mark.parametrize("path", ["/", "/a/unknown", "/nowhere", "/dev/mails", "/static/", "/static/nothing.css"])
async def test_every_page_carries_the_security_headers(tmp_path: Path, path: str) -> None:
    async with portal_system(tmp_path) as system, system.client.get(path) as response:
        assert response.status == (200 if path == "/" else 404)
        assert response.content_type == "text/html"
        policy = response.headers["Content-Security-Policy"]
        for rule in ("default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"):
            assert rule in policy
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_page_of_a_known_link_and_its_refusals_carry_them_too(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        link = await system.link(await system.file(rice_report()))
        for method, form in (("GET", None), ("POST", {"by": ""}), ("PUT", None), ("POST", FORM)):
            async with system.client.request(method, link, data=form, allow_redirects=False) as response:
                assert response.headers["Referrer-Policy"] == "no-referrer"
                assert response.headers["Cache-Control"] == "no-store"
                if method == "PUT":
                    assert (response.status, response.headers["Allow"]) == (405, "GET,HEAD,OPTIONS,POST")


async def test_the_style_sheet_is_served_for_both_directions_from_one_place(tmp_path: Path) -> None:
    async with portal_system(tmp_path) as system:
        _, page = await system.get(await system.link(await system.file(rice_report())))
        assert '<link rel="stylesheet" href="../static/portal.css">' in page
        async with system.client.get("/static/portal.css") as response:
            sheet = await response.text()
            assert (response.status, response.content_type) == (200, "text/css")
    assert [side for side in ("left", "right") if f"-{side}:" in sheet or f" {side}:" in sheet] == []


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api", "/healthz", "/metrics", "/.well-known/x"])
async def test_addresses_of_the_api_are_left_alone(tmp_path: Path, path: str) -> None:
    async with portal_system(tmp_path) as system, system.client.get(path) as response:
        assert response.content_type == "text/plain"
        assert "Content-Security-Policy" not in response.headers


def test_the_middleware_can_be_built_before_the_pages() -> None:
    assert web.Application(middlewares=[portal_middleware(PortalOptions())]).middlewares
