"""Describes the API as OpenAPI 3.1, generated from the URL table and the models of bodies and answers."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from openapi_pydantic import (
    Components,
    Info,
    MediaType,
    OpenAPI,
    Operation,
    PathItem,
    Reference,
    RequestBody,
    Response,
    Schema,
    SecurityScheme,
    Server,
)
from openapi_pydantic import Parameter as OpenApiParameter
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from pydantic import BaseModel

from adapters.api.answers import ProblemAnswer
from adapters.api.parameters import Parameter, matching
from adapters.api.problems import MEDIA_TYPE
from adapters.api.route import SHAPES, Route
from adapters.api.uploads import FileBody
from notify.account import RIGHTS, Role

TITLE = "Article 17 notification service"
INTRODUCTION = (
    "Notifies States, the Biosafety Clearing-House and international organizations of unintentional transboundary "
    "movements of living modified organisms (Cartagena Protocol on Biosafety, Article 17). All times are in UTC. "
    "Every error is a problem document (RFC 9457) that names each fault by its JSON pointer."
)
_PROBLEM = "Problem"
_IN_PATH = {
    "cases": "The reference of a case, such as A17-2026-0001.",
    "drafts": "The id of a draft, as it was given when the draft was made.",
    "notifications": "The id of a notification, as in the notifications of its case.",
    "requests": "The id of a request, as in the consultation of its case.",
    "conclusions": "The id of a conclusion, as in the consultation of its case.",
    "invitations": "The id of an invitation, as in the consultation of its case.",
    "measures": "The id of a measure, as in the measures of its case.",
    "inquiries": "The reference of an inquiry, such as INQ17-2026-0001.",
    "exercises": "The reference of an exercise, such as EX17-2026-0001.",
    "attachments": "The SHA-256 digest of the bytes, in hexadecimal.",
    "deliveries": "The id of a delivery, as in the attempts of a contact: the `webhook-id`.",
    "mails": "The id of a mail that came in, as in the evidence of a delivery.",
    "tasks": "The id of a task, as in the list of tasks.",
    "contacts": "The id of a contact, as in the list of contacts.",
}


def openapi_document(routes: Sequence[Route], *, version: str, public_url: str) -> dict[str, Any]:
    """Write the whole description as JSON."""
    paths: dict[str, PathItem] = {}
    for route in routes:
        item = paths.setdefault(route.path, PathItem())
        setattr(item, route.method.lower(), _operation(route))
    draft = OpenAPI(
        openapi="3.1.1",
        info=Info(title=TITLE, version=version, description=INTRODUCTION),
        servers=[Server(url=public_url.rstrip("/") or "/")],
        paths=paths,
        components=Components(
            securitySchemes={"token": SecurityScheme(type="http", scheme="bearer", bearerFormat="a17_…")},
            responses={_PROBLEM: _response("What is wrong, and where", ProblemAnswer, MEDIA_TYPE)},
        ),
    )
    whole = construct_open_api_with_schema_class(draft)
    document: dict[str, Any] = whole.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return document


def readers_of(route: Route) -> str:
    """Say which accounts may make a call."""
    if not route.rights:
        return "everyone, without a token"
    roles = [role for role, rights in RIGHTS.items() if role is not Role.OPERATOR and rights & set(route.rights)]
    return ", ".join(roles)


def _operation(route: Route) -> Operation:
    answers: dict[str, Response | Reference] = {str(route.status): _success(route)}
    if (route.status == 201 and route.body is None) or "Idempotency-Key" in [p.name for p in route.parameters]:
        answers["200"] = _success(route)
    if route.rights:
        answers["default"] = Reference(**{"$ref": f"#/components/responses/{_PROBLEM}"})
    return Operation(
        operationId=route.name,
        summary=inspect.getdoc(route.handler),
        description=f"For: {readers_of(route)}.",
        tags=[_tag(route)],
        parameters=[*_path_parameters(route), *(_parameter(each) for each in route.parameters)] or None,
        requestBody=_body(route),
        responses=answers,
        security=[{"token": []}] if route.rights else None,
    )


def _tag(route: Route) -> str:
    """Group calls by the aggregate that their path names."""
    steps = route.path.split("/")
    return steps[3] if route.path.startswith("/api/v1/") and route.rights else "service"


def _path_parameters(route: Route) -> list[OpenApiParameter | Reference]:
    steps = route.path.split("/")
    named = [(collection, step[1:-1]) for collection, step in pairwise(steps) if step.startswith("{")]
    return [
        OpenApiParameter(
            **{"name": name, "in": "path", "required": True, "schema": Schema(**matching(SHAPES[name]))},
            description=_IN_PATH[collection],
        )
        for collection, name in named
    ]


def _parameter(given: Parameter) -> OpenApiParameter:
    described = {"name": given.name, "in": given.place, "description": given.text, "required": given.needed}
    return OpenApiParameter(**described, **{"schema": Schema(**given.shape)})


def _body(route: Route) -> RequestBody | None:
    if route.body is None:
        return None
    if isinstance(route.body, FileBody):
        content = {name: MediaType(**{"schema": Schema()}) for name in route.body.media_types}
        return RequestBody(content=content, required=True)
    return RequestBody(content={"application/json": _content(route.body.model)}, required=route.body.needed)


def _success(route: Route) -> Response:
    if route.answer is None:
        return Response(description=route.says)
    if isinstance(route.answer, str):
        return Response(description=route.says, content={route.answer: MediaType()})
    return _response(route.says, route.answer, "application/json")


def _response(says: str, model: type[BaseModel], media_type: str) -> Response:
    return Response(description=says, content={media_type: _content(model)})


def _content(model: type[BaseModel]) -> MediaType:
    return MediaType(**{"schema": PydanticSchema(schema_class=model)})
