"""The translator's sheet: every text of a questionnaire as a workbook, written and read."""

from surveys.formats.translations.reading import Row, Sheet, read
from surveys.formats.translations.writing import write

__all__ = ["Row", "Sheet", "read", "write"]
