# The service: web, worker and beat run from one image, with different commands (see docker-compose.yml).
FROM python:3.11-slim AS packages
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    DATA_DIR=/data \
    KEYRING=/keyring-1:/keyring-2
# Named volumes take over the owner of the folder they are mounted on.
RUN useradd --system --uid 10001 --user-group --no-create-home raadslag \
    && install -d -m 0700 -o raadslag -g raadslag /data /keyring-1 /keyring-2
COPY --from=packages /venv /venv
WORKDIR /app
COPY manage.py ./
COPY config config
COPY surveys surveys
COPY consult consult
COPY templates templates
COPY static static
COPY locale locale
# collectstatic reads the settings, which want secrets; these live for this line only and open nothing.
RUN python -m config.catalogues \
    && SECRET_KEY=build-only-build-only-build-only-build-only-build-only \
       MASTER_KEY=0000000000000000000000000000000000000000000000000000000000000000 \
       PUBLIC_URL=https://build.invalid \
       python manage.py collectstatic --noinput --verbosity 0
USER raadslag
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--respawn-failed-workers", "config.wsgi:application"]
