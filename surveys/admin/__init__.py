"""The admin's pages for questionnaires, surveys and coding."""

from . import parts, questionnaire

__all__ = ["parts", "questionnaire"]
