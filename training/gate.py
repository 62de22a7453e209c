"""Train the gate of a release: `python -m training.gate --config configs/gate.yaml --release treaty_events/weights`.

A stretch of text is positive where a trigger stands in it whole, an article by its highest stretch. Openly licensed
texts of no particular topic, where they are at hand, stand for the stream in which treaties are rare.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import random
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor, nn

from data.align import align
from data.documents import AnnotatedDocument, read_documents
from treaty_events import release
from treaty_events.errors import InputError, TreatyEventsError
from treaty_events.gate import Gate, stretches
from treaty_events.segmentation import Segmenter, load_segmenter

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class GateSettings:
    """Settings of a gate.

    Attributes:
        train: JSONL of annotated documents.
        held_out: JSONL of annotated documents by whose scores the operating point is set.
        standoff: JSONL of stand-off documents to train on as well.
        texts: where their texts are; None leaves them out.
        held_out_passages: share of these that sets the operating point instead, with `held_out`: real text is read less
            surely than the corpus.
        generic: folder of labelled sets whose texts stand for articles on other topics; None leaves them out.
        generic_sets: which of them.
        generic_documents: articles made of each of them, at most.
        dropout: on word embeddings.
        vector: length of a piece's vector.
        hidden: width of the layer from word embeddings to it.
        inner: width of the layer over a stretch.
        size: tokens of a stretch.
        epochs: passes over the documents.
        batch: documents a step.
        rate: learning rate at the start; it falls to 0.
        article_weight: weight of the loss over articles beside that over stretches.
        seed: of everything random.
    """

    train: tuple[str, ...]
    held_out: tuple[str, ...]
    standoff: tuple[str, ...] = ()
    texts: str | None = None
    held_out_passages: float = 0.25
    dropout: float = 0.3
    generic: str | None = None
    generic_sets: tuple[str, ...] = ()
    generic_documents: int = 200
    vector: int = 16
    hidden: int = 96
    inner: int = 16
    size: int = 32
    epochs: int = 8
    batch: int = 64
    rate: float = 2e-3
    article_weight: float = 0.3
    seed: int = 13


def read_settings(path: Path) -> GateSettings:
    """Read a gate's YAML file.

    Raises:
        InputError: it cannot be read or holds a field that there is none of.
    """
    try:
        fields: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
        return GateSettings(**values)
    except (OSError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise InputError(f"{path}: {error}") from error


def sentence(record: dict[str, Any]) -> str:
    """Give the text of a labelled set's record; some hold tokens only."""
    text: str = record["text"] if "text" in record else " ".join(record["tokens"])
    return text


def generic_articles(sentences: Iterable[str], number: int, chooser: random.Random) -> list[str]:
    """Join consecutive sentences to articles of 100 to 2,500 characters.

    Args:
        sentences: in the order of their source.
        number: articles at most, drawn from all.
        chooser: draws lengths and articles.
    """
    articles: list[str] = []
    parts: list[str] = []
    goal = chooser.randint(100, 2500)
    for sentence in sentences:
        parts.append(sentence)
        if sum(map(len, parts)) >= goal:
            articles.append("\n".join(parts))
            parts, goal = [], chooser.randint(100, 2500)
    return articles if len(articles) <= number else chooser.sample(articles, number)


def read_generic(settings: GateSettings) -> list[str]:
    """Read articles on other topics; none where the sets are not at hand."""
    if settings.generic is None or not Path(settings.generic).is_dir():
        return []
    chooser = random.Random(settings.seed)
    articles = []
    for name in settings.generic_sets:
        with open(Path(settings.generic) / f"{name}.jsonl", encoding="utf-8") as lines:
            sentences = [sentence(json.loads(line)) for line in lines]
        articles += generic_articles(sentences, settings.generic_documents, chooser)
    return articles


@dataclasses.dataclass(frozen=True, slots=True)
class GateExample:
    """A segmented article.

    Attributes:
        ids: its pieces, shape (tokens,).
        starts: of its stretches.
        ends: of its stretches.
        positive: whether a trigger stands in the stretch, shape (stretches,).
    """

    ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    positive: NDArray[np.bool_]


def examples(
    segmenter: Segmenter, texts: Sequence[str], triggers: Sequence[Sequence[tuple[int, int]]], size: int
) -> list[GateExample]:
    """Segment articles and mark the stretches that hold a trigger; those without a token are left out."""
    result = []
    for text, spans in zip(segmenter.segment(texts), triggers, strict=True):
        if not len(text):
            continue
        starts, ends = stretches(len(text), size)
        positive = np.zeros(len(starts), np.bool_)
        for start, end in spans:
            inside = np.flatnonzero((text.starts < end) & (text.ends > start))
            if len(inside):
                positive |= (starts <= inside[0]) & (ends > inside[-1])
        result.append(GateExample(text.ids, starts, ends, positive))
    return result


class GateModel(nn.Module):
    """The gate in training: vectors of pieces are computed from their word embeddings.

    Args:
        embeddings: of the pieces that occur, shape (pieces, width).
        settings: sizes.
    """

    def __init__(self, embeddings: Tensor, settings: GateSettings) -> None:
        super().__init__()
        self.mean, self.deviation = embeddings.mean(0), embeddings.std()
        self.size = settings.size
        self.pieces = nn.Sequential(
            nn.Linear(embeddings.shape[1], settings.hidden), nn.GELU(), nn.Linear(settings.hidden, settings.vector)
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.hidden = nn.Linear(settings.vector, settings.inner)
        self.out = nn.Linear(settings.inner, 1)

    def vectors(self, embeddings: Tensor) -> Tensor:
        """Turn word embeddings into pieces' vectors."""
        normal = (embeddings - self.mean) / self.deviation
        return torch.relu(self.pieces(self.dropout(normal)))

    def forward(self, vectors: Tensor, ids: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
        """Score stretches of a token sequence; gives their log-odds."""
        sums = torch.cat([vectors.new_zeros(1, vectors.shape[1]), vectors[ids].cumsum(0)])
        means = (sums[ends] - sums[starts]) / self.size
        return self.out(torch.relu(self.hidden(means)))[:, 0]


def _collate(batch: Sequence[GateExample]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Lay articles one after the other; gives ids, starts, ends, targets and each stretch's article."""
    offset, starts, ends = 0, [], []
    for example in batch:
        starts.append(example.starts + offset)
        ends.append(example.ends + offset)
        offset += len(example.ids)
    article = np.repeat(np.arange(len(batch)), [len(e.starts) for e in batch])
    arrays = [e.ids for e in batch], starts, ends, [e.positive for e in batch]
    ids, first, last, positive = (torch.from_numpy(np.concatenate(a)) for a in arrays)
    return ids, first, last, positive.float(), torch.from_numpy(article)


def train(settings: GateSettings, data: Sequence[GateExample], words: release.WordEmbeddings) -> GateModel:
    """Train a gate; see the module."""
    torch.manual_seed(settings.seed)
    chooser = random.Random(settings.seed)
    used = np.unique(np.concatenate([e.ids for e in data]))
    place = np.zeros(len(words.blocks), np.int64)
    place[used] = np.arange(len(used))
    embeddings = torch.from_numpy(words(used))
    model = GateModel(embeddings, settings)
    optimiser = torch.optim.AdamW(model.parameters(), lr=settings.rate, weight_decay=1e-2)
    order = list(data)
    steps = settings.epochs * -(-len(order) // settings.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    entropy = nn.functional.binary_cross_entropy_with_logits
    for epoch in range(settings.epochs):
        chooser.shuffle(order)
        total = 0.0
        for at in range(0, len(order), settings.batch):
            batch = order[at : at + settings.batch]
            ids, starts, ends, positive, article = _collate(batch)
            here, ids = torch.unique(torch.from_numpy(place)[ids], return_inverse=True)
            odds = model(model.vectors(embeddings[here]), ids, starts, ends)
            highest = odds.new_full((len(batch),), -30.0).scatter_reduce(0, article, odds, "amax")
            wanted = positive.new_zeros(len(batch)).scatter_reduce(0, article, positive, "amax")
            # A missed article costs more than one read in vain.
            articles = entropy(highest, wanted, weight=1 + wanted)
            loss = entropy(odds, positive) + settings.article_weight * articles
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        logger.info("epoch %d: loss %.4f", epoch + 1, total / len(order))
    return model.eval()


@torch.no_grad()
def gate_tensors(model: GateModel, words: release.WordEmbeddings) -> dict[str, NDArray[Any]]:
    """Turn a trained gate into a release's tensors, without `positives`."""
    rows = []
    for start in range(0, len(words.blocks), 8192):
        part = np.arange(start, min(start + 8192, len(words.blocks)))
        rows.append(model.vectors(torch.from_numpy(words(part))).numpy())
    vectors = np.concatenate(rows)
    scale = np.maximum(vectors.max(axis=0), 1e-6) / 127
    return {
        "pieces": np.round(vectors / scale).astype(np.int8),
        "scale": (scale / model.size).astype(np.float32),
        "hidden.weight": np.ascontiguousarray(model.hidden.weight.numpy().T),
        "hidden.bias": model.hidden.bias.numpy(),
        "out.weight": model.out.weight.numpy()[0],
        "out.bias": model.out.bias.numpy(),
        "size": np.array([model.size], np.int64),
    }


def _read(paths: Sequence[str]) -> list[AnnotatedDocument]:
    return [document for path in paths for document in read_documents(path)]


def _triggers(document: AnnotatedDocument) -> list[tuple[int, int]]:
    return [(m.start, m.end) for m in document.mentions if m.label == "TRIGGER"]


def build(settings: GateSettings, directory: Path) -> dict[str, NDArray[Any]]:
    """Train a gate for a release; gives its tensors."""
    segmenter = load_segmenter(directory)
    words = release.WordEmbeddings(release.Tensors(directory / release.WEIGHTS)[release.WORDS])
    documents, held_out = _read(settings.train), _read(settings.held_out)
    if settings.standoff and settings.texts and Path(settings.texts).exists():
        passages = align(_read(settings.standoff), settings.texts)[0]
        random.Random(settings.seed).shuffle(passages)
        cut = round(len(passages) * settings.held_out_passages)
        held_out, documents = held_out + passages[:cut], documents + passages[cut:]
    generic = read_generic(settings)
    texts = [d.text for d in documents] + generic
    triggers = [_triggers(d) for d in documents] + [[] for _ in generic]
    logger.info("%d annotated documents, %d on other topics", len(documents), len(generic))
    model = train(settings, examples(segmenter, texts, triggers, settings.size), words)
    tensors = gate_tensors(model, words)
    bearing = [d.text for d in held_out if _triggers(d)]
    if not bearing:
        raise InputError("held_out has no document with an event: the operating point cannot be set")
    scores = Gate(tensors | {"positives": np.zeros(1)}, segmenter).scores(bearing)
    return tensors | {"positives": np.sort(scores).astype(np.float32)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Train the gate of a release.")
    parser.add_argument("--config", type=Path, default=Path("configs/gate.yaml"))
    parser.add_argument("--release", type=Path, default=release.default_directory(), help="directory to put it into")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        release.check(options.release)
        tensors = build(read_settings(options.config), options.release)
        aside = options.release / f".{release.GATE}"
        save_file(tensors, str(aside))
        aside.chmod(0o644)
        aside.replace(options.release / release.GATE)
        release.record(options.release, release.GATE)
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
