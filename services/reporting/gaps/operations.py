"""The gap matrix, for one reader."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from services.reporting.figures.domain.visibility import Reader
from services.reporting.figures.operations import presenting, reading
from services.reporting.gaps.domain import CLOSED, count_gaps, matrix_of
from shared.database import Transaction


def read_gaps(tx: Transaction, *, reader: Reader, filters: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """Return the gap matrix: numbers of needs per partner and pillar. Raises `KindIsRestricted`.

    The reader sees its own partner's needs in full, where its role allows that, and others' by marking.
    """
    needs = reading.list_linked_needs(tx, reader=reader, filters=filters, except_statuses=CLOSED)
    matrix = matrix_of(count_gaps(needs))
    labelled = presenting.labelled
    body = {
        "filters": presenting.applied_filters(filters),
        "markings": sorted(reader.rights.markings),
        "cells": [
            labelled(("partner", "pillar"), place) | asdict(gap) for place, gap in matrix.cells.items()
        ],
        "totals": {
            "partners": [
                labelled(("partner",), (code,)) | asdict(gap) for code, gap in matrix.partners.items()
            ],
            "pillars": [labelled(("pillar",), (code,)) | asdict(gap) for code, gap in matrix.pillars.items()],
            "all": asdict(matrix.total),
        },
    }
    return presenting.response_body(reading.find_last_folded_at(tx), body)
