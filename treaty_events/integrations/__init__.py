"""Components for other people's pipelines: `integrations.spacy` and `integrations.transformers`.

Nothing here is imported by the rest of the package: each module needs the library that it is named after.
"""
