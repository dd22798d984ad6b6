"""The report as a Word document that can be edited."""

from access15.outputs.document.word_file import write_document

__all__ = ["write_document"]
