"""Dates and times as each language writes them (Django's FORMAT_MODULE_PATH); what is not here is Django's own."""
