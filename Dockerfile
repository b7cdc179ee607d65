FROM python:3.13-slim AS build

WORKDIR /src
RUN python -m venv /venv
COPY requirements.lock requirements-build.lock ./
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock \
    && python -m venv /backend \
    && /backend/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
COPY docs docs
RUN /backend/bin/hatchling build -t wheel -d /wheel \
    && /venv/bin/pip install --no-cache-dir --no-deps --no-index /wheel/*.whl \
    && /venv/bin/python -m app.web.vega keep


FROM python:3.13-slim

RUN useradd --system --uid 10001 --home-dir /data --create-home modelcensus
COPY --from=build /venv /venv
ENV PATH="/venv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    MODELCENSUS_HOST=0.0.0.0 \
    MODELCENSUS_DATABASE_URL=sqlite:////data/modelcensus.db
WORKDIR /data
VOLUME /data
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('MODELCENSUS_PORT', '8000') + '/livez', timeout=4)"]
CMD ["modelcensus", "serve"]
