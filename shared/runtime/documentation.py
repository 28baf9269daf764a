"""`/docs`: what the services can be asked for, to read and to try in a browser. All of it comes from this installation."""

from collections.abc import Sequence

from flask import Blueprint, Response
from flask_swagger_ui import get_swaggerui_blueprint

from shared.runtime.declarations import Service

PATH = "/docs"

CONTENT_SECURITY_POLICY = "default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
"""The page has scripts and styles of its own; nothing else may be fetched, whatever a description says."""


def documentation_of(services: Sequence[Service]) -> Blueprint:
    """The pages, with a description to choose for each service."""
    urls = [
        {"name": f"IISG-D {service.name}", "url": f"/{service.name}/v1/openapi.json"} for service in services
    ]
    pages: Blueprint = get_swaggerui_blueprint(
        PATH,
        urls[0]["url"],
        config={
            "app_name": "IISG-D: what can be asked for",
            "urls": urls,
            "validatorUrl": None,
            "persistAuthorization": False,
            "displayRequestDuration": True,
        },
        blueprint_name="docs",
    )

    @pages.after_request
    def _only_ours(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return pages
