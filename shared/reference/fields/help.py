"""The help of each field, a sentence for people who fill in a spreadsheet, and the codes that a text may contain.

The names are paths: `training.topic` is a field of a block, `themes.code` one of each entry of a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE = "as 2026-05-31 or 31.5.2026"
_SHARES = "in per cent; the shares of all of them come to 100"
_CURRENCY = "three letters of ISO 4217, such as EUR, ALL, BAM, MKD or RSD"

HELP: Mapping[str, str] = {
    "ref": "Your own short identifier, which stays the same whenever this is reported again; it is used once in a file.",
    "title": "What this is about, in a line that another partner understands.",
    "description": "Whatever the other columns have no place for.",
    "source_document": "The strategy, action plan or decision that this comes from.",
    "tlp": "With whom this row may be shared, as a TLP 2.0 marking; when left blank, as the whole file.",
    "category": "What has to be changed: law, an institution, or how work is done.",
    "theme": "The pillar's own theme that fits best, as its code or its name.",
    "perspective": "Whether this prevents crime, or responds to it.",
    "strand": "Where this stands on the way from foreseeing a threat to answering it.",
    "priority": "The priority that the need belongs to, as your strategy words it.",
    "objective": "What shall be reached under that priority.",
    "measure": "The measure by which the objective is to be reached.",
    "action": "The single action that the measure needs.",
    "priority_level": "How important this is beside your other needs.",
    "urgency": "How soon this has to be met.",
    "capabilities": "What is lacking; several are separated by semicolons.",
    "beneficiary_institutions": "Who would gain by it, by their official names; several are separated by semicolons.",
    "estimated_cost": "The money that is needed, as a number without the currency.",
    "currency": f"The currency of the amounts of this row: {_CURRENCY}.",
    "price_year": "The year whose prices the cost is reckoned in.",
    "target_date": f"The day by which this is needed, {_DATE}.",
    "cross_border_with": "Partners with whom this is shared, as codes (AL, BA, XK, ME, MK, RS); several are separated by semicolons.",
    "carried_over_from": "The reference of the need of the last period that this one continues.",
    "disposition": "What has become of the need: whether it is open, covered, merged into another, or withdrawn.",
    "training": "The training that is needed, along CEPOL's operational training needs analysis.",
    "training.topic": "What the training is about.",
    "training.proficiency": "The level that those who are trained shall reach.",
    "training.urgency": "From 1, the least urgent, to 6, the most urgent.",
    "training.officials": "How many officials need the training, as a whole number.",
    "training.profile": "Who they are: their service, function or rank.",
    "type": "What kind of response this is.",
    "status": "How far the response has come.",
    "start": f"The first day, {_DATE}.",
    "end": f"The last day, or the day on which it is expected, {_DATE}.",
    "responsible_institution": "Who answers for it, by its official name.",
    "own_budget": "The money of one's own that is spent on it, as a number without the currency.",
    "legal_reference": "The law or decision, with number and date of the official gazette.",
    "result": "What has been reached, so that it can be seen or counted.",
    "partner": "The partner in which this took place, where the reporter is not its own structure.",
    "needs": "The needs that this answers.",
    "needs.ref": "The reference of the need, as it was reported.",
    "needs.reporter": "Who reported the need, as a code such as AL-WBCTi; when left blank, yourself.",
    "needs.period": "The period of the need, such as 2025-2026; when left blank, the one that this period lies in.",
    "needs.coverage": "How far the need is met by this.",
    "needs.share": "How much of the need is met, in per cent.",
    "support_type": "What kind of support this is.",
    "activity_status": "How far the activity has come, in the words of IATI.",
    "themes": "The pillar's own themes that the activity is about.",
    "themes.code": "A theme of the pillar, as its code or its name.",
    "themes.percentage": f"How much of the money goes to this theme, {_SHARES}.",
    "sectors": "What the activity is about, in the OECD's purpose codes.",
    "sectors.code": "A purpose code of the OECD's Creditor Reporting System, of five digits, such as 15210.",
    "sectors.percentage": f"How much of the money goes to this sector, {_SHARES}.",
    "beneficiaries": "For whom the activity is, with shares.",
    "beneficiaries.code": "A partner (AL, BA, XK, ME, MK, RS), or 89 where the whole region benefits and shares cannot be told.",
    "beneficiaries.percentage": f"How much of the money goes to this beneficiary, {_SHARES}.",
    "organisations": "Who pays for the activity, answers for it and carries it out.",
    "organisations.name": "The official name of the organisation.",
    "organisations.role": "What it does in the activity; one that pays and carries out stands there twice.",
    "organisations.type": "What kind of organisation it is.",
    "planned_start": f"The day on which it was to begin, {_DATE}.",
    "planned_end": f"The day on which it was to end, {_DATE}.",
    "actual_start": f"The day on which it began, {_DATE}; blank if it has not.",
    "actual_end": f"The day on which it ended, {_DATE}; blank if it has not.",
    "budget": "The whole budget of the activity, as a number without the currency.",
    "transactions": "Single commitments and payments.",
    "transactions.type": "What kind of movement of money this is.",
    "transactions.date": f"The day of the movement, {_DATE}.",
    "transactions.amount": "The money as a number without the currency; less than zero where a commitment is taken back.",
    "transactions.currency": f"The currency of this amount, where it is not that of the row: {_CURRENCY}.",
    "participants": "Who took part, in groups.",
    "participants.sex": "The sex of those in this group: female, male, other or unknown.",
    "participants.profile": "Who they are: their service, function or rank.",
    "participants.number": "How many they are, as a whole number.",
    "equipment": "What was handed over.",
    "equipment.item": "What it is.",
    "equipment.quantity": "How many, or how much of it, as a number.",
    "iati_identifier": "The identifier under which the activity is published with IATI, if it is.",
    "parent": "The reference of the larger activity of yours that this one is a part of.",
    "responses": "The responses that this supports.",
    "responses.ref": "The reference of the response, as it was reported.",
    "responses.reporter": "Who reported the response, as a code such as AL-WBCTi.",
    "responses.period": "The period of the response, such as 2026; when left blank, this one.",
}

CODES: Mapping[str, str] = {
    "theme": "theme",
    "themes.code": "theme",
    "sectors.code": "purpose_code",
    "currency": "currency",
    "transactions.currency": "currency",
}
"""The list that a text's codes are of: which of them are valid depends on the period, so that rules say it and no type.

For `theme` each pillar has its own, `theme:WBCTi`.
"""
