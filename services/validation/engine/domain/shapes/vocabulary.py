"""Words in cells that should hold a number or a date: months and marks for no value.

They are in the languages of the reporters, as `normalise` writes them: without case, accents and punctuation.
"""

from collections.abc import Mapping

from shared.reference.spelling import normalise

_MONTHS = (
    "january jan januar janar januari siječanj siječnja januara janara јануар јануара јануари",
    "february feb februar shkurt shk veljača veljače februara shkurtit фебруар фебруара февруари",
    "march mar mart mars ožujak ožujka marta marsit март марта",
    "april apr prill pri travanj travnja aprila prillit април априла",
    "may maj mai svibanj svibnja maja majit мај маја",
    "june jun juni qershor qer lipanj lipnja juna qershorit јун јуна јуни",
    "july jul juli korrik kor srpanj srpnja jula korrikut јул јула јули",
    "august aug avgust gusht gush kolovoz kolovoza avgusta augusta gushtit август августа",
    "september sep sept septembar shtator sht rujan rujna septembra shtatorit септембар септембра септември",
    "october oct okt oktobar tetor tet listopad listopada oktobra tetorit октобар октобра октомври",
    "november nov novembar nëntor nën studeni studenog studenoga novembra nëntorit новембар новембра ноември",
    "december dec dez decembar dhjetor dhj prosinac prosinca decembra dhjetorit децембар децембра декември",
)

_ROMAN = "i ii iii iv v vi vii viii ix x xi xii"

MONTHS: Mapping[str, int] = {
    **{word: number for number, word in enumerate(_ROMAN.split(), start=1)},
    **{normalise(word): number for number, words in enumerate(_MONTHS, start=1) for word in words.split()},
}

PLACEHOLDERS = frozenset(
    normalise(word)
    for word in (
        *(
            "n/a",
            "na",
            "not applicable",
            "not available",
            "none",
            "nil",
            "null",
            "unknown",
            "tbd",
            "tba",
            "tbc",
        ),
        *("to be determined", "to be confirmed", "pending", "blank", "empty", "open", "x", "xx", "xxx"),
        *(
            "nema",
            "nije primjenjivo",
            "nije primenljivo",
            "nije poznato",
            "nepoznato",
            "ništa",
            "bez",
            "nije dostupno",
        ),
        *(
            "u toku",
            "naknadno",
            "nije određeno",
            "prazno",
            "nuk ka",
            "pa",
            "s'ka",
            "nuk aplikohet",
            "nuk dihet",
        ),
        *(
            "e panjohur",
            "asnjë",
            "нема",
            "није примењиво",
            "непознато",
            "не е применливо",  # noqa: RUF001 - a Cyrillic word
            "непознат",
            "није познато",
        ),
    )
)
"""Marks that people type where they have no value."""
