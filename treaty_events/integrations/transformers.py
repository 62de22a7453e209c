"""A transformers pipeline: `pipeline("treaty-events", model=...)`, once this module is imported.

Example::

    import treaty_events.integrations.transformers  # registers the task
    from transformers import pipeline

    pipe = pipeline("treaty-events")  # the shipped weights; model= takes a directory or a name on the hub
    pipe("Le Sénat a ratifié l'accord avec le Qatar.", published="2025-02-13")
    pipe([{"text": article, "published": "2025-02-13"}, "..."], batch_size=8)

A text is a string, or a mapping with `text` and, where known, `published` and `language` (other keys are passed over,
so that the rows of a data set can be given as they are). One text gives a list of events, a list of texts a list of
such lists; from a generator or a data set results come as it is read. An event is what
`TreatyEvent.model_dump(mode="json")` gives; with `documents=True` a text gives the whole `Document` instead.

The released model is no torch module: ONNX Runtime reads with its own threads, so that `device`, `dtype` and
`num_workers` change nothing. transformers itself insists on torch for any pipeline: where there is none, use
`treaty_events.Extractor`, which does the same reading. Threads and the least confidence are set by
`model_kwargs={"threads": 1, "least_confidence": 0.5}`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import GeneratorType
from typing import Any, Final

from .. import hub, release
from ..errors import InputError, MissingExtraError
from ..extractor import Extractor, Published
from ..schema import Document

try:
    import torch
    from transformers import AutoConfig, Pipeline, PretrainedConfig
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING
    from transformers.pipelines import PIPELINE_REGISTRY
except ImportError as missing:
    raise MissingExtraError(missing.name or "transformers", "transformers") from missing

TASK: Final = "treaty-events"


class ReleaseConfig(PretrainedConfig):  # type: ignore[misc]
    """A release's `config.json`, as transformers wants it."""

    model_type = "treaty-events"


class ReleaseModel:
    """A release in place of the torch module that a transformers pipeline holds.

    Args:
        extractor: the release, loaded.
        directory: where it is.
        config: its configuration.
    """

    # What `Pipeline` asks of a model.
    device = torch.device("cpu")
    dtype = None
    input_modalities = ("text",)

    def __init__(self, extractor: Extractor, directory: Path, config: ReleaseConfig | None = None) -> None:
        self.extractor, self.directory, self.config = extractor, directory, config

    @classmethod
    def from_pretrained(
        cls,
        name: str | Path,
        *,
        config: ReleaseConfig | None = None,
        revision: str | None = None,
        token: str | bool | None = None,
        local_files_only: bool = False,
        cache_dir: str | Path | None = None,
        threads: int | None = None,
        least_confidence: float | None = None,
        **_: Any,
    ) -> ReleaseModel:
        """Load a release.

        Args:
            name: its directory, or `owner/name` on the hub.
            config: its configuration, if it was read before.
            revision: branch, tag or commit on the hub.
            token: access token for the hub.
            local_files_only: look in the hub's cache only.
            cache_dir: the hub's cache.
            threads: threads of the runtime; None lets it choose.
            least_confidence: confidence from which on an event is told; None for the release's own choice.
            _: what transformers tells of torch (`dtype`, `device_map`, ...): of no meaning here.

        Raises:
            ReleaseError: it is missing, damaged, or of another vocabulary.
        """
        directory = Path(name)
        if not directory.exists():
            directory = hub.fetch(str(name), revision, token=token, offline=local_files_only, cache=cache_dir)
        extractor = Extractor.from_pretrained(directory, threads=threads, least_confidence=least_confidence)
        return cls(extractor, directory, config)

    def to(self, device: Any) -> ReleaseModel:
        """Stay where it is: ONNX Runtime chooses its own device."""
        return self

    def can_generate(self) -> bool:
        """Tell that it generates no text."""
        return False


def _article(item: Any) -> dict[str, Any]:
    """Take apart what stands for a text."""
    if isinstance(item, str):
        return {"text": item, "published": None, "language": None}
    if isinstance(item, Mapping) and isinstance(item.get("text"), str):
        return {key: item.get(key) or None for key in ("published", "language")} | {"text": item["text"]}
    raise InputError(f"a text is a string, or a mapping with a string 'text', not {type(item).__name__}")


class TreatyEventsPipeline(Pipeline):  # type: ignore[misc]
    """Finds treaty events in texts; see the module for what goes in and comes out.

    Args:
        model: the release (`transformers.pipeline` loads it).
        published: publication date of texts that come without their own.
        language: ISO 639-1 code of texts that come without their own; identified if None.
        documents: give a text's whole `Document` rather than its events.
        batch_size: texts that are read together.
    """

    _load_tokenizer = _load_processor = False
    _load_feature_extractor = _load_image_processor = _load_video_processor = False

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Read texts.

        Args:
            inputs: a text, a list of texts, or a generator or data set of them.
            args: none.
            kwargs: `published`, `language`, `documents` and `batch_size`, for this call.

        Returns:
            The result of a single text; a list of results for a list; an iterator over results for all else.

        Raises:
            InputError: an item is no text, or a date no date.
        """
        if isinstance(inputs, tuple):
            inputs = list(inputs)
        if isinstance(inputs, list) and not inputs:
            return []
        if isinstance(inputs, Iterable) and not isinstance(inputs, str | Mapping | list | GeneratorType):
            # `datasets.Dataset` and other iterables: read as they come, like a generator.
            inputs = (item for item in inputs)
        return super().__call__(inputs, *args, **kwargs)

    def get_iterator(
        self,
        inputs: Any,
        num_workers: int,
        batch_size: int,
        preprocess_params: dict[str, Any],
        forward_params: dict[str, Any],
        postprocess_params: dict[str, Any],
    ) -> Iterator[Any]:
        """Read texts a batch at a time; transformers' own iterator would pad and collate tensors."""
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}: read at least one text at a time")
        # A torch data set has indices only, and ends at its length rather than with an IndexError.
        stream = iter(inputs) if hasattr(inputs, "__iter__") else map(inputs.__getitem__, range(len(inputs)))
        while batch := list(islice(stream, batch_size)):
            articles = [self.preprocess(item, **preprocess_params) for item in batch]
            for document in self._forward(articles, **forward_params):
                yield self.postprocess(document, **postprocess_params)

    def run_single(
        self,
        inputs: Any,
        preprocess_params: dict[str, Any],
        forward_params: dict[str, Any],
        postprocess_params: dict[str, Any],
    ) -> Any:
        """Read one text."""
        return next(self.get_iterator([inputs], 0, 1, preprocess_params, forward_params, postprocess_params))

    def _sanitize_parameters(
        self, published: Published = None, language: str | None = None, documents: bool | None = None
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        defaults = {"published": published, "language": language}
        return (
            {name: value for name, value in defaults.items() if value is not None},
            {},
            {} if documents is None else {"documents": documents},
        )

    def preprocess(self, input_: Any, published: Published = None, language: str | None = None) -> dict[str, Any]:
        """Take a text with its date and language; the call's are for those that have none.

        Raises:
            InputError: it is no text.
        """
        article = _article(input_)
        return article | {
            "published": article["published"] or published,
            "language": article["language"] or language,
        }

    def _forward(self, articles: Sequence[dict[str, Any]]) -> list[Document]:
        documents: list[Document] = self.model.extractor.documents(
            [article["text"] for article in articles],
            [article["published"] for article in articles],
            [article["language"] for article in articles],
        )
        return documents

    def postprocess(self, document: Document, documents: bool = False) -> Any:
        """Turn a document into plain data: its events, or all of it."""
        record = document.model_dump(mode="json")
        return record if documents else record["events"]

    def save_pretrained(self, save_directory: str | Path, **_: Any) -> None:
        """Copy the release; what is written can be loaded again, here and by `Extractor.from_pretrained`."""
        target = Path(save_directory)
        target.mkdir(parents=True, exist_ok=True)
        for name in hub.files(self.model.directory):
            shutil.copyfile(self.model.directory / name, target / name)

    def push_to_hub(self, repo_id: str, **kwargs: Any) -> str:
        """Upload the release; see `treaty_events.hub.push` for the arguments."""
        return hub.push(self.model.directory, repo_id, **kwargs)


# Whoever registered the type before (training code may) keeps it: the pipeline takes any configuration.
if ReleaseConfig.model_type not in CONFIG_MAPPING:
    AutoConfig.register(ReleaseConfig.model_type, ReleaseConfig)
PIPELINE_REGISTRY.register_pipeline(
    TASK,
    pipeline_class=TreatyEventsPipeline,
    pt_model=ReleaseModel,
    default={"model": (str(release.default_directory()), None)},
    type="text",
)
