"""Labels of fields: short headings for the columns of a spreadsheet, in English. Catalogues translate them.

`.name` is a field inside a block, and `name[]` an entry of a list.
"""

from collections.abc import Mapping

from shared.i18n.catalogues import label_in

ENGLISH: Mapping[str, str] = {
    "ref": "Reference",
    "title": "Title",
    "description": "Description",
    "source_document": "Source document",
    "tlp": "TLP marking",
    "category": "Category",
    "theme": "Theme",
    "perspective": "Perspective",
    "strand": "Strand",
    "priority": "Priority",
    "objective": "Objective",
    "measure": "Measure",
    "action": "Action",
    "priority_level": "Priority level",
    "urgency": "Urgency",
    "capabilities": "Capabilities",
    "beneficiary_institutions": "Beneficiary institutions",
    "estimated_cost": "Estimated cost",
    "currency": "Currency",
    "price_year": "Price year",
    "target_date": "Target date",
    "cross_border_with": "Cross-border with",
    "carried_over_from": "Carried over from",
    "disposition": "Disposition",
    "training": "Training",
    "type": "Type",
    "status": "Status",
    "start": "Start",
    "end": "End",
    "responsible_institution": "Responsible institution",
    "own_budget": "Own budget",
    "legal_reference": "Legal reference",
    "result": "Result",
    "partner": "Partner",
    "support_type": "Support type",
    "activity_status": "Activity status",
    "themes": "Themes",
    "sectors": "Sectors",
    "beneficiaries": "Beneficiaries",
    "organisations": "Organisations",
    "planned_start": "Planned start",
    "planned_end": "Planned end",
    "actual_start": "Actual start",
    "actual_end": "Actual end",
    "budget": "Budget",
    "transactions": "Transactions",
    "participants": "Participants",
    "equipment": "Equipment",
    "iati_identifier": "IATI identifier",
    "parent": "Parent activity",
    "needs": "Needs addressed",
    "responses": "Responses supported",
    "themes[]": "Theme",
    "sectors[]": "Sector",
    "beneficiaries[]": "Beneficiary",
    "organisations[]": "Organisation",
    "transactions[]": "Transaction",
    "participants[]": "Participants",
    "equipment[]": "Equipment",
    "needs[]": "Need",
    "responses[]": "Response",
    ".topic": "topic",
    ".proficiency": "proficiency",
    ".urgency": "urgency",
    ".officials": "officials",
    ".profile": "profile",
    ".code": "code",
    ".percentage": "percentage",
    ".name": "name",
    ".role": "role",
    ".type": "type",
    ".date": "date",
    ".amount": "amount",
    ".currency": "currency",
    ".beneficiary": "beneficiary",
    ".sector": "sector",
    ".sex": "sex",
    ".number": "number",
    ".item": "item",
    ".quantity": "quantity",
    ".ref": "reference",
    ".reporter": "reporter",
    ".period": "period",
    ".coverage": "coverage",
    ".share": "share (%)",
}


def context_of(name: str) -> str:
    """Return the context of a field's label in the catalogues."""
    return f"field {name}"


def label_of(name: str, language: str) -> str | None:
    """Return the label of a field in a language, in English where it has no translation; None for an unknown field."""
    english = ENGLISH.get(name)
    return english and label_in(language, english, context=context_of(name))
