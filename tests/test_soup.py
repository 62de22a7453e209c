from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from training import soup
from training.model import TreatyEventsModel
from training.release import load_trained


def trained(directory: Path, tokenizer: PreTrainedTokenizerFast, seed: int, hidden: int = 16) -> Path:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=hidden, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    model = TreatyEventsModel.from_encoder(
        BertModel(config, add_pooling_layer=False), span_size=16, span_layers=1, span_heads=2, pair_size=8
    )
    model.config.thresholds = [0.1 * seed] * len(model.config.thresholds)
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    (directory / soup.PROVENANCE).write_text(json.dumps({"config": f"{directory.name}.yaml", "documents": seed}))
    return directory


def test_weights_are_the_weighted_mean(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    first, second = (trained(tmp_path / name, tokenizer, seed) for name, seed in (("a", 1), ("b", 2)))
    output = tmp_path / "soup" / "model"
    command = [str(first), str(second), "--shares", "1", "3", "--output", str(output)]
    assert soup.main(command) == 0
    a, b, mixed = (load_trained(directory)[0] for directory in (first, second, output))
    for name, value in mixed.state_dict().items():
        wanted = 0.25 * a.state_dict()[name] + 0.75 * b.state_dict()[name]
        torch.testing.assert_close(value, wanted if value.is_floating_point() else a.state_dict()[name])
    assert mixed.config.thresholds == pytest.approx(a.config.thresholds)
    told = json.loads((output / soup.PROVENANCE).read_text())
    assert [(part["config"], part["share"]) for part in told["soup"]] == [("a.yaml", 0.25), ("b.yaml", 0.75)]
    assert told["documents"] == 1


@pytest.mark.parametrize("shares", [["1"], ["1", "2", "3"], ["1", "0"], ["1", "-1"]])
def test_shares_that_do_not_fit_are_refused(
    shares: list[str], tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    models = [str(trained(tmp_path / name, tokenizer, 1)) for name in "ab"]
    assert soup.main([*models, "--shares", *shares, "--output", str(tmp_path / "soup")]) == 2
    assert not (tmp_path / "soup").exists()


def test_other_architectures_are_refused(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    first, second = trained(tmp_path / "a", tokenizer, 1), trained(tmp_path / "b", tokenizer, 1, hidden=32)
    assert soup.main([str(first), str(second), "--output", str(tmp_path / "soup")]) == 2
    assert soup.main([str(first), "--output", str(tmp_path / "soup")]) == 2
