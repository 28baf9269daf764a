"""Words for thousands, millions and billions, in the languages of the reporters, as `normalise` writes them."""

from collections.abc import Mapping

from shared.reference.spelling import normalise

MULTIPLIERS: Mapping[str, int] = {
    **{
        normalise(word): 1_000
        for word in [
            "k",
            "tis",
            "tisuca",
            "tisuća",
            "tisuće",
            "thousand",
            "thousands",
            "hilj",
            "hiljada",
            "hiljade",
            "hiljadu",
            "mijë",
            "mije",
            "mijëra",
            "хиљада",
            "хиљаде",
            "хиљаду",
            "илјади",
            "илјада",
            "хилјади",
        ]
    },
    **{
        normalise(word): 1_000_000
        for word in [
            "m",
            "mil",
            "mio",
            "mln",
            "million",
            "millions",
            "milion",
            "miliona",
            "milioni",
            "milionë",
            "milijun",
            "milijuna",
            "milijuni",
            "милион",
            "милиона",
            "милиони",
            "мил",
            "млн",
        ]
    },
    **{
        normalise(word): 1_000_000_000
        for word in [
            "bn",
            "billion",
            "billions",
            "mlrd",
            "milijarda",
            "milijarde",
            "milijardi",
            "miliard",
            "miliardë",
            "милијарда",
            "милијарде",
            "милијарди",
            "млрд",
        ]
    },
}
