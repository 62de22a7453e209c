"""Active learning: which articles of a pile a person should annotate next.

An article is worth annotating if the model is in doubt about it (uncertainty sampling, Lewis & Gale 1994, "A sequential
algorithm for training text classifiers") and if it is unlike the others that are annotated (core-sets, Sener & Savarese
2018, "Active learning for convolutional neural networks: a core-set approach"). Both are measured on what is at hand:
the probabilities of an extraction, and the release's word embeddings. What the model overlooks altogether leaves no
trace in its numbers.
"""

from __future__ import annotations

from .doubt import Doubt, doubt
from .pile import Choice, Pile

__all__ = ["Choice", "Doubt", "Pile", "doubt"]
