"""Submissions as the engine knows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from services.validation.domain.engine.bounds import IN_FULL
from services.validation.domain.engine.submissions import Submission
from services.validation.verdicts.formats import bodies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.blobs import Blobs


def submission_of(received: Mapping[str, Any]) -> Submission:
    """What the rules may know of what was received."""
    return Submission(
        **{name: received[name] for name in ("pillar", "kind", "period", "tlp", "reporter", "partner")},
        received_on=received["received_at"][: len("2026-01-01")],
    )


def located_submission(received: Mapping[str, Any], *, blobs: Blobs, body: BinaryIO) -> Submission:
    """The same; of one that came in a file with where its records stand in it, so that each place can be told there.

    The body is at its beginning, before and after.
    """
    name = bodies.name_of_origins(body)
    if name is None:
        return submission_of(received)
    return replace(submission_of(received), origins=bodies.read_origins(blobs.get(name)), bound=IN_FULL)
