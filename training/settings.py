"""A run's settings: one YAML file holds every number of a run, and a key that is not known is an error."""

from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

import yaml

from treaty_events import vocabulary
from treaty_events.errors import InputError

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class ModelSettings:
    """Sizes of new heads and what the encoder starts from.

    Attributes:
        base: hub id, local directory, or `offline` (see `training.encoder.base_directory`).
        start: directory of a trained model or of a release to go on from; empty for the base encoder.
        layers: encoder layers of the start that stay (see `training.thinning`); 0 keeps all.
        teacher: directory of a trained model or of a release whose tag probabilities are learned too; empty for none.
        scripts: Unicode scripts whose pieces the vocabulary keeps; empty keeps all.
        freeze_embeddings: keep the word embeddings as they are (they ship in the base's own 4 bits).
        freeze_encoder: keep the encoder and the tag heads as they are and train the span module alone.
        attention_dropout: dropout on attention weights; 0 lets torch run its fused attention, which is much faster.
        span_size, span_layers, span_heads, pair_size, dropout: see `TreatyEventsConfig`; a start's own stay.
        window, overlap: see `TreatyEventsConfig`; 0 takes the start's own, or a new model's usual ones.
    """

    base: str = "offline"
    start: str = ""
    layers: int = 0
    teacher: str = ""
    scripts: tuple[str, ...] = ()
    freeze_embeddings: bool = True
    freeze_encoder: bool = False
    attention_dropout: float = 0.0
    span_size: int = 256
    span_layers: int = 2
    span_heads: int = 4
    pair_size: int = 128
    dropout: float = 0.1
    window: int = 0
    overlap: int = 0


@dataclasses.dataclass(frozen=True)
class DataSettings:
    """What is read.

    Attributes:
        train: JSONL files of annotated documents.
        dev: JSONL files to evaluate on during training.
        standoff: JSONL files of stand-off documents to train on as well, joined with their texts by `data.align`.
        texts: folder with those texts.
        auxiliary: directory of the openly licensed sets (see `training.auxiliary`); empty for none.
        auxiliary_sets: names of the sets to read.
        auxiliary_tokens: tokens drawn from them an epoch, shared evenly by the square root of their sizes.
    """

    train: tuple[str, ...] = ()
    dev: tuple[str, ...] = ()
    standoff: tuple[str, ...] = ()
    texts: str = ""
    auxiliary: str = ""
    auxiliary_sets: tuple[str, ...] = ()
    auxiliary_tokens: int = 0


@dataclasses.dataclass(frozen=True)
class OptimiserSettings:
    """How it learns.

    Attributes:
        epochs: passes over the training windows.
        patience: epochs without a better dev score before stopping; 0 never stops.
        batch_tokens: tokens a batch holds at most, padding included.
        encoder_rate: learning rate of the encoder's top layer.
        layer_decay: factor on the rate for each layer below.
        head_rate: learning rate of the span module.
        tag_rate: learning rate of the tag heads, single layers that may learn faster; 0 takes `head_rate`.
        weight_decay: AdamW weight decay on matrices.
        warmup: share of the steps with rising rate; then it falls linearly to 0.
        clip: largest gradient norm.
        tag_weight, attribute_weight, relation_weight: loss weights.
        teacher_weight: loss weight of the teacher's tag probabilities, where `model.teacher` names one.
        head_weights: weight of a tag head within the tag loss, by its label; 1 where it is not named.
        outside_weight: weight of `O` tokens in the tag loss.
        jitter: probability that a gold span is given to the span module with a border moved by a token.
        own_spans: probability that a gold span is replaced by the model's own span that overlaps it.
        hide: share of the tokens that the mask token stands for, so that a label is learned from its surroundings too;
            each window draws its own share from 0 to twice as many.
        average: decay a step of the exponential moving average of weights that is evaluated and kept; 0 for none.
    """

    epochs: int = 20
    patience: int = 5
    batch_tokens: int = 2048
    encoder_rate: float = 1e-4
    layer_decay: float = 0.95
    head_rate: float = 1e-3
    tag_rate: float = 0.0
    weight_decay: float = 0.01
    warmup: float = 0.1
    clip: float = 1.0
    tag_weight: float = 1.0
    attribute_weight: float = 0.3
    relation_weight: float = 0.3
    teacher_weight: float = 1.0
    head_weights: dict[str, float] = dataclasses.field(default_factory=dict)
    outside_weight: float = 1.0
    jitter: float = 0.1
    own_spans: float = 0.5
    hide: float = 0.0
    average: float = 0.0


@dataclasses.dataclass(frozen=True)
class Settings:
    """One run.

    Attributes:
        output: directory for checkpoints, log and the trained model.
        seed: of everything random.
        precision: `no`, `fp16` or `bf16` (accelerate's mixed precision).
        event_types: types of events that the model shall tell besides the vocabulary's and the start's own.
        model, data, optimiser: the parts.
    """

    output: str
    seed: int = 13
    precision: str = "no"
    event_types: tuple[str, ...] = ()
    model: ModelSettings = dataclasses.field(default_factory=ModelSettings)
    data: DataSettings = dataclasses.field(default_factory=DataSettings)
    optimiser: OptimiserSettings = dataclasses.field(default_factory=OptimiserSettings)

    def __post_init__(self) -> None:
        vocabulary.check_extra_event_types(self.event_types)


@dataclasses.dataclass(frozen=True)
class FinetuneData(DataSettings):
    """What is read besides the new documents; `train` is the corpus that replay is drawn from.

    Attributes:
        replay: documents of the corpus that are trained on along with the new ones; 0 for none.
        repeat: times that an epoch goes over the new documents.
        held_out: share of the new documents that is not trained on.
        compare: JSONL files of the shipped split that is read before and after.
        compare_documents: documents of it that are read; 0 for all.
    """

    replay: int = 300
    repeat: int = 1
    held_out: float = 0.2
    compare: tuple[str, ...] = ()
    compare_documents: int = 0

    def __post_init__(self) -> None:
        if min(self.replay, self.compare_documents) < 0 or self.repeat < 1 or not 0 <= self.held_out < 1:
            raise InputError("data: replay and compare_documents are 0 or more, repeat 1 or more, held_out below 1")


@dataclasses.dataclass(frozen=True)
class FinetuneSettings(Settings):
    """A fine-tuning run (`training.finetune`): `output` is its folder, `model.start` the release that it goes on from.

    Attributes:
        data: what is read.
        calibrate: choose thresholds, confidence and judges anew, on `data.dev`; otherwise they stay the start's.
        forgetting: fall of the mean figure on the shipped split from which on a warning is given.
    """

    data: FinetuneData = dataclasses.field(default_factory=FinetuneData)
    calibrate: bool = False
    forgetting: float = 0.02

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.model.start:
            raise InputError("model.start: name the release directory to go on from")
        if self.calibrate and not self.data.dev:
            raise InputError("calibrate: thresholds are chosen on data.dev, which names no file")
        if self.optimiser.epochs < 1:
            raise InputError("optimiser.epochs: at least 1")


def _build(kind: type[T], values: Any, where: str) -> T:
    if not isinstance(values, dict):
        raise InputError(f"{where}: expected a mapping, got {values!r}")
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise InputError(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(hints))}")
    fields: dict[str, Any] = {}
    for name, value in values.items():
        hint, at = hints[name], f"{where}.{name}"
        if dataclasses.is_dataclass(hint):
            fields[name] = _build(typing.cast("type[Any]", hint), value, at)
        elif typing.get_origin(hint) is tuple:
            if not isinstance(value, list):
                raise InputError(f"{at}: expected a list, got {value!r}")
            fields[name] = tuple(value)
        elif typing.get_origin(hint) is dict:
            if not isinstance(value, dict):
                raise InputError(f"{at}: expected a mapping, got {value!r}")
            fields[name] = {str(k): float(v) for k, v in value.items()}
        elif hint is float and isinstance(value, int | float) and not isinstance(value, bool):
            fields[name] = float(value)
        elif isinstance(hint, types.UnionType) or type(value) is hint:
            fields[name] = value
        else:
            raise InputError(f"{at}: expected {hint.__name__}, got {value!r} (YAML needs a dot in 1.0e-4)")
    return kind(**fields)


def _read(path: str | Path) -> Any:
    try:
        return yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"cannot read {path}: {error}") from error


def read_settings(path: str | Path) -> Settings:
    """Read a run's settings from its YAML file.

    Raises:
        InputError: the file is missing, is no YAML, or holds an unknown key or a value of the wrong type.
    """
    return _build(Settings, _read(path), str(path))


def read_finetune_settings(path: str | Path) -> FinetuneSettings:
    """Read the YAML file of a fine-tuning run; errors as `read_settings`."""
    return _build(FinetuneSettings, _read(path), str(path))
