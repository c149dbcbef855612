"""XLSForm: questionnaires as workbooks, as KoboToolbox, ODK and others read and write them."""

from surveys.formats.xlsform.reading import load
from surveys.formats.xlsform.writing import dump

__all__ = ["dump", "load"]
