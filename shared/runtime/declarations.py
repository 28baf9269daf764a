"""What a service declares, and what it runs with."""

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
"""A metric of a service's own: name, help, labels, value."""


@dataclass(frozen=True)
class Handler:
    """What a service does about an event."""

    event: type[Event]
    handle: Callable[[Runtime, Any], Effect]
    """Reads and computes outside any transaction; the effect it gives is written in one short transaction."""


@dataclass(frozen=True)
class Tick:
    """What a service does every so often. What is due is a row: two ticks at once, or a missed one, are harmless."""

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


class HandlersMismatch(Exception):
    """A service's handlers are not the ones that the flow table names."""


@dataclass(frozen=True)
class Service:
    """A service, declared."""

    name: str
    routes: Sequence[Route] = ()
    handlers: Sequence[Handler] = ()
    ticks: Sequence[Tick] = ()
    problems: Mapping[type[Exception], Problem] = field(default_factory=dict)
    metrics: Callable[[Transaction], Iterable[Sample]] | None = None

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
        )

    def __post_init__(self) -> None:
        """Refuse a service that the flow table knows otherwise."""
        routed = {event.name for event, subscribers in ROUTES.items() if self.name in subscribers}
        handled = {handler.event.name for handler in self.handlers}
        if routed != handled:
            raise HandlersMismatch(
                f"{self.name} handles {sorted(handled)}, and the flow table gives it {sorted(routed)}."
            )
