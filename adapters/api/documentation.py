"""Writes the description of the API as one page that reads without scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from adapters.api.bodies import LARGEST_BODY
from adapters.api.problems import KINDS, UNEXPECTED

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid; }
section { margin: 1.5rem 0; }
code { font-family: ui-monospace, monospace; }
.method { display: inline-block; min-width: 4.5rem; font-weight: bold; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #8884; }
td:first-child { min-width: 8rem; }
nav ul, .plain { list-style: none; padding: 0; }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Lets the page's own style in, and nothing else."""

Json = Mapping[str, Any]
MOST_CHOICES = 40
_METHODS = ("get", "post", "put", "delete")


def documentation_page(document: Json) -> str:
    """Write the page of an OpenAPI document."""
    title = escape(f"{document['info']['title']}: API {document['info']['version']}")
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{title}</h1><p>{escape(document['info']['description'])}</p>",
            '<p>The same for machines: <a href="/api/v1/openapi.json">OpenAPI 3.1</a>; the shape of a report: '
            '<a href="/api/v1/schemas/report.json">JSON Schema</a>.</p>',
            "<p>Send the token of your account with each call: <code>Authorization: Bearer a17_…</code></p>",
            *_contents(document),
            "<main><h2>Calls</h2>",
            *(_call(path, method, operation) for path, method, operation in _operations(document)),
            "<h2>Problems</h2>",
            *_problems(),
            "<h2>Shapes</h2>",
            *(_shape(name, schema) for name, schema in sorted(document["components"]["schemas"].items())),
            "</main></body></html>\n",
        )
    )


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method, methods[method]


def _contents(document: Json) -> Iterator[str]:
    yield "<nav><ul>"
    for path, method, operation in _operations(document):
        link = f'<a href="#{escape(operation["operationId"])}"><code>{escape(path)}</code></a>'
        yield f'<li><span class="method">{method.upper()}</span> {link} {escape(operation["summary"])}</li>'
    yield "</ul></nav>"


def _call(path: str, method: str, operation: Json) -> str:
    heading = f"<code>{method.upper()} {escape(path)}</code>"
    lines = [f'<section id="{escape(operation["operationId"])}"><h3>{heading}</h3>']
    lines.append(f"<p>{escape(operation['summary'])} {escape(operation['description'])}</p>")
    if operation.get("parameters"):
        lines.append(_table(("Parameter", "In", ""), map(_parameter, operation["parameters"])))
    if "requestBody" in operation:
        lines.append(f"<p>Body: {_body(operation['requestBody']['content'])}</p>")
    lines.append('<ul class="plain">')
    for status, answer in operation["responses"].items():
        if "$ref" not in answer:
            lines.append(f"<li><strong>{status}</strong> {escape(answer['description'])}: {_content(answer)}</li>")
    return "\n".join((*lines, "</ul></section>"))


def _body(content: Json) -> str:
    """Say what a body holds: a shape of ours, or the bytes of a file."""
    if "application/json" in content and content["application/json"].get("schema"):
        return _link(content["application/json"]["schema"])
    return f"the bytes of one file: {escape(', '.join(content))}"


def _parameter(given: Json) -> tuple[str, str, str]:
    needed = "Needed. " if given.get("required") and given["in"] != "path" else ""
    choices = given["schema"].get("enum", [])
    one_of = f" {_one_of(choices)}." if choices else ""
    text = escape(f"{needed}{given.get('description', '')}{one_of}")
    return f"<code>{escape(given['name'])}</code>", escape(given["in"]), text


def _content(answer: Json) -> str:
    for media_type, content in answer.get("content", {}).items():
        shape = _link(content["schema"]) if "schema" in content else ""
        return f"<code>{escape(media_type)}</code> {shape}"
    return "no body"


def _problems() -> Iterator[str]:
    for kind in (*KINDS.values(), UNEXPECTED):
        yield f'<section id="problem-{kind.name}"><h3><code>{kind.status}</code> {escape(kind.title)}</h3></section>'
    yield _table(("Status", "Also"), ((f"<code>{status}</code>", escape(text)) for status, text in _STATUSES))


# What the connection itself says; these are no kinds of their own.
_STATUSES = (
    (405, "The address does not know this method; the header Allow names those that it knows."),
    (412, "Another version is stored than the one that If-Match names."),
    (413, f"The body is larger than {LARGEST_BODY:,} bytes."),
    (415, "The body is no JSON: Content-Type must be application/json."),
)


def _shape(name: str, schema: Json) -> str:
    lines = [f'<section id="shape-{escape(name)}"><h3>{escape(name)}</h3>']
    lines.append(f"<p>{escape(schema.get('description', ''))}</p>")
    properties, needed = schema.get("properties", {}), schema.get("required", [])
    if properties:
        rows = (
            (
                f"<code>{escape(field)}</code>",
                _link(value),
                escape(("Needed. " if field in needed else "") + value.get("description", "")),
            )
            for field, value in properties.items()
        )
        lines.append(_table(("Field", "Type", ""), rows))
    elif "enum" in schema:
        lines.append(f"<p>{escape(_one_of(schema['enum']))}</p>")
    return "\n".join((*lines, "</section>"))


def _link(schema: Json) -> str:
    """Say the type of a value; a shape of its own is linked."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#shape-{name}">{name}</a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_link(choice) for choice in schema[several]))
    if schema.get("type") == "array":
        return f"list of {_link(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"map of {_link(schema['additionalProperties'])}"
    if "enum" in schema:
        return escape(_one_of(schema["enum"]))
    return escape(str(schema.get("format") or schema.get("const") or schema.get("type") or "any"))


def _one_of(choices: Sequence[Any]) -> str:
    """List what may be chosen; of a list too long to read, how long it is and how it begins."""
    if len(choices) <= MOST_CHOICES:
        return f"One of: {', '.join(map(str, choices))}"
    return f"One of {len(choices)}, such as {', '.join(map(str, choices[:3]))}"


def _table(heads: tuple[str, ...], rows: Any) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
