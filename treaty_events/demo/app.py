"""The demo's widgets, made with Gradio."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from treaty_events.errors import InputError, MissingExtraError
from treaty_events.extractor import Extractor, parse_published

from . import reading, uploads
from .downloads import Downloads

if TYPE_CHECKING:
    import gradio

_TITLE: Final = "treaty-events"
_INTRODUCTION: Final = """# treaty-events
Finds the steps in the life of treaties that a news article tells: which step of which agreement, between whom, when
and where, with the words that say so. Texts are read on the machine that runs this page and go nowhere else. A model
makes the results; no person has checked them.
"""
# One visitor's articles after another's: the model already uses all threads that it may.
_MODEL: Final[dict[str, Any]] = {"concurrency_limit": 1, "concurrency_id": "model"}
# Of the columns of tables, in pixels.
_WIDTHS: Final = {"article": 160, "agents": 180, "treaty": 260, "evidence": 150, "kind": 95, "domain": 95}
_WIDTH: Final = 110
# Seconds: how often old uploads are looked for, and how old they are then.
_DELETE_CACHE: Final = (600, 3600)


def _gradio() -> Any:
    """Import Gradio with everything switched off that asks the network."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "True"
    try:
        import gradio
    except ImportError as error:
        raise MissingExtraError("gradio", "demo") from error
    return gradio


def appearance() -> dict[str, Any]:
    """Give the theme and the style sheet, as arguments for `Blocks.launch` or `gradio.mount_gradio_app`.

    Raises:
        MissingExtraError: Gradio is not installed.
    """
    gr = _gradio()
    # Fonts that the reader's machine has: those of Gradio's own themes may come from elsewhere, and lack most scripts.
    theme = gr.themes.Default(
        primary_hue="blue",
        neutral_hue="slate",
        font=["system-ui", "Noto Sans", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(
        # White on the theme's own lighter blue is hard to read (contrast below 4.5:1).
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_700",
    )
    return {"theme": theme, "css": (resources.files(__package__) / "style.css").read_text(encoding="utf-8")}


def _known(gr: Any, scope: str = "") -> tuple[Any, Any]:
    """Add the fields for what is known of an article: its date and its language."""
    with gr.Row():
        published = gr.Textbox(
            label="Publication date",
            info=f"YYYY-MM-DD, for dates such as “yesterday”{scope}",
            placeholder="YYYY-MM-DD",
            max_lines=1,
        )
        names = sorted((f"{name} ({code})", code) for code, name in reading.LANGUAGES.items())
        language = gr.Dropdown(
            [("Automatic", ""), *names],
            value="",
            label="Language",
            info=f"ISO 639-1 codes that are not listed can be typed in{scope}",
            allow_custom_value=True,
        )
    return published, language


def _table(gr: Any, label: str, columns: Sequence[str]) -> Any:
    return gr.Dataframe(
        headers=list(columns),
        column_widths=[_WIDTHS.get(name, _WIDTH) for name in columns],
        label=label,
        interactive=False,
        wrap=True,
        type="array",
        show_search="filter",
    )


def _one_article(gr: Any, extractor: Extractor, downloads: Downloads) -> None:
    text = gr.Textbox(label="Article", placeholder="Paste the text of a news article", lines=8, max_lines=20)
    published, language = _known(gr)
    with gr.Row():
        button = gr.Button("Find treaty events", variant="primary")
        upload = gr.UploadButton("Upload an article (.txt, .html, .jsonl)", file_types=list(uploads.SUFFIXES))
        clear = gr.Button("Clear")
    shown = reading.examples()
    gr.Examples(
        [[e.text, e.published, e.language] for e in shown],
        [text, published, language],
        example_labels=[e.label for e in shown],
        examples_per_page=len(shown),
        label="Examples",
        api_visibility="private",
    )
    message = gr.HTML()
    with gr.Tabs():
        with gr.Tab("Article"):
            frame = gr.HTML()
        with gr.Tab("Events"):
            table = _table(gr, "Treaty events", reading.COLUMNS)
        with gr.Tab("JSON"):
            record = gr.Code(label="The document as JSON", language="json", interactive=False, max_lines=40)
    with gr.Row():
        csv = gr.DownloadButton("Download events as CSV", interactive=False)
        whole = gr.DownloadButton("Download document as JSON", interactive=False)
    results = [message, frame, table, record, csv, whole]
    fields = [text, published, language]

    def show(view: reading.View) -> tuple[Any, ...]:
        paths = downloads.offer(view.files)
        return (
            view.message,
            view.frame,
            [list(row) for row in view.rows],
            view.record,
            gr.DownloadButton(value=paths.get("events.csv"), interactive=bool(paths)),
            gr.DownloadButton(value=paths.get("document.json"), interactive=bool(paths)),
        )

    def read(article: str, day: str, code: str) -> tuple[Any, ...]:
        return show(reading.view(extractor, article, day, code))

    def fill(path: str) -> tuple[Any, ...]:
        try:
            article = uploads.article(path)
            day = parse_published(article.published or None)
        except InputError as error:
            return gr.skip(), gr.skip(), gr.skip(), reading.refusal(error)
        return article.text, "" if day is None else day.isoformat(), str(article.language or ""), ""

    def empty() -> tuple[Any, ...]:
        return "", "", "", *show(reading.View(""))

    button.click(read, fields, results, api_name="read", show_progress_on=[message], scroll_to_output=True, **_MODEL)
    upload.upload(fill, upload, [*fields, message], api_visibility="private")
    clear.click(empty, None, [*fields, *results], api_visibility="private")


def _many_files(gr: Any, extractor: Extractor, downloads: Downloads) -> None:
    files = gr.File(
        label="Articles (.txt, .html, .jsonl with fields text, id, published, lang)",
        file_count="multiple",
        file_types=list(uploads.SUFFIXES),
    )
    published, language = _known(gr, "; for articles without their own")
    button = gr.Button("Read all", variant="primary")
    message = gr.HTML()
    table = _table(gr, "Treaty events of all articles", uploads.COLUMNS)
    with gr.Row():
        csv = gr.DownloadButton("Download events as CSV", interactive=False)
        lines = gr.DownloadButton("Download documents as JSONL", interactive=False)

    def read(paths: list[str] | None, day: str, code: str, progress: Any = gr.Progress()) -> tuple[Any, ...]:  # noqa: B008
        def tell(done: int, number: int, name: str) -> None:
            progress((done, number), desc=name, unit="articles")

        try:
            view = uploads.view(uploads.read_files(extractor, paths or [], day, code, tell))
        except InputError as error:
            view = reading.View(reading.refusal(error))
        offered = downloads.offer(view.files)
        return (
            view.message,
            [list(row) for row in view.rows],
            gr.DownloadButton(value=offered.get("events.csv"), interactive=bool(offered)),
            gr.DownloadButton(value=offered.get("documents.jsonl"), interactive=bool(offered)),
        )

    button.click(
        read, [files, published, language], [message, table, csv, lines], api_name="read_files",
        show_progress_on=[message], **_MODEL,
    )  # fmt: skip


def create_demo(extractor: Extractor) -> gradio.Blocks:
    """Build the demo, to be launched or to be mounted in another application.

    Example::

        app = gradio.mount_gradio_app(fastapi.FastAPI(), create_demo(extractor), path="/demo", **appearance())

    Args:
        extractor: reads the articles.

    Raises:
        MissingExtraError: Gradio is not installed.
    """
    gr = _gradio()
    downloads = Downloads()
    blocks = gr.Blocks(title=_TITLE, analytics_enabled=False, delete_cache=_DELETE_CACHE, fill_width=True)
    with blocks:
        gr.Markdown(_INTRODUCTION)
        with gr.Tabs():
            with gr.Tab("One article"):
                _one_article(gr, extractor, downloads)
            with gr.Tab("Many files"):
                _many_files(gr, extractor, downloads)
    return blocks
