"""The Flask app that comes out of declarations."""

from collections.abc import Sequence

from flask import Flask, Response

from shared.clock import Clock
from shared.http import health, metrics
from shared.http.auth import Tokens
from shared.http.bodies import write_json
from shared.http.openapi import openapi_of
from shared.http.problems import PROBLEMS
from shared.http.web import Edge, answer_unrouted, blueprint_of
from shared.service.broker import Broker
from shared.service.declaring import Runtime, Service
from shared.settings import Settings

WELCOME = """IISG-D: needs, responses and support of the Western Balkans' internal security

Mappings are handed in, and looked at, with your portal and a token of the IISG Secretariat. What it can ask for:

"""
"""What a person reads who follows the link in a mail."""


def build_web(services: Sequence[Service], settings: Settings, clock: Clock | None = None) -> Flask:
    """The Flask app that serves the given services: one each in production, all four embedded."""
    app = Flask("iisgd", static_folder=None)
    parts = [(service, Runtime.of(service.name, settings, clock)) for service in services]
    # Whoever takes the app down can close what its runtimes opened.
    app.extensions["iisgd"] = [runtime for _, runtime in parts]
    tokens = Tokens(settings.keys, audience=settings.token_audience)
    broker = Broker(settings)
    for service, runtime in parts:
        edge = Edge(runtime=runtime, tokens=tokens, problems={**PROBLEMS, **service.problems})
        app.register_blueprint(blueprint_of(edge, tuple(service.routes)))
        description = write_json(openapi_of(service.name, service.routes))
        app.add_url_rule(
            f"/{service.name}/v1/openapi.json",
            endpoint=f"{service.name}-openapi",
            view_func=lambda body=description: Response(body, mimetype="application/json"),
        )

    welcome = WELCOME + "".join(f"  /{service.name}/v1/openapi.json\n" for service in services)

    @app.get("/")
    def say_what_this_is() -> Response:
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

    answer_unrouted(app)
    return app
