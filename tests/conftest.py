"""Shared fixtures: a tiny model built in the session, so that everything runs offline and in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from data import markup
from data.documents import AnnotatedDocument
from training.model import TreatyEventsModel
from training.release import write_release
from treaty_events import Extractor

from .serving import Spy

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")

SOURCE = """=== fr-1
lang: fr
style: wire
story: KAZ-QAT-2023-x
real: yes
published: 2025-02-13
---
Le [Sénat [kazakh|G1 KAZ]|O1] a [ratifié|E1 ratification occurred domestic] [jeudi|D1 2025-02-13] l'[accord de coopération militaire avec le [Qatar|G2 QAT]|T1 agreement defence], [signé|E2 signature occurred] à [Doha|G3 QAT] le [12 décembre 2023|D2 2023-12-12]. Le [texte|T2 agreement defence] vaut [cinq ans|U1 P5Y] et prévoit la [formation des officiers|V1 education_training], a dit le [vice-ministre|R1] [Darkhan Akhmediev|P1].
---
E1: treaty=T1 party=G1,G2 agent=O1 date=D1
E2: treaty=T1 party=G1,G2 place=G3 date=D2
T1: party=G1,G2
T2: same_as=T1 term=U1 provision=V1
O1: of=G1
P1: holds=R1

=== ru-1
lang: ru
style: blog
story: NEG-x
real: no
---
Саммит [ОДКБ|O1 CSTO] пройдёт в [Астане|G1 KAZ] в [среду|D1]; 🤝 «договоров» не будет.
---
"""


@pytest.fixture(scope="session")
def documents() -> list[AnnotatedDocument]:
    return markup.parse(SOURCE)


@pytest.fixture(scope="session")
def tokenizer(documents: list[AnnotatedDocument]) -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.Unigram())
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=list(SPECIAL), unk_token="<unk>", show_progress=False
    )
    words = "Nur-Sultan 2020 agreement signed ratified Russia 中哈协定 κύρωσε συμφωνία اتفاقية вступило в силу".split()
    backend.train_from_iterator([d.text for d in documents] * 3 + words, trainer)
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        mask_token="<mask>",
        cls_token="<s>",
        sep_token="</s>",
    )


@pytest.fixture(scope="session")
def model(tokenizer: PreTrainedTokenizerFast) -> TreatyEventsModel:
    """A model with random weights whose heads are loud enough to find spans everywhere."""
    torch.manual_seed(0)
    encoder = BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            pad_token_id=1,
        ),
        add_pooling_layer=False,
    )
    built = TreatyEventsModel.from_encoder(
        encoder, span_size=32, span_layers=2, span_heads=4, pair_size=16, window=40, overlap=10
    ).eval()
    with torch.no_grad():
        built.tags.weight.mul_(40)
        built.tags.bias[0::3] += 1
        built.spans.pair_out.weight.mul_(20)
    return built


@pytest.fixture(scope="session")
def release_directory(
    model: TreatyEventsModel,
    tokenizer: PreTrainedTokenizerFast,
    documents: list[AnnotatedDocument],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    directory = tmp_path_factory.mktemp("releases") / "tiny"
    write_release(model, tokenizer, directory, {"name": "tiny"}, texts=[d.text for d in documents])
    return directory


@pytest.fixture(scope="session")
def extractor(release_directory: Path) -> Extractor:
    return Extractor.from_pretrained(release_directory, threads=1)


@pytest.fixture
def spy(extractor: Extractor) -> Spy:
    return Spy(extractor)


@pytest.fixture(scope="module")
def whole(release_directory: Path) -> Extractor:
    """The tiny model with all its events, however unsure."""
    return Extractor.from_pretrained(release_directory, threads=1, least_confidence=0)


@pytest.fixture(scope="module")
def pipe(release_directory: Path) -> Any:
    """The tiny model as a pipeline of `transformers`, with all its events."""
    pytest.importorskip("transformers")
    from transformers import pipeline

    import treaty_events.integrations.transformers  # noqa: F401

    return pipeline("treaty-events", model=str(release_directory), model_kwargs={"threads": 1, "least_confidence": 0.0})


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
