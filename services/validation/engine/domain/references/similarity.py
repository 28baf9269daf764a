"""Whether two pieces of support may be the same one, told twice: a score, with its reasons spelled out."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.reference import label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_SIMILAR = 5
"""So many are told of one record: who looks at five looks further."""

MIN_SCORE = 70
"""From this score on two are told to be alike: everything else being the same, two in five words of the titles are."""

BENEFICIARY_SCORE, PERIOD_SCORE, TYPE_SCORE, TITLE_SCORE = 20, 15, 15, 50
"""What each likeness adds to the score; that of the titles in proportion."""

MAX_KEY_WORDS = 3
STEM_LENGTH = 6
"""Words that begin with the same letters count as the same: "detecting" and "detection", in any script."""

MIN_WORD_LENGTH = 3

_NOT_A_WORD = re.compile(r"[\W\d_]+")


class Candidate(NamedTuple):
    """Support that was accepted before, by its reporter, ref and facts."""

    reporter: str
    ref: str
    facts: Mapping[str, Any]


def compared_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """What one piece of support is compared by, beside its title: beneficiaries, type, and when it begins and ends."""
    compared = {
        "support_type": record.get("support_type"),
        "beneficiaries": sorted({each["code"] for each in record.get("beneficiaries") or ()}),
        "start": record.get("actual_start") or record.get("planned_start"),
        "end": record.get("actual_end") or record.get("planned_end"),
    }
    return {name: value for name, value in compared.items() if value}


def similarity_keys(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys under which like support is found: each beneficiary with the type and a telling word of the title."""
    words = sorted(_stems(record.get("title") or ""), key=lambda stem: (-stem[1], stem[0]))[:MAX_KEY_WORDS]
    return tuple(
        hashlib.sha256(f"{code}|{record.get('support_type')}|{stem}".encode()).hexdigest()[:16]
        for code in sorted({each["code"] for each in record.get("beneficiaries") or ()})
        for stem, _ in words
    )


def rank_similar(facts: Mapping[str, Any], candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
    """Those that are likely the same: {ref, reporter, title, score, reasons}, the likeliest first, at most five."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in candidates:
        score, reasons = _likeness(facts, each.facts)
        key = (each.reporter, each.ref)
        if score >= MIN_SCORE and (key not in found or found[key]["score"] < score):
            found[key] = {
                "ref": each.ref,
                "reporter": each.reporter,
                "title": each.facts.get("title", ""),
                "score": score,
                "reasons": reasons,
            }
    likeliest = sorted(found.values(), key=lambda like: (-like["score"], like["reporter"], like["ref"]))
    return likeliest[:MAX_SIMILAR]


def _likeness(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[int, list[str]]:
    """From 0 to 100, and why."""
    score, reasons = 0, []
    both = sorted(set(one.get("beneficiaries", ())) & set(other.get("beneficiaries", ())))
    if both:
        score += BENEFICIARY_SCORE
        reasons.append(f"both benefit {' and '.join(both)}")
    overlap = _overlap(one, other)
    if overlap is not None:
        score += PERIOD_SCORE
        reasons.append(overlap)
    if one.get("support_type") is not None and one["support_type"] == other.get("support_type"):
        score += TYPE_SCORE
        reasons.append(f'both are of the type "{label("support_type", one["support_type"])}"')
    share = _shared_words(one.get("title", ""), other.get("title", ""))
    if share:
        score += round(TITLE_SCORE * share)
        reasons.append(f"the words of their titles agree to {round(100 * share)} %")
    return score, reasons


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """When both run, in words; support without an end is still running. None if they never do, or nobody knows."""
    starts = [each["start"] for each in (one, other) if each.get("start")]
    ends = [each["end"] for each in (one, other) if each.get("end")]
    if len(starts) < len((one, other)) or (ends and min(ends) < max(starts)):
        return None
    until = f"to {min(ends)}" if ends else "on"
    return f"both run from {max(starts)} {until}"


def _shared_words(one: str, other: str) -> float:
    """How far two titles use the same words, from 0 to 1 (the Sørensen-Dice coefficient)."""
    mine, theirs = ({stem for stem, _ in _stems(title)} for title in (one, other))
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0


@lru_cache(maxsize=8_192)
def _stems(title: str) -> Sequence[tuple[str, int]]:
    """The beginnings of a title's words, each once, with the length of the longest word that begins so.

    Case and accents make no difference; figures are no words, since courses are numbered.
    """
    plain = unicodedata.normalize("NFKD", title.casefold())
    if not plain.isascii():
        plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    longest: dict[str, int] = {}
    for word in _NOT_A_WORD.split(plain):
        if len(word) >= MIN_WORD_LENGTH:
            longest[word[:STEM_LENGTH]] = max(len(word), longest.get(word[:STEM_LENGTH], 0))
    return tuple(longest.items())
