"""The Flask app that serves the declared services."""

from collections.abc import Callable, Sequence
from functools import cache

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.clock import Clock
from shared.database import NO_ROWS
from shared.http.edge import Edge, blueprint_of, handle_unrouted
from shared.http.json_codec import write_json
from shared.http.limits import RateLimiter, RedisCounters, rate_limits_of
from shared.http.openapi import openapi_of
from shared.http.problems import PROBLEMS
from shared.identity.issuers import Issuer
from shared.identity.tokens import Tokens
from shared.resources import Runtime
from shared.runtime import health, metrics
from shared.runtime.broker import Broker
from shared.runtime.declarations import Service
from shared.runtime.documentation import documentation_of
from shared.settings import Settings

WELCOME = """IISG-D: needs, responses and support of the Western Balkans' internal security

Submit mappings, and check their status, through your portal with a token from the IISG Secretariat.
The API reference is at /docs. The OpenAPI descriptions are at:

"""
"""The text at `/`, to which links in mails lead."""


def _description_view(service: Service) -> Callable[[], Response]:
    """Return a view of the service's description, which is built at the first request."""

    @cache
    def description() -> bytes:
        return write_json(openapi_of(service.name, service.routes, service.problems.values()))

    return lambda: Response(description(), mimetype="application/json")


def build_flask(services: Sequence[Service], settings: Settings, clock: Clock | None = None) -> Flask:
    """Return the Flask app of the given services.

    In production, each process serves one service. The embedded installation serves all four in one.
    """
    app = Flask("iisgd", static_folder=None)
    # A view whose transaction names no rows reads none.
    parts = [(each, Runtime.of(each.name, settings, clock, visible_to=NO_ROWS)) for each in services]
    if settings.proxies:
        # Without a proxy, any client could claim any address.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    # A caller that takes the app down closes the runtimes.
    app.extensions["iisgd"] = [runtime for _, runtime in parts]
    issuer = (
        Issuer(settings.token_issuer, jwks_url=settings.token_jwks_url) if settings.token_issuer else None
    )
    tokens = Tokens(settings.keys, audience=settings.token_audience, issuer=issuer)
    broker = Broker(settings)
    limits = RateLimiter(rate_limits_of(settings), RedisCounters.of(settings))
    for service, runtime in parts:
        problems = {**PROBLEMS, **service.problems}
        edge = Edge(runtime=runtime, tokens=tokens, problems=problems, limits=limits)
        app.register_blueprint(blueprint_of(edge, tuple(service.routes)))
        app.add_url_rule(
            f"/{service.name}/v1/openapi.json",
            endpoint=f"{service.name}-openapi",
            view_func=_description_view(service),
        )

    welcome = WELCOME + "".join(f"  /{service.name}/v1/openapi.json\n" for service in services)

    @app.get("/")
    def welcome_page() -> Response:
        return Response(welcome, mimetype="text/plain")

    @app.get("/health/live")
    def live() -> Response:
        return Response(write_json({"state": "live"}), mimetype="application/json")

    @app.get("/health/ready")
    def ready() -> Response:
        status, body = health.readiness(parts, broker)
        return Response(write_json(body), status=status, mimetype="application/json")

    @app.get("/metrics")
    def scrape() -> Response:
        return Response(metrics.exposition(parts), mimetype="text/plain; version=0.0.4")

    app.register_blueprint(documentation_of(services))
    handle_unrouted(app)
    return app
