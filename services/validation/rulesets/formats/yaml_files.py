"""Ruleset files: bytes to data."""

from collections.abc import Mapping
from typing import Any

import yaml

from services.validation.rulesets.formats.yaml_errors import yaml_problem


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
        return yaml.load(content, Loader=_FastLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError:
        # The parser in Python takes ten times as long, and says better what is wrong.
        return yaml.load(content, Loader=_Loader)  # noqa: S506 - a SafeLoader


class _TextsAndNames(yaml.constructor.SafeConstructor):
    """Keeps dates as texts, as in records, and refuses duplicate names."""

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


class _Loader(_TextsAndNames, yaml.SafeLoader):
    yaml_implicit_resolvers = _RESOLVERS


class _FastLoader(_TextsAndNames, yaml.CSafeLoader):
    yaml_implicit_resolvers = _RESOLVERS
