"""The words and signs of currencies, in the languages of the reporters."""

import re
from collections.abc import Mapping

from shared.reference.codelists import CODELISTS
from shared.reference.spelling import normalise

CURRENCY_SIGNS: Mapping[str, str] = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₺": "TRY", "₽": "RUB"}

_CURRENCIES = {
    "EUR": "euro euros eura evra evro еура евра евро",  # noqa: RUF001 - Cyrillic words
    "BAM": "km км marka maraka марка марака",
    "ALL": "lek lekë leke leku",
    "RSD": "din dinar dinara дин динар динара",
    "MKD": "den denar denari ден денар денари мкд",
    "USD": "dollar dollars dolar dolara долар долара",
}

_WORDS = {normalise(word): code for code, words in _CURRENCIES.items() for word in words.split()}

CURRENCY_WORDS: Mapping[str, str] = {
    **{normalise(code): code for code in CODELISTS["currency"].codes},
    **_WORDS,
}

_SHARED_SIGNS = {
    "$": frozenset(("USD", "AUD", "CAD", "HKD", "NZD", "SGD")),
    "¥": frozenset(("JPY", "CNY")),
    "£": frozenset(("GBP", "EGP")),
}
"""The currencies of a sign that several have."""

_KILOMETRES = ("km", "км")
_WORD = re.compile(r"\w+")


def currencies_in(text: str) -> frozenset[str]:
    """Return the currencies that a text may name: by a code in capitals, by a word, or else by a sign."""
    named = {code for word in _WORD.findall(text) if (code := _currency_of(word))}
    if named:
        return frozenset(named)
    found = [sign for sign in text if sign in CURRENCY_SIGNS]
    return frozenset().union(*(_SHARED_SIGNS.get(sign, {CURRENCY_SIGNS[sign]}) for sign in found))


def _currency_of(word: str) -> str | None:
    if word in CODELISTS["currency"].codes:
        return word
    return None if word in _KILOMETRES else _WORDS.get(normalise(word))
