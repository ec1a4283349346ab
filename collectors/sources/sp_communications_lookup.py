"""Letters of special procedures asked by their reference: those that follow the ones on the list of latest letters.

A module, because the addresses are made of what another page says. The rows are read as those of that page are.
"""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote_plus, urljoin

from collectors.base import Client, FetchFailed, Parsed
from collectors.kinds import html_table
from domain.errors import HorizonError
from domain.signal import Payload
from domain.source import SourceCard

LATEST = "/LatestReports/CommunicationSent"
NEXT = 3  # numbers asked after the last one known of an addressee
MOST_GAPS = 5  # addresses without an answer; more, and the host is not asked for the rest


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    """The pages of letters that the list does not have; none at all is what the first look says most of the time."""
    newest: dict[str, tuple[int, int]] = {}
    for page in html_table.fetch(replace(card, url=urljoin(card.url, LATEST)), client):
        for reference in html_table.references(card, page):
            addressee, year, number = _parts(reference)
            newest[addressee] = max(newest.get(addressee, (0, 0)), (year, number))
    gaps = 0
    for addressee, (year, number) in sorted(newest.items()):
        for following in range(number + 1, number + 1 + NEXT):
            reference = f"{addressee} {following}/{year}"
            url = f"{card.url}?code={quote_plus(reference)}"
            try:
                page = client.get(url)
            except FetchFailed:
                gaps += 1
                if gaps > MOST_GAPS:
                    raise
                break
            except HorizonError as told:
                if told.exit_code:
                    raise
                continue  # unchanged since it landed
            if reference not in html_table.references(card, page):
                break
            yield page


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    yield from html_table.parse(card, payload)


def _parts(reference: str) -> tuple[str, int, int]:
    addressee, _, rest = reference.partition(" ")
    number, _, year = rest.partition("/")
    return addressee, int(year), int(number)
