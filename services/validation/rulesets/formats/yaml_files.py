"""Ruleset files: bytes to data."""

from collections.abc import Mapping
from typing import Any

import yaml

from services.validation.rulesets.formats.yaml_errors import yaml_problem

MAX_NESTING = 50


class FileIsUnreadable(ValueError):
    """A file of rules is not YAML, or not a mapping."""


def read_yaml(content: bytes) -> Mapping[str, Any]:
    """Read a file of rules. Raise FileIsUnreadable with position and cause."""
    try:
        written = _load(content)
    except yaml.YAMLError as error:
        raise FileIsUnreadable(yaml_problem(error)) from None
    if not isinstance(written, dict):
        raise FileIsUnreadable("The file must consist of names and values.")
    return written


def _load(content: bytes) -> Any:
    try:
        _check_nesting(content)
        return yaml.load(content, Loader=_FastLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError:
        # The Python parser takes ten times as long, but its errors are more precise.
        return yaml.load(content, Loader=_Loader)  # noqa: S506 - a SafeLoader


def _check_nesting(content: bytes) -> None:
    """Raise FileIsUnreadable for nesting that would exhaust the stack of either parser."""
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTING:
            where = f"line {event.start_mark.line + 1}: " if event.start_mark else ""
            raise FileIsUnreadable(
                f"{where}lists and mappings are nested more than {MAX_NESTING} levels deep"
            )


class _UniqueNames(yaml.constructor.SafeConstructor):
    """A constructor that refuses duplicate names."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Refuse duplicate names, of which PyYAML would silently keep the last."""
        names = [name.value for name, _ in node.value if name.tag != "tag:yaml.org,2002:merge"]
        for at, name in enumerate(names):
            if name in names[:at]:
                mark = node.value[at][0].start_mark
                raise yaml.constructor.ConstructorError(problem=f"'{name}' is given twice", problem_mark=mark)
        return super().construct_mapping(node, deep)


_RESOLVERS = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
"""The resolvers without the one of timestamps: dates stay texts, as in records."""


class _Loader(_UniqueNames, yaml.SafeLoader):
    yaml_implicit_resolvers = _RESOLVERS


class _FastLoader(_UniqueNames, yaml.CSafeLoader):
    yaml_implicit_resolvers = _RESOLVERS
