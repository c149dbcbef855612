"""Charts in templates: {% bars table %} and {% stacked table %}."""

from django import template

from consult.web import charts

register = template.Library()
register.simple_tag(charts.bars, name="bars")
register.simple_tag(charts.stacked, name="stacked")
