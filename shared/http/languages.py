"""The language of a response: the parameter `language`, else the header Accept-Language, else English."""

from collections.abc import Sequence

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from shared.errors import FieldError, Unprocessable
from shared.i18n import LANGUAGES, Text, canonical_language, first_known

PARAMETER = "language"
"""The query parameter that every route accepts."""

HEADER = "Accept-Language"


def accepted_language(header: str | None) -> str:
    """Return the first of our languages that the header accepts; English if it accepts none, or is missing."""
    accept: LanguageAccept = parse_accept_header(header, LanguageAccept)
    return first_known(tag for tag, quality in accept if quality > 0)


def requested_language(given: Sequence[str], header: str | None) -> str:
    """Return the language that a request asks for; raise `Unprocessable` for an unknown `language`."""
    if not given:
        return accepted_language(header)
    language = canonical_language(given[0]) if len(given) == 1 else None
    if language is None:
        known = ", ".join(LANGUAGES)
        raise Unprocessable(
            [
                FieldError(
                    f"/query/{PARAMETER}",
                    Text("This is not one of the languages of this system."),
                    Text("one of: {codes}", codes=known),
                )
            ]
        )
    return language
