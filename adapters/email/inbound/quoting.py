"""Knows how mail clients mark what they quote: lines, attributions and separators, in many languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_LINE_LIMIT = 500
_ATTRIBUTION_LINES = 4

_QUOTED = re.compile(r"[>|>»]")
# "On 9 November … wrote:", "… пишет:", "… 写道:", "… كتب:": a verb at the end, with a date or an address before it.
_VERB = re.compile(
    r"\b(wrote|writes|a écrit|a ecrit|écrit|escribió|escribio|escribe|escreveu|schrieb\b.{0,80}|пишет|писал(?:а|\(а\))?"
    r"|написал(?:а|\(а\))?|ha scritto|skrev)\s*:?$|(?:写道|寫道|写到)\s*[::]?$"
    r"|(?:كتب|كتبت|كتبه|أرسل|بواسطة|تمت كتابة).{0,200}[::]$",
    re.IGNORECASE,
)
# Some clients use no verb: "пн, 9 нояб. 2026 г. в 10:00, Name <name@example>:"
_DATED = re.compile(r"\d{4}.*(?:<[^<>\s]+@[^<>\s]+>|@)\s*[::]$|\d{4}.{0,40}\d\d:\d\d.{0,160}[::]$")
_OPENING = re.compile(
    r"(on|at|le|el|am|em|il|op|в|во|от|在|于|في|بتاريخ|mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс|lun|mar|mié|jue|"
    r"vie|sáb|dom)\b|.*[\d@\u0660-\u0669]",
    re.IGNORECASE,
)
# "-----Original Message-----" in whatever language, or a line of dashes or underscores.
_SEPARATOR = re.compile(
    r"-{2,}\s?[^-].{1,60}[^-]\s?-{2,}|[_─—–=*-]{8,}|(begin|начало) .{0,20}(forwarded|пересыла).{0,30}", re.I
)
_FROM = re.compile(
    r"\*?(from|de|от(?: кого)?|发件人|發件人|寄件者|寄件人|من|المرسل|von|da)\s*\*?\s*[::]", re.IGNORECASE
)
_OTHER_FIELD = re.compile(
    r"\*?(sent|date|to|cc|subject|envoyé(?: le)?|envoye|à|a|objet|enviado(?: el)?|fecha|para|asunto|отправлено|дата"
    r"|кому|копия|тема|发送时间|發送時間|时间|日期|收件人|抄送|主题|主旨|主題|تم الإرسال|تاريخ الإرسال|التاريخ"
    r"|إلى|نسخة|الموضوع|gesendet|datum|an|betreff)\s*\*?\s*[::]",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"--|—|sent (from|via|using) (my|outlook|mail|yahoo|proton|samsung|the )?.{0,60}|get outlook for .{0,60}"
    r"|envoyé (de(puis)?|à partir de) .{0,60}|télécharger outlook .{0,60}|enviado (desde|con) .{0,60}"
    r"|obtener outlook .{0,60}|отправлено (с|из) .{0,60}|发自.{0,40}|從我的.{0,40}|从我的.{0,40}|获取 outlook.{0,40}"
    r"|أ?ُ?رسلت? من .{0,60}|تم الإرسال من .{0,60}|(gesendet|von meinem) .{0,60}",
    re.IGNORECASE,
)


def visible(line: str) -> str:
    """Take out what nobody sees (marks of direction, joiners, controls) and the spaces around."""
    spaced = line.replace("\t", " ").replace("\u00a0", " ").replace("\u202f", " ")
    return "".join(character for character in spaced if unicodedata.category(character) not in ("Cf", "Cc")).strip()


def is_quoted(line: str) -> bool:
    """Tell whether a line carries the mark of a quotation."""
    return bool(_QUOTED.match(line))


def is_signature(line: str) -> bool:
    """Tell whether a line opens a signature, or is one that a phone adds."""
    return bool(_SIGNATURE.fullmatch(line))


def attribution_length(lines: Sequence[str]) -> int:
    """Count the lines at the start that together say who wrote what follows; 0 when they do not."""
    lines = [line[:_LINE_LIMIT] for line in lines]
    if not lines or not _OPENING.match(lines[0]):
        return 0
    joined = ""
    for count, line in enumerate(lines[:_ATTRIBUTION_LINES], start=1):
        if not line or is_quoted(line):
            return 0
        joined = f"{joined} {line}".strip()
        if re.search(r"[\d@\u0660-\u0669]", joined) and (_VERB.search(joined) or _DATED.search(joined)):
            return count
    return 0


def opens_old_mail(lines: Sequence[str]) -> bool:
    """Tell whether the old mail follows unmarked from here: a separator, or a block of From, Sent, To, Subject."""
    if not lines:
        return False
    if _SEPARATOR.fullmatch(lines[0]):
        return True
    following = [line for line in lines[1:8] if line][:5]
    return bool(_FROM.match(lines[0])) and any(_OTHER_FIELD.match(line) for line in following)
