FROM python:3.12-slim

RUN useradd --system --uid 10017 --home-dir /var/lib/article17 --create-home article17
WORKDIR /opt/article17

# pg_dump and pg_restore, for `article17 backup` and `restore` on PostgreSQL.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*

COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt

COPY pyproject.toml README.md LICENSE ./
COPY contacts contacts
COPY notify notify
COPY adapters adapters
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

ENV ARTICLE17_DATA_DIR=/var/lib/article17
VOLUME /var/lib/article17
USER article17
WORKDIR /var/lib/article17
EXPOSE 8017
CMD ["article17", "serve", "--host", "0.0.0.0", "--port", "8017"]
