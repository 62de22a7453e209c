# The HTTP service with the shipped weights. Build and run:
#   docker build -t treaty-events .
#   docker run --rm -p 127.0.0.1:8000:8000 treaty-events
# Options of `treaty-events serve` go after the image's name; another release is mounted and named with --model.
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/treaty-events
COPY pyproject.toml README.md LICENSE NOTICE constraints.txt ./
COPY treaty_events/ treaty_events/
RUN /opt/treaty-events/bin/pip install --no-cache-dir -c constraints.txt '.[serve]'

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin treaty-events
COPY --from=build /opt/treaty-events /opt/treaty-events
ENV PATH=/opt/treaty-events/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
# The exec form: the service is process 1 and gets the signal to stop.
ENTRYPOINT ["treaty-events", "serve", "--host", "0.0.0.0", "--port", "8000"]
