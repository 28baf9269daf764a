"""What entry does about needs of a former period, declared."""

from services.entry.api import carrying as api
from services.entry.domain.carrying import CarriedOverMeanwhile, NothingToCarryOver
from services.entry.schemas import carrying as schemas
from shared.http.problems import Problem
from shared.http.routes import Route
from shared.identity.rights import Role

STRUCTURES: frozenset[Role] = frozenset(("structure",))

ROUTES = (
    Route(
        "GET",
        "/carry-over",
        api.list_former,
        allow=STRUCTURES,
        summary="Show your needs of a period, and what became of each",
        query=schemas.Former,
        response_schema=schemas.FormerAnswer,
    ),
    Route(
        "POST",
        "/carry-over",
        api.carry_over,
        allow=STRUCTURES,
        summary="Carry your needs over into the next period: a disposition for each",
        request_schema=schemas.CarryOverBody,
        response_schema=schemas.CarryOverAnswer,
        statuses=(202,),
    ),
)

PROBLEMS = {
    NothingToCarryOver: Problem(409, "Nothing waits to be carried over"),
    CarriedOverMeanwhile: Problem(409, "The needs were carried over meanwhile"),
}
