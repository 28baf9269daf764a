"""Similarity of support: a score that two records describe the same support, with its reasons in words."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from shared.reference import label

MAX_SIMILAR = 5
"""The maximum number of similar records listed for one record."""

MIN_SCORE = 70
"""The minimum score of similar support. With everything else equal, two in five words of the titles must agree."""

BENEFICIARY_SCORE, PERIOD_SCORE, TYPE_SCORE, TITLE_SCORE = 20, 15, 15, 50
"""The points that each agreement adds to the score; the titles add theirs in proportion."""

MAX_KEY_WORDS = 3
STEM_LENGTH = 6
"""The number of initial letters that decide whether words are equal: "detecting" and "detection", in any script."""

MIN_WORD_LENGTH = 3

_NOT_A_WORD = re.compile(r"[\W\d_]+")


class Candidate(NamedTuple):
    """Previously accepted support, with its reporter, ref and facts."""

    reporter: str
    ref: str
    facts: Mapping[str, Any]


def compared_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the compared fields of support besides its title: beneficiaries, type, start and end."""
    compared = {
        "support_type": record.get("support_type"),
        "beneficiaries": sorted({each["code"] for each in record.get("beneficiaries") or ()}),
        "start": record.get("actual_start") or record.get("planned_start"),
        "end": record.get("actual_end") or record.get("planned_end"),
    }
    return {name: value for name, value in compared.items() if value}


def similarity_keys(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys that find similar support: each beneficiary with the type and a characteristic word of the title."""
    words = sorted(_stems(record.get("title") or ""), key=lambda stem: (-stem[1], stem[0]))[:MAX_KEY_WORDS]
    return tuple(
        hashlib.sha256(f"{code}|{record.get('support_type')}|{stem}".encode()).hexdigest()[:16]
        for code in sorted({each["code"] for each in record.get("beneficiaries") or ()})
        for stem, _ in words
    )


def rank_similar(facts: Mapping[str, Any], candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
    """Rank similar candidates by score: {ref, reporter, title, score, reasons}, at most `MAX_SIMILAR`."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in candidates:
        score, reasons = _similarity(facts, each.facts)
        key = (each.reporter, each.ref)
        if score >= MIN_SCORE and (key not in found or found[key]["score"] < score):
            found[key] = {
                "ref": each.ref,
                "reporter": each.reporter,
                "title": each.facts.get("title", ""),
                "score": score,
                "reasons": reasons,
            }
    ranked = sorted(found.values(), key=lambda each: (-each["score"], each["reporter"], each["ref"]))
    return ranked[:MAX_SIMILAR]


def _similarity(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Return the score, from 0 to 100, and its reasons."""
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
    """Describe when both run; None if never or unknown. Support without an end is still running."""
    starts = [each["start"] for each in (one, other) if each.get("start")]
    ends = [each["end"] for each in (one, other) if each.get("end")]
    if len(starts) < len((one, other)) or (ends and min(ends) < max(starts)):
        return None
    until = f"to {min(ends)}" if ends else "on"
    return f"both run from {max(starts)} {until}"


def _shared_words(one: str, other: str) -> float:
    """Return the share of words that two titles have in common, from 0 to 1 (the Sørensen-Dice coefficient)."""
    mine, theirs = ({stem for stem, _ in _stems(title)} for title in (one, other))
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0


@lru_cache(maxsize=8_192)
def _stems(title: str) -> Sequence[tuple[str, int]]:
    """Return the stems of a title's words, each once, with the length of the longest word that has the stem.

    Case and accents are ignored. Numbers are no words, since courses are numbered.
    """
    plain = unicodedata.normalize("NFKD", title.casefold())
    if not plain.isascii():
        plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    longest: dict[str, int] = {}
    for word in _NOT_A_WORD.split(plain):
        if len(word) >= MIN_WORD_LENGTH:
            longest[word[:STEM_LENGTH]] = max(len(word), longest.get(word[:STEM_LENGTH], 0))
    return tuple(longest.items())
