"""Chat services through apprise. A third party carries them, so they name no State: a reference, a deadline, a link.

apprise says yes or no and nothing else: a no is unknown, because the text may have been taken before the line broke.
"""

import logging
from collections.abc import Callable

from alerts.outbox import Result
from alerts.send import Begin, Outcome


class AppriseChatter:
    """`secret` gives the value of a named credential: an address of apprise, with its token in it."""

    def __init__(self, secret: Callable[[str], str]) -> None:
        self._secret = secret

    def say(self, credential: str, text: str, *, begin: Begin) -> Outcome:
        import apprise  # noqa: PLC0415  (only where somebody uses a chat service)

        # Its own lines repeat addresses and texts.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        address = self._secret(credential)
        if not address:
            return Outcome(result=Result.LATER, told="the credential with the address of the chat service is not set")
        service = apprise.Apprise()
        if not service.add(address):
            return Outcome(result=Result.REFUSED, told="the address of the chat service is none that apprise knows")
        begin()
        if service.notify(body=text, body_format=apprise.NotifyFormat.TEXT):
            return Outcome(result=Result.ACCEPTED, told="the chat service took it")
        return Outcome(result=Result.UNKNOWN, told="the chat service did not say that it took it", server=True)
