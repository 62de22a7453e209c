"""Serving the demo on its own."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from typing import Final

from treaty_events.errors import InputError
from treaty_events.extractor import Extractor

from .app import appearance, create_demo

_MAX_FILE: Final = "20mb"


def serve(extractor: Extractor, host: str, port: int, browser: bool) -> None:
    """Serve the demo until the process is interrupted or terminated.

    Args:
        extractor: reads the articles.
        host: address to listen on.
        port: port to listen on.
        browser: whether to open the page in the user's browser.

    Raises:
        MissingExtraError: Gradio is not installed.
        InputError: the address cannot be listened on.
    """
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory(prefix="treaty-events-gradio-") as uploads:
        # Uploads go with the program.
        os.environ["GRADIO_TEMP_DIR"] = uploads
        blocks = create_demo(extractor)
        try:
            _, address, _ = blocks.launch(
                server_name=host,
                server_port=port,
                inbrowser=browser,
                share=False,
                quiet=True,
                prevent_thread_lock=True,
                ssr_mode=False,
                footer_links=[],
                run_history=False,
                enable_monitoring=False,
                max_file_size=_MAX_FILE,
                **appearance(),
            )
        except OSError as error:
            raise InputError(f"cannot listen on {host}:{port} ({error}): choose another --host or --port") from error
        sys.stderr.write(f"treaty-events: demo at {address} (stop it with Ctrl-C)\n")
        try:
            stopped.wait()
        except KeyboardInterrupt:
            pass
        finally:
            blocks.close(verbose=False)
