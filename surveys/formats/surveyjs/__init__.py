"""SurveyJS: questionnaires as its JSON documents."""

from surveys.formats.surveyjs.reading import load
from surveys.formats.surveyjs.writing import dump

__all__ = ["dump", "load"]
