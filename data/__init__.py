"""The annotated corpus and the tools that build and check it."""
