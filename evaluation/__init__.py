"""Judges: what a model says of texts, measured against gold."""
