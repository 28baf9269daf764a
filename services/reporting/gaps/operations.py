"""The gap matrix, for one reader."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from services.reporting.figures.domain.visibility import Reader
from services.reporting.figures.operations import presenting, reading
from services.reporting.gaps.domain import CLOSED, Cell, Gap, Place, count_gaps, matrix_of
from shared.database import Transaction
from shared.reference.reporters import STRUCTURES

NO_NUMBERS: Mapping[str, None] = dict.fromkeys(Gap.__dataclass_fields__)


def read_gaps(tx: Transaction, *, reader: Reader, filters: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """Return the gap matrix: numbers of needs per partner and pillar. Raises `KindIsRestricted`.

    The reader sees its own partner's needs in full, where its role allows that, and others' by marking. A structure
    that has not reported has no numbers, and only those who read its obligations learn that it has not.
    """
    needs = reading.list_linked_needs(tx, reader=reader, filters=filters, except_statuses=CLOSED)
    reporters = reading.list_accepted_reporters(tx, kind="need", periods=filters.get("period", ()))
    matrix = matrix_of(
        count_gaps(needs),
        reported=_places(reporters),
        known=_places(reader.known_structures()),
        partners=filters.get("partner", ()),
        pillars=filters.get("pillar", ()),
    )
    labelled = presenting.labelled
    body = {
        "filters": presenting.applied_filters(filters),
        "markings": sorted(reader.rights.markings),
        "cells": [
            labelled(("partner", "pillar"), place) | _numbers(cell) for place, cell in matrix.cells.items()
        ],
        "totals": {
            "partners": [
                labelled(("partner",), (code,)) | _total(cell) for code, cell in matrix.partners.items()
            ],
            "pillars": [
                labelled(("pillar",), (code,)) | _total(cell) for code, cell in matrix.pillars.items()
            ],
            "all": _total(matrix.total),
        },
    }
    return presenting.response_body(reading.find_last_folded_at(tx), body)


def _places(structures: Collection[str]) -> set[Place]:
    known = [STRUCTURES[code] for code in structures if code in STRUCTURES]
    return {(each.partner, each.pillar) for each in known}


def _numbers(cell: Cell) -> dict[str, Any]:
    return {"state": cell.state, **(asdict(cell.gap) if cell.gap else NO_NUMBERS)}


def _total(cell: Cell) -> dict[str, Any]:
    return _numbers(cell) | {"structures": cell.structures, "reported": cell.reported}
