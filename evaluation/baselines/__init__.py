"""Simple systems, for scale: what the figures of the model are to be seen against."""
