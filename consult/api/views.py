"""Released results as JSON, read-only. What the pages show, and nothing they do not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.exceptions import APIException, NotFound, PermissionDenied
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consult import granting, listing, reading
from consult.api import schema, serializers
from consult.listing import SurveyHead
from consult.tabulating import words
from surveys.models import Survey

# Imported for what it registers.
SCHEMA = schema
CODE = OpenApiParameter("code", str, OpenApiParameter.PATH, description="The survey's code.")
ERRORS = dict.fromkeys((400, 401, 403, 404), serializers.ErrorSerializer)


class BadQuery(APIException):
    """The query asks for something there is no such thing as."""

    status_code = 400
    default_detail = gettext_lazy("The query cannot be understood.")


class OnlyJson(BaseContentNegotiation):
    """JSON whatever is accepted: there is nothing else."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """The first."""
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first."""
        first = next(iter(renderers))
        return first, first.media_type


class ByCode(CursorPagination):
    """By keyset over the code: a later page costs what the first one does."""

    ordering = "code"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """As the framework does; a text that no database can hold is no cursor of ours."""
        cursor = super().decode_cursor(request)
        if cursor is not None and "\0" in str(cursor.position or ""):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class Released(APIView):
    """An address that reads releases within what the caller may see.

    400 for a query parameter that the address does not know, or given twice; 403 for a caller without any grant.
    """

    http_method_names = ["get", "head", "options"]
    content_negotiation_class = OnlyJson
    parameters: frozenset[str] = frozenset()
    scope: granting.Scope

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who calls, what they may see, and whether the question can be understood."""
        super().initial(request, *args, **kwargs)
        scope = granting.scope(request.user)
        if scope is None:
            raise PermissionDenied(_("You have not been given access to any results."))
        self.scope = scope
        if unknown := sorted(set(request.query_params) - self.parameters):
            raise BadQuery(_("Unknown query parameter: %(names)s.") % {"names": ", ".join(unknown)})
        if twice := [name for name, values in request.query_params.lists() if len(values) > 1]:
            raise BadQuery(_("Query parameter given more than once: %(names)s.") % {"names": ", ".join(sorted(twice))})

    def find(self, request: Request, code: str) -> SurveyHead:
        """The survey, or 404."""
        try:
            return listing.find(code, self.scope, _language(), _now(request))
        except Survey.DoesNotExist as error:
            raise NotFound(_("There is no survey with this code.")) from error


class Surveys(Released):
    """GET /surveys/"""

    parameters = frozenset({"cursor"})

    @extend_schema(
        operation_id="surveys",
        summary="The surveys, a page at a time",
        parameters=[OpenApiParameter("cursor", str, description="From `next` or `previous` of another page.")],
        responses={200: serializers.SurveyPageSerializer, **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """The surveys that have been opened, by code."""
        pages = ByCode()
        rows = pages.paginate_queryset(listing.visible(self.scope), request, self) or []
        heads = listing.heads(rows, _language(), _now(request))
        return pages.get_paginated_response(
            serializers.SurveySerializer([_survey(head) for head in heads], many=True).data
        )


class SurveyDetail(Released):
    """GET /surveys/{code}/"""

    @extend_schema(
        operation_id="survey",
        summary="One survey: participation, release, variables",
        parameters=[CODE],
        responses={200: serializers.SurveyDetailSerializer, **ERRORS},
    )
    def get(self, request: Request, code: str) -> Response:
        """Counts are null until the survey is closed and released."""
        head = self.find(request, code)
        found = reading.variables(head.release.id, self.scope) if head.release else []
        variables = [
            {"variable": each.name, "label": words(each.label, _language(), each.name).text, "by": list(each.bys)}
            for each in found
        ]
        return Response(serializers.SurveyDetailSerializer({**_survey(head), "variables": variables}).data)


class Results(Released):
    """GET /surveys/{code}/results/"""

    parameters = frozenset({"variable", "by"})

    @extend_schema(
        operation_id="results",
        summary="One released table",
        description="An unknown variable and a table that was never declared are answered alike, with 404.",
        parameters=[
            CODE,
            OpenApiParameter(
                "variable", {"type": "string", "minLength": 1}, required=True, description="B2, B2.stance, role …"
            ),
            OpenApiParameter("by", {"type": "string", "minLength": 1}, description="The groups, by a variable's name."),
        ],
        responses={200: serializers.ResultsSerializer, **ERRORS},
    )
    def get(self, request: Request, code: str) -> Response:
        """A variable over all who answered, or within each group of another."""
        variable, by = request.query_params.get("variable", ""), request.query_params.get("by", "")
        if not variable:
            raise BadQuery(_("The query parameter variable is missing."))
        if not by and "by" in request.query_params:
            raise BadQuery(_("The query parameter by is empty; leave it out for a table of the whole."))
        head = self.find(request, code)
        if head.release is None:
            raise NotFound(_("This survey has no released results."))
        try:
            table, cells = reading.find(head.release.id, variable, by, self.scope)
        except reading.UnknownTable as error:
            raise NotFound(_("The released results have no such table.")) from error
        answer = {
            "survey": head.code,
            "release": head.release,
            "variable": variable,
            "by": by or None,
            "base": table.base,
            "cells": [
                {
                    "value": cell.value,
                    "by": cell.by_value if by else None,
                    "n": cell.n,
                    "share": cell.share,
                    "withheld": cell.withheld,
                }
                for cell in cells
            ],
        }
        return Response(serializers.ResultsSerializer(answer).data)


class Docs(SpectacularSwaggerSplitView):
    """The schema to read and try, without anything inline."""

    template_name = "consult/api/docs.html"


def _survey(head: SurveyHead) -> dict[str, Any]:
    counts = head.participation
    shown = counts is not None and counts.responses is not None and counts.invited
    return {
        "code": head.code,
        "title": head.title.text,
        "state": head.state.value,
        "promise": "anonymous" if head.anonymous else "named",
        "opens_at": head.opens_at,
        "closes_at": head.closes_at,
        "invited": counts.invited if counts else None,
        "responses": counts.responses if counts else None,
        "rate": round(counts.responses / counts.invited, 4) if shown else None,  # type: ignore[union-attr, operator]
        "left_out": head.left_out,
        "release": head.release,
    }


def _language() -> str:
    return get_language() or "nb"


def _now(request: Request) -> Any:
    return request._request.now  # type: ignore[attr-defined]
