"""The words of the forms themselves: what templates place around a view, with the language of the page.

A form takes them from here by their English words, so that a word without a translation is an English one and no hole.
"""

FURNITURE = (
    ", ",
    ": ",
    ".",
    "{place}, {level} ({phase}).",
    "Skip to the text",
    "Pages of this issue",
    "Languages of this page",
    "The annex",
    "Annex",
    "content",
    "content of the English page",
    "Content hash",
    "Content hash of the English page",
    "{reference} is a working reference, not a document symbol of the United Nations.",
    "notes",
    "Table: {caption}",
    "Full entry",
    "of {place}",
    "The tiles as a table",
    "The figures behind it",
    "The strip as a table",
    "Opens:",
    "Collected {moment}.",
    "sha256 of {number} payloads",
    "Origin: {origin}.",
    "Payload",
    "in {field}",
    "Tables behind the pictures",
    "Translated by machine from the English page, which alone counts; no native reader has checked it. What is marked "
    "as English has no translation: names of sources, their words, and reasons that the rules give.",
    "Language",
    "[text in {script} script; see HTML or JSON]",
)
