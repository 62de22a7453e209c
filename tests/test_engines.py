from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from training.model import TreatyEventsModel
from training.release import write_release
from treaty_events import Extractor, InputError, MissingExtraError, engines, release

TEXTS = [
    "Le Sénat kazakh a ratifié jeudi l'accord de coopération militaire avec le Qatar, signé à Doha.",
    "Саммит ОДКБ пройдёт в Астане в среду.",
    "",
    "中哈协定" * 30,
] * 3


def found(extractor: Extractor, texts: list[str]) -> list[list[tuple[int, int, str]]]:
    return [[(m.start, m.end, m.label) for m in e.mentions] for e in extractor.extract(texts)]


def test_unknown_engine_is_refused(release_directory: Path) -> None:
    with pytest.raises(InputError, match="onnx"):
        Extractor.from_pretrained(release_directory, engine="cuda")  # type: ignore[arg-type]


def test_openvino_that_is_not_there(release_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.delitem(sys.modules, "treaty_events.engines.openvino", raising=False)
    monkeypatch.delattr(engines, "openvino", raising=False)
    with pytest.raises(MissingExtraError, match="openvino"):
        Extractor.from_pretrained(release_directory, engine="openvino")
    assert Extractor.from_pretrained(release_directory).reader.backend.engine.name == "onnx"  # type: ignore[attr-defined]


def test_openvino_computes_what_onnx_runtime_does(
    model: TreatyEventsModel, tokenizer: PreTrainedTokenizerFast, tmp_path: Path, rng: np.random.Generator
) -> None:
    pytest.importorskip("openvino")
    write_release(model, tokenizer, tmp_path / "float", {}, texts=None)
    config = release.read_config(tmp_path / "float")
    words = rng.normal(size=(3, 9, 32)).astype(np.float32)
    mask = np.ones((3, 9), np.int64)
    mask[1, 5:] = 0
    ours = engines.load("openvino", tmp_path / "float", config, 1)
    theirs = engines.load("onnx", tmp_path / "float", config, 1)
    for got, expected in zip(ours(words, mask), theirs(words, mask), strict=True):
        # bfloat16 keeps eight bits.
        error = np.abs(got - expected)[mask.astype(bool)]
        assert error.mean() < 0.02 * np.abs(expected).mean()
    assert np.isfinite(ours(words, mask)[0]).all()


@pytest.mark.parametrize("engine", ["onnx", "openvino"])
def test_eight_threads_find_what_one_does(release_directory: Path, engine: engines.EngineName) -> None:
    if engine == "openvino":
        pytest.importorskip("openvino")
    extractor = Extractor.from_pretrained(release_directory, threads=1, engine=engine)
    expected = found(extractor, TEXTS)
    with ThreadPoolExecutor(8) as pool:
        assert all(result == expected for result in pool.map(lambda _: found(extractor, TEXTS), range(16)))


def test_an_extractor_can_be_sent_to_another_process(extractor: Extractor) -> None:
    copy = pickle.loads(pickle.dumps(extractor))
    assert found(copy, TEXTS) == found(extractor, TEXTS)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_reads_on(extractor: Extractor) -> None:
    expected = found(extractor, TEXTS)
    queue = multiprocessing.get_context("fork").SimpleQueue()
    child = os.fork()
    if child == 0:
        queue.put(found(extractor, TEXTS) == expected)
        os._exit(0)
    os.waitpid(child, 0)
    assert queue.get()
