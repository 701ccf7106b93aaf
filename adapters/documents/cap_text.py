"""Says in one language what a CAP message tells its reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.languages.formatting import language_name, partial_date
from adapters.languages.labels import label, label_of
from adapters.languages.sentences import addressee_name, say_in_words
from notify.delivery import Notice
from notify.sentence import Sentence

LONGEST_DESCRIPTION = 8_000
"""Characters; the whole report stands at the address of the case."""


@dataclass(frozen=True, slots=True)
class CapText:
    """The texts of one notice in one language that we speak; `names` are our own names of States by code."""

    notice: Notice
    language: str
    names: Mapping[str, str]

    @property
    def event(self) -> str:
        """Name what kind of event it is."""
        return label(str(self.notice.notification_class), self.language)

    @property
    def exercise(self) -> str:
        """Say that nothing of this has happened."""
        return self._say(Sentence("Exercise: nothing of this has happened"))

    @property
    def instruction(self) -> str:
        """Say what is asked of the reader."""
        return self._say(Sentence("Please acknowledge receipt."))

    @property
    def withdrawn(self) -> str:
        """Say that nothing is asked any more."""
        return self._say(Sentence("This case was withdrawn by the reporting State. Nothing more is asked of you."))

    @property
    def sender_name(self) -> str:
        """Name who notifies."""
        state = self.state(self.notice.reporting_state or "unknown")
        return f"{self.notice.authority}, {state}" if self.notice.authority else state

    @property
    def headline(self) -> str:
        """Give the title, marked where it is an exercise."""
        title = _chosen(self.notice.title, self.language, self.notice.original_language)[1]
        return self._say(Sentence("EXERCISE: {title}"), title=title) if self.notice.exercise else title

    @property
    def contact(self) -> str:
        """Give the point of contact for further information (Article 17(3)(e))."""
        office = self.notice.report.get("contact_for_information") or {}
        name = _chosen(office.get("office"), self.language, self.notice.original_language)[1]
        return ", ".join(part for part in (name, office.get("email"), office.get("telephone")) if part)

    @property
    def description(self) -> str:
        """Say what an officer must know first, one fact on a line."""
        text = "\n".join(line for line in self._lines() if line)
        return text if len(text) <= LONGEST_DESCRIPTION else f"{text[: LONGEST_DESCRIPTION - 1]}…"

    def state(self, code: str) -> str:
        """Name a State, or another addressee."""
        return label(code, self.language) if code == "unknown" else addressee_name(code, self.language, self.names)

    def _lines(self) -> Iterator[str]:
        notice, report = self.notice, self.notice.report
        if notice.exercise:
            yield self._say(Sentence("EXERCISE – this is an exercise: what it describes has not happened."))
        if notice.severity_reason is not None:
            yield say_in_words(notice.severity_reason, self.language, self.names)
        yield from (self._say(Sentence("LMO: {names}"), names=self._lmo(lmo)) for lmo in report.get("lmos") or ())
        yield from self._release(report.get("release") or {})
        yield from self._affected(report)
        detection = report.get("detection") or {}
        if detection.get("method"):
            yield self._say(Sentence("How to detect it: {method}"), method=label_of(detection["method"], self.language))
        yield self._narrative(Sentence("Detection"), detection.get("description"))
        yield self._narrative(Sentence("Human health"), report.get("health"))
        language = language_name(notice.original_language, self.language)
        authoritative = Sentence(
            "The texts of the report are those of the reporting State and are authoritative in {language}. "
            "Headings, names of codes and the form are by this service."
        )
        yield self._say(authoritative, language=language)

    def _lmo(self, lmo: Mapping[str, Any]) -> str:
        parts = [lmo.get(name) for name in ("common_name", "scientific_name", "event", "unique_identifier")]
        named = [_chosen(part, self.language, self.notice.original_language)[1] for part in parts if part]
        known = named or [_chosen(lmo.get("description"), self.language, self.notice.original_language)[1]]
        return ", ".join(part for part in known if part) or label("unknown", self.language)

    def _release(self, release: Mapping[str, Any]) -> Iterator[str]:
        if release.get("state", "unknown") != "unknown":
            yield self._say(Sentence("State of release: {state}"), state=str(release["state"]))
        date = release.get("date") or {}
        if date.get("value"):
            written = partial_date(str(date["value"]), str(date.get("precision", "day")), self.language)
            yield self._say(Sentence("Estimated date of the release: {value}"), value=written)
        yield self._narrative(Sentence("Circumstances of the release"), release.get("circumstances"))

    def _affected(self, report: Mapping[str, Any]) -> Iterator[str]:
        for status, said in (
            ("affected", Sentence("Affected States: {states}")),
            ("potentially_affected", Sentence("Potentially affected States: {states}")),
            ("transit", Sentence("States of transit: {states}")),
        ):
            codes = [str(a["state"]) for a in report.get("affected_states") or () if a.get("status") == status]
            if codes:
                yield self._say(said, states=codes)
        if report.get("affected_states_determined") is False:
            yield self._say(Sentence("The list of affected States may be incomplete."))

    def _narrative(self, lead: Sentence, value: Any) -> str:
        """Give a text of the report; one in another language says which."""
        tag, text = _chosen(value, self.language, self.notice.original_language)
        if not text:
            return ""
        subject = self._say(lead)
        if tag != self.language:
            named = language_name(tag, self.language)
            subject = self._say(Sentence("{subject} (original text, {language})"), subject=subject, language=named)
        return f"{self._say(Sentence('{subject}:'), subject=subject)} {text}"

    def _say(self, sentence: Sentence, **values: Any) -> str:
        return say_in_words(Sentence(sentence.text, values), self.language, self.names)


def _chosen(value: Any, language: str, original: str) -> tuple[str, str]:
    """Choose one version of a text of the report, with its language: the reader's, the original, any."""
    if not isinstance(value, Mapping):
        return language, str(value or "")
    tag = next((tag for tag in (language, original, *value) if tag in value), language)
    return tag, str(value.get(tag, ""))
