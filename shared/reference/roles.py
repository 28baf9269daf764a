"""The mappings that each role reports."""

from collections.abc import Mapping

KINDS_OF_ROLE: Mapping[str, tuple[str, ...]] = {
    "structure": ("need", "response", "support"),
    "member": ("response", "support"),
}
