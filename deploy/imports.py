"""Imports of whole programs."""

import gc
import sys
from importlib import import_module
from types import ModuleType


def import_permanently(name: str) -> ModuleType:
    """Import a module that stays loaded, and exempt what exists by then from garbage collection.

    The collector would scan all modules again and again while they are loaded: a fifth of a process's start.
    """
    if name in sys.modules:
        return sys.modules[name]
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
