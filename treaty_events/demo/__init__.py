"""A web page to try the extractor on: `treaty-events demo`, or `create_demo` for an application of your own.

`reading` and `uploads` know no widgets; `app` has the widgets and nothing else.
"""

from __future__ import annotations

from .app import appearance, create_demo
from .server import serve

__all__ = ["appearance", "create_demo", "serve"]
