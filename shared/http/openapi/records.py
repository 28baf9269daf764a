"""JSON Schemas of records, generated from the fields with which records are judged."""

from collections.abc import Mapping
from typing import Any

from shared.reference.codelists import CODELISTS
from shared.reference.fields import MAX_LIST, MAX_NUMBER, MAX_REF, MAX_TEXT, Field, fields_of
from shared.reference.fields.examples import EXAMPLES
from shared.reference.partners import FOOTNOTE, needs_footnote
from shared.reference.periods import KINDS

JsonSchema = dict[str, Any]

RECORDS: Mapping[str, str] = {kind: f"{kind.capitalize()}Record" for kind in KINDS}
"""The component of each kind of record."""

_BLOCKS = {
    "training": "TrainingNeed",
    "needs": "NeedLink",
    "responses": "ResponseLink",
    "themes": "Theme",
    "sectors": "Sector",
    "beneficiaries": "Beneficiary",
    "organisations": "Organisation",
    "transactions": "Transaction",
    "participants": "ParticipantGroup",
    "equipment": "EquipmentItem",
}
"""The component of a block, or of each entry of a list of blocks, by its field."""

IN_JSON = (
    (", as 2026-05-31 or 31.5.2026", ""),
    (" Separate several with semicolons.", ""),
    (", as its code or its name", ", as its code"),
    ("as a number without the currency", "without the currency"),
    ("in no other column", "in no other field"),
    ("once in a file", "once in a submission"),
    ("the marking of the whole file", "the marking of the submission"),
    ("this row", "this record"),
    ("the row's", "the record's"),
    ("If blank", "If omitted"),
    ("Leave it blank", "Omit it"),
)
"""Parts of the help that speak of the cells of a spreadsheet, and what they are in JSON."""

_RECORD = (
    "Records are stored as submitted. A record that breaks this schema is not refused at once (only its `ref` is "
    "checked): the verdict returns it, with a finding at each place. Omit fields without a value; null, an empty text and "
    "an empty list count as omitted."
)


def _reference(name: str) -> JsonSchema:
    return {"$ref": f"#/components/schemas/{name}"}


ANY_RECORD: JsonSchema = {"oneOf": [_reference(name) for name in RECORDS.values()]}
"""The schema of a record of any kind; a description that contains it has the components of `record_components`."""


def record_components() -> dict[str, JsonSchema]:
    """Return the components of the records of each kind, and of the blocks in them."""
    components: dict[str, JsonSchema] = {}
    for kind, name in RECORDS.items():
        schema = _block(fields_of(kind), components)
        schema["description"] = f"One record of kind `{kind}`. {_RECORD}"
        schema["examples"] = [EXAMPLES[kind]]
        components[name] = schema
    return components


def _block(fields: Mapping[str, Field], components: dict[str, JsonSchema]) -> JsonSchema:
    """Return the schema of a record or block; add the blocks inside it to the components."""
    required = [name for name, field in fields.items() if field.required]
    return {
        "type": "object",
        "properties": {name: _field(field, components) for name, field in fields.items()},
        "additionalProperties": False,
    } | ({"required": required} if required else {})


def _field(field: Field, components: dict[str, JsonSchema]) -> JsonSchema:
    described = {"description": text} if (text := _description(field)) else {}
    if field.type == "block":
        return _component(_BLOCKS[field.name], field, components) | described
    if field.items is not None:
        return _list(field, field.items, components) | described
    return _value(field) | described


def _list(field: Field, items: Field, components: dict[str, JsonSchema]) -> JsonSchema:
    return {
        "type": "array",
        "items": _component(_BLOCKS[field.name], items, components) if items.fields else _value(items),
        "maxItems": int(field.at_most or MAX_LIST),
    } | ({"minItems": 1} if field.required else {})


def _component(name: str, block: Field, components: dict[str, JsonSchema]) -> JsonSchema:
    is_entry = block.name.endswith("[]")
    about = f"An entry of `{block.name[:-2]}`." if is_entry else block.help
    components[name] = _block(block.fields, components) | {"description": about}
    return _reference(name)


def _value(field: Field) -> JsonSchema:
    match field.type:
        case "code":
            return {"type": "string", "enum": [*field.allowed, *sorted(field.accepted - {*field.allowed})]}
        case "date":
            return {"type": "string", "format": "date"}
        case "number" | "integer":
            return {
                "type": field.type,
                "minimum": -MAX_NUMBER if field.at_least is None else field.at_least,
                "maximum": MAX_NUMBER if field.at_most is None else field.at_most,
            }
        case "ref":
            return {"type": "string", "minLength": 1, "maxLength": MAX_REF, "pattern": r"^\S(.*\S)?$"}
        case _:
            shortest = {"minLength": 1} if field.required else {}
            return {"type": "string", "maxLength": int(field.at_most or MAX_TEXT)} | shortest


def _description(field: Field) -> str:
    """Return the help of a field, with the meaning of its codes, as far as it applies to JSON."""
    text = field.help
    for in_cells, in_json in IN_JSON:
        text = text.replace(in_cells, in_json)
    text += _meanings(field)
    return f"{text} {FOOTNOTE}" if needs_footnote(text) else text


def _meanings(field: Field) -> str:
    """Return the labels of codes that are not words themselves, and the codes of a text, which depend on the period."""
    name = (field.items or field).codelist
    if name is None or name == "currency":
        return ""
    if field.type == "text":
        return " " + " ".join(_codes_of(each) for each in CODELISTS if name in (each, each.partition(":")[0]))
    codes = CODELISTS[name].codes.values() if name in CODELISTS else ()
    if all(code.label.casefold().replace(" ", "_") == code.code for code in codes):
        return ""
    return " " + "; ".join(f"{code.code}: {code.label}" for code in codes) + "."


def _codes_of(name: str) -> str:
    """Return the codes of a list, each with the day until which it is valid, if any."""
    pillar = name.partition(":")[2]
    codes = (
        code.code if code.valid_to is None else f"{code.code} (until {code.valid_to})"
        for code in CODELISTS[name].codes.values()
    )
    return (f"{pillar}: " if pillar else "Codes: ") + ", ".join(codes) + "."
