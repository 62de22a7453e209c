"""Simple systems and adapters of others, for scale: what the figures of the model are to be seen against.

`python -m evaluation.baselines SYSTEM --data FILE --output predictions.jsonl` writes what
`python -m evaluation.evaluate --predictions` reads, so that rules, chance, GLiNER and large language models are scored
by the same script; see `records` for the form, in which the events of any other system can be written as well.
"""
