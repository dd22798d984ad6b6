"""Exact answers to location problems: arrays in, a choice with its bound out; no nouns of the border here."""
