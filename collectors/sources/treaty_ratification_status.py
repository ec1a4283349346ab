"""Which State is party to which of eighteen human rights instruments: one small table each.

A module, because the instrument stands in the name of the file and in no column.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin

from collectors.base import Client, Parsed, ParseStopped
from collectors.kinds import csv_file
from domain.signal import Payload, Report
from domain.source import SourceCard

INSTRUMENTS = (
    "iccpr",
    "iccpr_op1",
    "iccpr_op2",
    "icescr",
    "icescr_op",
    "icerd",
    "cedaw",
    "op_cedaw",
    "cat",
    "opcat",
    "crc",
    "op_crc_ac",
    "op_crc_sc",
    "op_crc_ic",
    "icmw",
    "crpd",
    "op_crpd",
    "cped",
)
NAMED = re.compile(r"hr_status_(\w+)\.csv$")


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    for instrument in INSTRUMENTS:
        yield client.get(urljoin(card.url, f"hr_status_{instrument}.csv"))


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    found = NAMED.search(payload.url)
    if found is None or found[1] not in INSTRUMENTS:
        raise ParseStopped("wrong_type", f"{payload.url} is the table of no instrument")
    instrument = found[1].replace("_", " ").upper()
    for one in csv_file.parse(card, payload):
        if isinstance(one, Report):
            yield replace(one, source_ref=f"{instrument} {one.source_ref}", title=instrument)
        else:
            yield one
