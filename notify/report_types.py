"""Defines the small types of which a report is made: texts, language maps, codes, dates, addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    PlainValidator,
    StringConstraints,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from notify.vocabulary import OTHER, VOCABULARIES

LONGEST_TEXT = 20_000
LONGEST_LIST = 200


class Part(BaseModel):
    """A frozen object of a report that refuses unknown fields; null says the same as leaving a field out."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    # Where null is a statement of its own ("not stated"), it is kept.
    keeps_null: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _leave_out_null(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        known = {field.alias or name for name, field in cls.model_fields.items()} - cls.keeps_null
        return {key: value for key, value in given.items() if value is not None or key not in known}


@dataclass(frozen=True, slots=True)
class Of:
    """Marks a field as a code of the named vocabulary."""

    name: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        schema = WithJsonSchema(self._json_schema())
        return handler.generate_schema(Annotated[Any, PlainValidator(self._checked), schema])

    def _checked(self, given: Any) -> Any:
        codes = VOCABULARIES[self.name]
        plain = tuple(code for code in codes if code != OTHER)
        if isinstance(given, str) and given in plain:
            return given
        if OTHER in codes and _explains_other(given):
            return dict(given)
        explained = ', or {"code": "other", "text": "…"} with the text filled in' if OTHER in codes else ""
        raise ValueError(f"must be one of: {', '.join(plain)}{explained}")

    def _json_schema(self) -> dict[str, Any]:
        codes = VOCABULARIES[self.name]
        plain = {"type": "string", "enum": [code for code in codes if code != OTHER]}
        if OTHER not in codes:
            return plain
        text = {"type": "string", "minLength": 1, "maxLength": 500}
        properties = {"code": {"const": OTHER}, "text": text}
        explained = {"type": "object", "properties": properties, "required": ["code", "text"]}
        return {"anyOf": [plain, explained | {"additionalProperties": False}]}


def _explains_other(given: Any) -> bool:
    if not isinstance(given, dict) or set(given) != {"code", "text"} or given["code"] != OTHER:
        return False
    text = given["text"]
    return isinstance(text, str) and text.strip() != "" and len(text) <= 500


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("must be one line, without tabs")
    return _not_blank(text)


def _language_tag(tag: str) -> str:
    if len(tag) > 35 or not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", tag):
        raise ValueError("must be a language tag (BCP 47), such as en, fr or zh-Hans")
    return tag


def _language_map(given: Any) -> Any:
    if not isinstance(given, dict) or not given:
        raise ValueError('must be a language map that is not empty, such as {"en": "…"}')
    return given


def _text_or_map(given: Any) -> str | None:
    return "?text" if isinstance(given, str) else "?map" if isinstance(given, dict | PartialDate) else None


def _text_map_or_yes(given: Any) -> str | None:
    return "?yes" if isinstance(given, bool) else _text_or_map(given)


def _state_code(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError("must be two capital letters (ISO 3166-1 alpha-2), such as KE")
    return code


def _place_code(code: str) -> str:
    if code != "unknown" and not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError("must be two capital letters (ISO 3166-1 alpha-2), such as KE, or unknown")
    return code


def _email(address: str) -> str:
    fault = ValueError("must be an e-mail address, such as desk@biosafety.example")
    local, _, domain = address.rpartition("@")
    if not re.fullmatch(r"[^\s@<>(),;:\\\"\[\]]{1,64}", local) or ".." in f".{local}.":
        raise fault
    try:
        # IDN: the name that will be asked in the DNS must exist; the encoder also limits each label to 63 characters.
        labels = domain.encode("idna").decode("ascii").split(".")
    except UnicodeError:
        raise fault from None
    label = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    if len(labels) < 2 or not all(re.fullmatch(label, one) for one in labels):
        raise fault
    return address


def _url(address: str) -> str:
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits or re.search(r"\s", address):
        raise ValueError("must be a web address that begins with https:// or http://")
    return address


def _telephone(number: str) -> str:
    if sum(character.isdigit() for character in number) < 3:
        raise ValueError("must be a telephone number, such as +254 20 000000")
    return _one_line(number)


def _number(given: Any) -> int | float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError("must be a number")
    return given


def _between(lowest: int, highest: int) -> AfterValidator:
    def check(number: int | float) -> int | float:
        if not lowest <= number <= highest:
            raise ValueError(f"must be a number from {lowest} to {highest}")
        return number

    return AfterValidator(check)


def _boolean_as_word(given: Any) -> Any:
    return ("yes" if given else "no") if isinstance(given, bool) else given


def _limit(longest: int) -> StringConstraints:
    return StringConstraints(strict=True, min_length=1, max_length=longest)


Text = Annotated[str, _limit(LONGEST_TEXT), AfterValidator(_not_blank)]
ShortText = Annotated[str, _limit(500), AfterValidator(_not_blank)]
Line = Annotated[str, _limit(500), AfterValidator(_one_line)]
LanguageTag = Annotated[str, AfterValidator(_language_tag)]
LanguageTexts = Annotated[dict[LanguageTag, Text], Field(max_length=50), BeforeValidator(_language_map)]
Title = Annotated[dict[LanguageTag, ShortText], Field(max_length=50), BeforeValidator(_language_map)]
Told = Annotated[
    Annotated[Text, Tag("?text")] | Annotated[LanguageTexts, Tag("?map")],
    Discriminator(
        _text_or_map,
        custom_error_type="told",
        custom_error_message='must be text, or a language map such as {"en": "…"}',
    ),
]


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def unsaid(description: str) -> Any:
    """Give a text that may be left out; its schema names no default, as an empty text cannot be given."""
    return Field("", description=description, json_schema_extra=_without_default)


ToldOrYes = Annotated[
    Annotated[Text, Tag("?text")]
    | Annotated[LanguageTexts, Tag("?map")]
    | Annotated[bool, Field(strict=True), Tag("?yes")],
    Discriminator(
        _text_map_or_yes,
        custom_error_type="told_or_yes",
        custom_error_message='must be true or false, text, or a language map such as {"en": "…"}',
    ),
]
StateField = Annotated[str, _limit(200), AfterValidator(_state_code)]
PlaceField = Annotated[str, _limit(200), AfterValidator(_place_code)]
Email = Annotated[str, _limit(254), AfterValidator(_email)]
WebAddress = Annotated[str, _limit(2000), AfterValidator(_url)]
Telephone = Annotated[str, _limit(60), AfterValidator(_telephone)]
Number = Annotated[int | float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
Latitude = Annotated[Number, _between(-90, 90), WithJsonSchema({"type": "number", "minimum": -90, "maximum": 90})]
Longitude = Annotated[Number, _between(-180, 180), WithJsonSchema({"type": "number", "minimum": -180, "maximum": 180})]
BooleanWord = BeforeValidator(_boolean_as_word)


_FORMS: Mapping[str, tuple[str, str]] = {
    "year": (r"\d{4}", "YYYY"),
    "month": (r"\d{4}-\d{2}", "YYYY-MM"),
    "day": (r"\d{4}-\d{2}-\d{2}", "YYYY-MM-DD"),
    "hour": (
        r"\d{4}-\d{2}-\d{2}T\d{2}(:\d{2}(:\d{2}(\.\d{1,6})?)?)?(Z|[+-]\d{2}:\d{2})?",
        "ISO 8601 with the hour, such as 2026-11-20T14:00Z",
    ),
}


def _is_date(value: str, precision: str) -> bool:
    if not re.fullmatch(_FORMS[precision][0], value, re.ASCII):
        return False
    try:
        if precision == "hour":
            datetime.fromisoformat(value)
        else:
            # A missing month or day is the first.
            date.fromisoformat((value + "-01-01")[:10])
    except ValueError:
        return False
    return True


class PartialDate(Part):
    """A date as exactly as it is known."""

    keeps_null = frozenset({"value"})
    precision: Annotated[str, Of("precision")]
    value: str | None = Field(default=None, validate_default=True)

    @field_validator("value", mode="before")
    @classmethod
    def _fits_precision(cls, value: Any, known: ValidationInfo) -> Any:
        precision = known.data.get("precision")
        if precision is None:
            return value if isinstance(value, str) else None
        if precision == "unknown":
            if value is not None:
                raise ValueError("must be null when the precision is unknown")
        elif not isinstance(value, str) or not _is_date(value, precision):
            raise ValueError(f"must be a date in the form {_FORMS[precision][1]}, as the precision is {precision}")
        return value


def _plain_date(value: str) -> str:
    if not any(_is_date(value, precision) for precision in _FORMS):
        raise ValueError("must be a date, such as 2026-11-20, 2026-11 or 2026")
    return value


Day = Annotated[
    Annotated[str, AfterValidator(_plain_date), Tag("?text")] | Annotated[PartialDate, Tag("?map")],
    Discriminator(
        _text_or_map,
        custom_error_type="day",
        custom_error_message='must be a date such as "2026-11-20", or {"value": "2026-11", "precision": "month"}',
    ),
]
