"""Query parameters that take one or more codes."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shared.reference.pillars import PILLARS, canonical_pillar

MAX_CODE_LENGTH = 64
MAX_CODES = 100


class FilterQuery(Schema):
    """A query of filters; a subclass adds its parameters."""

    class Meta:
        """Unknown parameters are errors."""

        unknown = RAISE


class Choices(fields.Field[list[str]]):
    """One or more codes: a repeated parameter, or codes separated by commas."""

    _code = validate.Regexp(
        rf"^[A-Za-z0-9_.:-]{{1,{MAX_CODE_LENGTH}}}$", error="{input} is not a valid code."
    )

    def __init__(self, known: Sequence[str] = (), **options: Any) -> None:
        self._known = known
        metadata = {"type": "string", "description": "One or more codes, separated by commas."}
        super().__init__(load_default=list, metadata=metadata, **options)

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - marshmallow's signature
        **kwargs: Any,  # noqa: ARG002 - marshmallow's signature
    ) -> list[str]:
        parts = [
            part.strip()
            for text in (value if isinstance(value, list) else [value])
            for part in text.split(",")
        ]
        codes = list(dict.fromkeys(self._canonical(part) for part in parts if part))
        if len(codes) > MAX_CODES:
            raise ValidationError(f"Give at most {MAX_CODES} codes.")
        return codes

    def _canonical(self, code: str) -> str:
        if self._known and code not in self._known:
            raise ValidationError(f"{code!r} is not a known code. Known codes: {', '.join(self._known)}.")
        self._code(code)
        return code


class PillarChoices(Choices):
    """One or more pillars, in any spelling that submissions accept."""

    def _canonical(self, code: str) -> str:
        pillar = canonical_pillar(code)
        if pillar is None:
            raise ValidationError(f"{code!r} is not a pillar. Known pillars: {', '.join(PILLARS)}.")
        return pillar
