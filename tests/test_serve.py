"""The command `serve`: its extra, its container, its process."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from treaty_events import Extractor, MissingExtraError, release
from treaty_events.commands import serve
from treaty_events.server import create_app

from .serving import JSON, TEXT, body_of

pytest.importorskip("fastapi")


def serve_parser() -> Any:
    import argparse

    parser = argparse.ArgumentParser()
    serve.add(parser.add_subparsers())
    return parser


def test_without_the_extra_it_says_which(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(MissingExtraError, match=r"treaty-events\[serve\]"):
        create_app(extractor)
    parser = serve_parser()
    options = parser.parse_args(["serve"])
    with pytest.raises(MissingExtraError, match=r"treaty-events\[serve\]"):
        options.run(options)


def test_the_container_files_name_what_there_is() -> None:
    root = Path(release.__file__).parent.parent
    dockerfile = (root / "Dockerfile").read_text(encoding="utf-8")
    let_in = {
        line[1:].rstrip("/")
        for line in (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        name.rstrip("/") for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.M) for name in line.split()
    }
    assert copied == let_in
    assert all((root / name).exists() for name in copied)
    entry = json.loads(re.findall(r"^ENTRYPOINT (.+)$", dockerfile, re.M)[0])
    options = serve_parser().parse_args(entry[1:])
    assert (entry[0], options.host, options.port) == ("treaty-events", "0.0.0.0", 8000)


@pytest.mark.slow
def test_the_process_answers_and_ends_well(release_directory: Path, tmp_path: Path) -> None:
    pytest.importorskip("uvicorn")
    command = [sys.executable, "-m", "treaty_events.cli", "serve", "--port", "0", "--model", str(release_directory)]
    with subprocess.Popen(
        [*command, "--threads", "1", "--max-bytes", "100000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as process:
        try:
            assert process.stderr is not None
            first = process.stderr.readline()
            port = int(re.findall(r"http://127\.0\.0\.1:(\d+)", first)[0])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", "/predict", json.dumps({"text": TEXT}), JSON)
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read())["text"]) == (200, TEXT)
            connection.request("GET", "/version")
            assert json.loads(connection.getresponse().read())["name"] == "tiny"
            # The client is told, although it is still sending when the answer is there.
            other = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            other.request("POST", "/predict", body_of(3_000_000), JSON)
            assert other.getresponse().status == 413
            taken = subprocess.run(
                [*command[:5], str(port), *command[6:]], capture_output=True, text=True, cwd=tmp_path
            )
            assert (taken.returncode, taken.stdout) == (2, "")
            assert "choose others with --host and --port" in taken.stderr
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            out, errors = process.communicate(timeout=30)
            assert (process.returncode, out) == (0, "")
            assert time.monotonic() - started < 10
            assert 'POST /predict HTTP/1.1" 200' in errors
            assert "Traceback" not in errors
            assert TEXT not in errors
        finally:
            process.kill()
