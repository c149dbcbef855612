"""The shapes of the API's answers, field by field."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ErrorSerializer(serializers.Serializer[Any]):
    """What went wrong, in words."""

    detail = serializers.CharField()


class ReleaseSerializer(serializers.Serializer[Any]):
    """Which release figures come from. The hash is over all its tables."""

    number = serializers.IntegerField()
    computed_at = serializers.DateTimeField()
    sha256 = serializers.CharField()


class SurveySerializer(serializers.Serializer[Any]):
    """A survey. Counts are null until it is closed and released, and where they are withheld."""

    code = serializers.CharField()
    title = serializers.CharField(help_text="In the language asked for by Accept-Language.")
    state = serializers.ChoiceField(choices=["planned", "scheduled", "open", "closing", "closed"])
    promise = serializers.ChoiceField(choices=["anonymous", "named"])
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    invited = serializers.IntegerField(allow_null=True)
    responses = serializers.IntegerField(allow_null=True)
    rate = serializers.FloatField(allow_null=True, help_text="RR1 (AAPOR): answered of all invited, 0 to 1.")
    left_out = serializers.IntegerField(help_text="Answers that could not be opened, and are not in the figures.")
    release = ReleaseSerializer(allow_null=True)


class SurveyPageSerializer(serializers.Serializer[Any]):
    """A page of surveys, with the addresses of the next and the one before."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SurveySerializer(many=True)


class VariableSerializer(serializers.Serializer[Any]):
    """A variable, and what it can be asked for by."""

    variable = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field named as an attribute of fields
    by = serializers.ListField(child=serializers.CharField())


class SurveyDetailSerializer(SurveySerializer):
    """A survey with its released variables."""

    variables = VariableSerializer(many=True)


class CellSerializer(serializers.Serializer[Any]):
    """One figure: how many of the group `by` have `value`. `n` and `share` are null where withheld."""

    value = serializers.CharField()
    by = serializers.CharField(
        allow_null=True, allow_blank=True, help_text="The group; null in a table of the whole, empty for merged groups."
    )
    n = serializers.IntegerField(allow_null=True)
    share = serializers.FloatField(allow_null=True, help_text="n of the group's size, 0 to 1.")
    withheld = serializers.BooleanField()


class ResultsSerializer(serializers.Serializer[Any]):
    """One released table."""

    survey = serializers.CharField()
    release = ReleaseSerializer()
    variable = serializers.CharField()
    by = serializers.CharField(allow_null=True)
    base = serializers.IntegerField(allow_null=True)
    cells = CellSerializer(many=True)
