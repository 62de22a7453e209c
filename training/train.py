"""Train the joint model: `python -m training.train --config configs/first.yaml`.

Runs on whatever accelerate finds: two CPU cores, a GPU, several. `--resume` goes on from the last whole epoch and ends
in the same weights as a run that was never stopped.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import platform
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs
from tqdm.auto import tqdm
from transformers import PreTrainedTokenizerFast

from data.align import align
from data.documents import AnnotatedDocument, read_documents
from treaty_events import decoding
from treaty_events.errors import InputError, TreatyEventsError

from . import auxiliary
from .checkpoint import STATE, load_checkpoint, save_checkpoint
from .collator import Batch, SpanBatch, batches, collate, hide_tokens, span_batch
from .encoder import load_base
from .examples import Example, make_examples
from .growth import add_event_types
from .model import (
    TreatyEventsModel,
    attribute_loss,
    compatible_pairs,
    relation_loss,
    tag_loss,
)
from .optimiser import AveragedWeights, parameter_groups, rate_factor
from .settings import Settings, read_settings
from .thinning import Teacher, keep_layers
from .trimming import trim_embeddings, trim_tokenizer

LOG = "log.jsonl"
TRAINED = "model"
CHECKPOINT = "checkpoint"
logger = logging.getLogger(__name__)


def start_model(settings: Settings) -> tuple[TreatyEventsModel, PreTrainedTokenizerFast]:
    """Build or load the model that a run starts from, and its tokenizer."""
    wanted = settings.model
    if wanted.start:
        from .release import load_trained

        model, tokenizer = load_trained(wanted.start)
        keep_layers(model, wanted.layers)
        if wanted.window:
            model.config.window, model.config.overlap = wanted.window, wanted.overlap
    else:
        if wanted.layers:
            raise InputError("model.layers: name in model.start the trained model whose layers are kept")
        encoder, tokenizer = load_base(wanted.base)
        if wanted.scripts:
            tokenizer, old_ids = trim_tokenizer(tokenizer, wanted.scripts)
            trim_embeddings(encoder, old_ids)
        model = TreatyEventsModel.from_encoder(
            encoder,
            span_size=wanted.span_size,
            span_layers=wanted.span_layers,
            span_heads=wanted.span_heads,
            pair_size=wanted.pair_size,
            dropout=wanted.dropout,
            **({"window": wanted.window, "overlap": wanted.overlap} if wanted.window else {}),
        )
    had = model.config.layout
    add_event_types(model, settings.event_types)
    if wanted.freeze_encoder and model.config.layout != had:
        raise InputError("model.freeze_encoder: the tag heads are frozen too, and cannot learn the new event types")
    model.encoder.get_input_embeddings().weight.requires_grad = not wanted.freeze_embeddings
    if wanted.freeze_encoder:
        for part in (model.encoder, model.tags):
            part.requires_grad_(False)
    model.config.encoder["attention_probs_dropout_prob"] = wanted.attention_dropout
    for layer in model.encoder.encoder.layer:
        layer.attention.self.dropout.p = wanted.attention_dropout
    return model, tokenizer


def read_corpus(paths: tuple[str, ...]) -> list[AnnotatedDocument]:
    """Read the documents of several JSONL files."""
    return [document for path in paths for document in read_documents(path)]


def predict_spans(batch: Batch, tags: torch.Tensor, layout: decoding.Layout) -> list[decoding.Spans]:
    """Read the model's own spans off a batch's tag logits (tokens without the special ones)."""
    logits = tags.detach().float().cpu().numpy()
    return [
        decoding.decode_tags(row[1 : len(e.ids) + 1], e.joined, layout)
        for row, e in zip(logits, batch.examples, strict=True)
    ]


class Run:
    """One training run.

    Args:
        settings: the run's numbers.
        resume: go on from the checkpoint in the output directory, if there is one.
        name: of the configuration, for the record.
    """

    def __init__(self, settings: Settings, resume: bool = False, name: str = "") -> None:
        self.settings, self.how, self.name = settings, settings.optimiser, name
        self.output = Path(settings.output)
        self.output.mkdir(parents=True, exist_ok=True)
        # A batch without annotated relations leaves the span module unused.
        parallel = DistributedDataParallelKwargs(find_unused_parameters=True)
        self.accelerator = Accelerator(mixed_precision=settings.precision, kwargs_handlers=[parallel])
        torch.manual_seed(settings.seed)
        self.model, self.tokenizer = start_model(settings)
        self.layout = self.model.config.layout
        self.dev = read_corpus(settings.data.dev)
        self.examples = self._read_examples()
        self.sets = [
            auxiliary.read_set(settings.data.auxiliary, n, self.tokenizer.backend_tokenizer, self.model.config.window)
            for n in settings.data.auxiliary_sets
        ]
        if not self.examples and not self.sets:
            raise InputError("the run has no training data: name files in data.train")
        # The number of steps must be known for the schedule; an epoch's batches are drawn anew, so it is an estimate
        # that each epoch is held to.
        self.steps_an_epoch = len(self._epoch_batches(0)[1])
        self.optimiser = torch.optim.AdamW(parameter_groups(self.model, self.how), fused=True)
        self.rates = [group["lr"] for group in self.optimiser.param_groups]
        self.average = AveragedWeights(self.model.named_parameters(), self.how.average)
        self.state: dict[str, Any] = {"epoch": 0, "best": -1.0, "best_epoch": -1, "seconds": 0.0}
        checkpoint = self.output / CHECKPOINT
        if resume and (checkpoint / STATE).exists():
            self.state = load_checkpoint(checkpoint, self.model, self.optimiser, self.average)
            logger.info("going on after epoch %d", self.state["epoch"])
        else:
            (self.output / LOG).unlink(missing_ok=True)
        self.wrapped, self.optimiser = self.accelerator.prepare(self.model, self.optimiser)
        teacher = settings.model.teacher
        self.teacher = Teacher(teacher, self.tokenizer, self.layout, self.accelerator.device) if teacher else None

    def _read_examples(self) -> list[Example]:
        config = self.model.config
        data = self.settings.data
        documents = read_corpus(data.train)
        if data.standoff:
            aligned, messages = align(read_corpus(data.standoff), data.texts)
            for message in messages:
                logger.warning("%s", message)
            documents += aligned
        self.documents = len({d.id for d in documents})
        return make_examples(
            documents,
            self.tokenizer.backend_tokenizer,
            window=config.window,
            overlap=config.overlap,
            layout=self.layout,
        )

    def _epoch_batches(self, epoch: int) -> tuple[list[Example], list[list[int]]]:
        rng = np.random.default_rng((self.settings.seed, epoch))
        examples = self.examples + auxiliary.draw(self.sets, self.settings.data.auxiliary_tokens, rng)
        return examples, batches(examples, self.how.batch_tokens, rng)

    def _loss(self, batch: Batch, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        how, device = self.how, batch.input_ids.device
        spans: SpanBatch | None = None

        def choose(tags: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None:
            nonlocal spans
            own = predict_spans(batch, tags, self.layout)
            spans = span_batch(batch.examples, own, rng, jitter=how.jitter, own=how.own_spans)
            return (
                None if spans is None else (spans.bounds.to(device), spans.types.to(device), spans.present.to(device))
            )

        linked = any(e.linked for e in batch.examples)
        output = self.wrapped(batch.input_ids, batch.attention_mask, choose if linked else None)
        tagging = tag_loss(output.tags, batch.tags, self.layout, how.outside_weight, how.head_weights)
        parts = {"tags": how.tag_weight * tagging}
        if self.teacher is not None:
            parts["teacher"] = how.teacher_weight * self.teacher.loss(output.tags, batch)
        if spans is not None:
            parts["attributes"] = attribute_loss(output.attributes, spans.attributes.to(device)) * how.attribute_weight
            pairs = compatible_pairs(spans.types.to(device), spans.present.to(device))
            parts["relations"] = (
                relation_loss(output.relations, spans.relations.to(device), pairs) * how.relation_weight
            )
        return torch.stack(list(parts.values())).sum(), {k: float(v.detach()) for k, v in parts.items()}

    def _train_epoch(self, epoch: int) -> dict[str, float]:
        torch.manual_seed(self.settings.seed * 100_003 + epoch)
        rng = np.random.default_rng((self.settings.seed, epoch, 1))
        examples, groups = self._epoch_batches(epoch)
        # Each process takes every n-th batch, an equal number of them.
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        groups = groups[: len(groups) - len(groups) % world][rank::world]
        ids = self.tokenizer
        special = {"opening": ids.cls_token_id, "closing": ids.sep_token_id, "padding": ids.pad_token_id}
        sums: dict[str, float] = {}
        self.wrapped.train()
        if self.settings.model.freeze_encoder:
            self.model.encoder.eval()
        steps = max(1, self.steps_an_epoch // world)
        progress = tqdm(
            groups,
            desc=f"epoch {epoch + 1}",
            mininterval=5,
            # None: only where someone watches.
            disable=None if self.accelerator.is_main_process else True,
        )
        for number, group in enumerate(progress):
            batch = collate([examples[i] for i in group], **special)
            batch = hide_tokens(batch, self.how.hide, ids.mask_token_id, rng).to(self.accelerator.device)
            at = min(epoch * steps + number, (epoch + 1) * steps - 1)
            factor = rate_factor(at, steps * self.how.epochs, self.how.warmup)
            for rate, param_group in zip(self.rates, self.optimiser.param_groups, strict=True):
                param_group["lr"] = rate * factor
            with self.accelerator.autocast():
                loss, parts = self._loss(batch, rng)
            if not loss.requires_grad:  # The encoder is frozen and the batch holds no span.
                continue
            self.accelerator.backward(loss)
            self.accelerator.clip_grad_norm_(self.wrapped.parameters(), self.how.clip)
            self.optimiser.step()
            self.optimiser.zero_grad(set_to_none=True)
            self.average.update()
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + value
            progress.set_postfix({k: f"{v / (number + 1):.3f}" for k, v in sums.items()})
        return {f"loss_{k}": v / max(1, len(groups)) for k, v in sums.items()}

    def _evaluate(self) -> dict[str, float]:
        if not self.dev:
            return {}
        from evaluation.development import development_scores

        self.wrapped.eval()
        return development_scores(self.accelerator.unwrap_model(self.wrapped), self.tokenizer, self.dev)

    def _save_trained(self) -> None:
        directory = self.output / TRAINED
        self.accelerator.unwrap_model(self.wrapped).save_pretrained(directory)
        self.tokenizer.save_pretrained(directory)
        start = Path(self.settings.model.start) / "provenance.json"
        provenance = {
            "config": self.name,
            "settings": dataclasses.asdict(self.settings),
            "documents": self.documents,
            # What an earlier stage saw, this model saw too.
            "start": json.loads(start.read_text(encoding="utf-8"))
            if self.settings.model.start and start.exists()
            else None,
            "epoch": self.state["epoch"],
            "score": self.state["best"],
            "seconds": round(self.state["seconds"]),
            "machine": platform.platform(),
            "torch": torch.__version__,
        }
        (directory / "provenance.json").write_text(json.dumps(provenance, indent=1))

    def __call__(self) -> dict[str, Any]:
        """Train to the end; gives the last state (epoch, best score, seconds)."""
        main = self.accelerator.is_main_process
        for epoch in range(self.state["epoch"], self.how.epochs):
            began = time.monotonic()
            row: dict[str, Any] = {"epoch": epoch + 1, **self._train_epoch(epoch)}
            self.average.swap()
            row |= self._evaluate()
            score = row.get("score", float(epoch))
            self.state["epoch"] = epoch + 1
            self.state["seconds"] += time.monotonic() - began
            better = score > self.state["best"]
            if better:
                self.state |= {"best": score, "best_epoch": epoch + 1}
                if main:
                    self._save_trained()
            self.average.swap()
            row["seconds"] = round(self.state["seconds"], 1)
            if main:
                with open(self.output / LOG, "a", encoding="utf-8") as log:
                    log.write(json.dumps(row) + "\n")
                logger.info("%s", json.dumps({k: round(v, 4) for k, v in row.items()}))
                core = self.accelerator.unwrap_model(self.wrapped)
                save_checkpoint(self.output / CHECKPOINT, core, self.optimiser, self.average, self.state)
            self.accelerator.wait_for_everyone()
            if self.how.patience and epoch + 1 - self.state["best_epoch"] >= self.how.patience:
                logger.info("no better dev score for %d epochs: stopping", self.how.patience)
                break
        return self.state


def main(arguments: list[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Train the treaty-events model.")
    parser.add_argument("--config", required=True, type=Path, help="YAML file of the run (see configs/)")
    parser.add_argument("--resume", action="store_true", help="go on from the last whole epoch")
    parser.add_argument("--add", nargs="+", type=Path, metavar="FILE", help="fine-tune with new documents")
    parser.add_argument("--output", type=Path, metavar="DIR", help="with --add: release directory to write")
    options = parser.parse_args(arguments)
    if options.add:
        from .finetune import main as finetune

        return finetune(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    try:
        state = Run(read_settings(options.config), resume=options.resume, name=str(options.config))()
    except TreatyEventsError as error:
        logger.error("%s", error)
        return 2
    logger.info("best dev score %.4f at epoch %d", state["best"], state["best_epoch"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
