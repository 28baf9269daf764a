"""`/docs`: the API reference, to read and to try in a browser. Every file comes from this installation."""

from collections.abc import Sequence

from flask import Blueprint, Response
from flask_swagger_ui import get_swaggerui_blueprint

from shared.runtime.declarations import Service

PATH = "/docs"

CONTENT_SECURITY_POLICY = "default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
"""The page may run its own scripts and styles, and fetch nothing else, whatever a description contains."""


def documentation_of(services: Sequence[Service]) -> Blueprint:
    """Return the pages. The reader selects a service, whose description they show."""
    urls = [
        {"name": f"IISG-D {service.name}", "url": f"/{service.name}/v1/openapi.json"} for service in services
    ]
    pages: Blueprint = get_swaggerui_blueprint(
        PATH,
        urls[0]["url"],
        config={
            "app_name": "IISG-D: API reference",
            "urls": urls,
            "validatorUrl": None,
            "persistAuthorization": False,
            "displayRequestDuration": True,
            "displayOperationId": True,
            "deepLinking": True,
        },
        blueprint_name="docs",
    )

    @pages.after_request
    def _restrict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return pages
