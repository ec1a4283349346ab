"""Alerts and roster for the desk: the functions that it may call, over the settings of this machine."""

from alerts import wording
from alerts.clearance import Clearance
from alerts.notice import Notice, Released
from alerts.recipients import UNIVERSAL
from alerts.request import Request
from alerts.roster import Roster
from alerts.sheets import check_table, read_cells
from domain.state import load_gazetteer
from horizon import alerting
from horizon.asked import load_kept
from horizon.commands.roster import match_request, open_roster, register
from horizon.settings import Settings
from review.standby import Act, Linked, Standby


def make_standby(settings: Settings) -> Standby:
    """The desk's way to alerts and roster."""
    gazetteer = load_gazetteer(settings.reference)
    names = alerting.place_names(gazetteer)
    groups = {one.code: one.regional_group for one in gazetteer.places}

    def released() -> tuple[Released, ...]:
        with alerting.open_outbox(settings) as outbox:
            return outbox.released()

    def notice(name: str) -> Notice:
        return alerting.find_notice(name, settings=settings)

    def clearance(name: str) -> Clearance:
        return alerting.clearance_of(name, settings=settings)

    def word(one: Released, language: str) -> wording.Worded:
        place = names(one.notice.place, language)
        return wording.word(one, place=place, language=language, zone=UNIVERSAL)

    def approve(act: Act) -> int:
        _, left = alerting.approve(
            act.name,
            by=act.by,
            role=act.role,
            reason=act.reason,
            settings=settings,
            authentication=act.authentication,
        )
        return left

    def withdraw(act: Act) -> None:
        alerting.withdraw(
            act.name,
            by=act.by,
            role=act.role,
            reason=act.reason,
            settings=settings,
            authentication=act.authentication,
        )

    def linked(link: str, language: str) -> Linked:
        return Linked(worded=alerting.read_by_link(link, settings=settings, language=language), alert_id="")

    def acknowledge_link(link: str) -> Linked:
        key = alerting.acknowledge(link, settings=settings)
        _, seen = alerting.show(settings)
        return Linked(worded=None, alert_id=next(one.message.alert_id for one in seen if one.message.key == key))

    def enter(held: Roster, asked: Request, by: str) -> None:
        register(held, asked, by=by, settings=settings)

    return Standby(
        show=lambda: alerting.show(settings),
        released=released,
        notice=notice,
        clearance=clearance,
        word=word,
        draft=lambda name, language: alerting.read_draft(name, settings=settings, language=language),
        cap=lambda name, language: alerting.cap_of(name, settings=settings, language=language),
        approve=approve,
        withdraw=withdraw,
        again=lambda key: alerting.send_again(key, settings=settings),
        acknowledge=lambda key: alerting.acknowledge_at_desk(key, settings=settings),
        read_link=linked,
        acknowledge_link=acknowledge_link,
        open_roster=lambda: open_roster(settings),
        check_table=lambda name, body: check_table(read_cells(name, body), places=groups),
        register=enter,
        load=lambda request: load_kept(request, settings),
        match=lambda held, asked, by, wait: match_request(held, asked, by=by, wait=wait),
        places={one.code: one for one in gazetteer.places},
    )
