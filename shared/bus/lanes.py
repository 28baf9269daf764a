"""Lanes: a queue bears its service's name; a second one, `.bulk`, takes large work, so that small work never waits."""

BULK = ".bulk"


def lane_of(service: str, *, is_large: bool) -> str:
    """The queue that takes a delivery for the service."""
    return service + BULK if is_large else service


def lanes_of(service: str) -> tuple[str, str]:
    """Both queues of a service."""
    return service, service + BULK


def is_bulk(lane: str) -> bool:
    """Whether the lane takes large work."""
    return lane.endswith(BULK)
