"""All rules of the critique, in the order in which their findings are shown."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from surveys.rules import (
    choices,
    doubling,
    effort,
    elaborating,
    knowing,
    leading,
    opening,
    reading,
    sharing,
    translating,
    vague,
)
from surveys.rules.base import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "missing-purpose",
        _("The purpose is missing"),
        _("People answer, and answer honestly, when they know who asks, why, and what becomes of it."),
        _("Say on the first page who asks, why, and what the answers will be used for."),
        opening.missing_purpose,
        of_whole=True,
    ),
    Rule(
        "missing-deadline",
        _("The deadline is not mentioned"),
        _("Those who do not know how long they have put it off, and forget it."),
        _("Say in the purpose until when one can answer, or where the deadline stands."),
        opening.missing_deadline,
        of_whole=True,
    ),
    Rule(
        "missing-time",
        _("No time is stated"),
        _("People answer between other duties, and begin when they know how long it takes."),
        _("State the expected time in minutes, best after a pilot."),
        effort.missing_time,
        of_whole=True,
    ),
    Rule(
        "too-long",
        _("It takes longer than stated"),
        _("Those who find that it takes longer than they were told stop half way, and trust the next survey less."),
        _("Take out what you can do without, or state a longer time."),
        effort.too_long,
        of_whole=True,
    ),
    Rule(
        "missing-data-protection",
        _("Nothing is said about data protection"),
        _("Answers may criticise an employer. Those who do not know who can see them answer carefully, or not at all."),
        _("Say in the purpose who gets to see the answers, or where that stands."),
        opening.missing_data_protection,
        of_whole=True,
    ),
    Rule(
        "promised-anonymity",
        _("The text promises anonymity"),
        _("What may truthfully be said changes while a survey is open; the first page says it, with dates, by itself."),
        _("Take the promise out. The service says what holds for this survey."),
        opening.promised_anonymity,
    ),
    Rule(
        "relay-unasked",
        _("It is not said whether others are asked as well"),
        _(
            "It goes to people who speak for others. Unless it says whether those others get links of their own, "
            "nobody knows who is to answer."
        ),
        _("Ask them to tell those they represent, who get links of their own, or say that it is for themselves only."),
        opening.relay_unasked,
        of_whole=True,
    ),
    Rule(
        "no-experience-question",
        _("Nobody is asked about experience in the role"),
        _("Without it, “don't know” cannot be told from “is new in the role”."),
        _("Ask how long the person has been in the role."),
        knowing.no_experience_question,
        of_whole=True,
    ),
    Rule(
        "double-question",
        _("Two questions in one"),
        _("One answer cannot answer both, and afterwards nobody can tell which of them it was about."),
        _("Split it into two questions."),
        doubling.double_question,
    ),
    Rule(
        "leading-text",
        _("A leading text just before the question"),
        _("What people have just read pulls their answers towards it."),
        _("Move the text to after the question, or take out what takes a side."),
        leading.leading_text,
    ),
    Rule(
        "leading-wording",
        _("The wording is leading"),
        _("A question that shows which answer is wanted gets that answer more often."),
        _("Ask so that every answer is equally easy to give."),
        leading.leading_wording,
    ),
    Rule(
        "elaboration-yes-only",
        _("Only those who say yes may elaborate"),
        _("Those who say no are silenced: why it did not happen, or what works, is never told."),
        _("Invite everyone to elaborate, whatever they answer."),
        elaborating.elaboration_yes_only,
    ),
    Rule(
        "no-dont-know",
        _("“Don't know” is missing"),
        _("Those who cannot know guess or skip, and their guesses are counted as knowledge."),
        _("Offer “don't know” as an answer of its own."),
        knowing.no_dont_know,
    ),
    Rule(
        "yes-no-as-text",
        _("A yes or no asked as open text"),
        _("Somebody must read every text to find out whether it says yes or no, and two people read differently."),
        _("Make it a yes/no question with an elaboration beside."),
        elaborating.yes_no_as_text,
    ),
    Rule(
        "required-free-text",
        _("A text must be written"),
        _("Those who have nothing to write stop, or write anything to get on."),
        _("Let the text be left out."),
        elaborating.required_free_text,
    ),
    Rule(
        "vague-quantity",
        _("A vague word for how much or how often"),
        _("Everyone understands it in their own way, so the answers cannot be added up."),
        _("Use a number or a period, or say in the help what is meant."),
        vague.vague_quantity,
    ),
    Rule(
        "bands-do-not-fit",
        _("Answers that overlap or leave a gap"),
        _("Some fit two answers and some fit none; the figures cannot be trusted at the edges."),
        _("Let each number belong to exactly one answer, with open ends."),
        choices.bands_overlap_or_gap,
    ),
    Rule(
        "missing-other",
        _("No answer for the rest"),
        _("Those who fit none of the answers choose a wrong one, or skip."),
        _("Add “other”, or “none of these”."),
        choices.missing_other,
    ),
    Rule(
        "different-wording",
        _("Asked differently elsewhere"),
        _("A difference between groups or years may then come from the wording, not from reality."),
        _("Use the same words and answers, or declare that only the theme is the same."),
        sharing.different_wording,
    ),
    Rule(
        "missing-translation",
        _("A translation is missing"),
        _("Some would read a language they did not choose, in the middle of their own."),
        _("Write what is missing. Languages, on the page of the questionnaire, lists every place."),
        translating.missing_translation,
    ),
    Rule(
        "hard-to-read",
        _("Hard to read"),
        _("On a phone, between other duties, a hard text is skipped or misread. LIX above 50 is official prose."),
        _("Use shorter sentences and everyday words."),
        reading.hard_to_read,
    ),
    Rule(
        "long-sentence",
        _("A very long sentence"),
        _("By the end, the reader has forgotten the beginning."),
        _("Make two sentences of it."),
        reading.long_sentence,
    ),
)
BY_CODE = {rule.code: rule for rule in RULES}
