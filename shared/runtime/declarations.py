"""The declarations that make up a service: its routes, handlers, ticks, problems and metrics."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.bus.handling import Effect
from shared.database import Transaction
from shared.events import Event
from shared.events.routes import ROUTES
from shared.http.problems import Problem
from shared.http.routes import Route
from shared.resources import Runtime

Sample = tuple[str, str, Mapping[str, str], float]
"""A metric of a service: name, help, labels, value."""


@dataclass(frozen=True)
class Handler:
    """A subscription: an event, and the function that handles it."""

    event: type[Event]
    handle: Callable[[Runtime, Any], Effect]
    """Reads and computes outside any transaction. The effect that it returns is written in one short transaction."""


@dataclass(frozen=True)
class Tick:
    """A periodic task. Due work is a row, so simultaneous or missed ticks are harmless."""

    name: str
    every_seconds: float
    run: Callable[[Runtime], None]


@dataclass(frozen=True)
class Part:
    """The edges of one part of a service: its routes and their problems, its handlers, its ticks and its metrics."""

    routes: Sequence[Route] = ()
    handlers: Sequence[Handler] = ()
    ticks: Sequence[Tick] = ()
    problems: Mapping[type[Exception], Problem] = field(default_factory=dict)
    metrics: Callable[[Transaction], Iterable[Sample]] | None = None
    preload: Callable[[], None] | None = None
    """Loads what all processes of a worker share. It runs before they are forked."""


class HandlersMismatch(Exception):
    """A service's handlers differ from those that the flow table names."""


@dataclass(frozen=True)
class Service:
    """A service: the sum of its parts' declarations."""

    name: str
    routes: Sequence[Route] = ()
    handlers: Sequence[Handler] = ()
    ticks: Sequence[Tick] = ()
    problems: Mapping[type[Exception], Problem] = field(default_factory=dict)
    metrics: Callable[[Transaction], Iterable[Sample]] | None = None
    preloads: Sequence[Callable[[], None]] = ()

    @classmethod
    def of(cls, name: str, *parts: Part) -> "Service":
        """Combine a service's parts, in the order of its description."""
        measured = [part.metrics for part in parts if part.metrics]
        return cls(
            name=name,
            routes=tuple(route for part in parts for route in part.routes),
            handlers=tuple(handler for part in parts for handler in part.handlers),
            ticks=tuple(tick for part in parts for tick in part.ticks),
            problems={error: problem for part in parts for error, problem in part.problems.items()},
            metrics=(lambda tx: [sample for metrics in measured for sample in metrics(tx)])
            if measured
            else None,
            preloads=tuple(part.preload for part in parts if part.preload),
        )

    def __post_init__(self) -> None:
        """Raise `HandlersMismatch` unless the flow table names exactly these handlers."""
        routed = {event.name for event, subscribers in ROUTES.items() if self.name in subscribers}
        handled = {handler.event.name for handler in self.handlers}
        if routed != handled:
            raise HandlersMismatch(
                f"{self.name} handles {sorted(handled)}, but the flow table names {sorted(routed)}."
            )
