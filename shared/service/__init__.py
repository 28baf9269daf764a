"""The kernel: what a service declares, and the Flask and Celery apps that come out of it.

The apps are made in `web` and `work`, and only there: a worker has no need of Flask, nor the web of Celery.
"""

from shared.service.declaring import FlowIsBroken, Handler, Part, Runtime, Sample, Service, Tick

__all__ = ["FlowIsBroken", "Handler", "Part", "Runtime", "Sample", "Service", "Tick"]
