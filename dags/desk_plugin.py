"""The desk inside Airflow's own web server, under /desk. Who is signed in there has a role here if an account says so.

Triage: without this plugin the desk still runs alone, with `horizon desk`. If /desk answers that there is no account,
add one of the same sign-in name: `horizon desk add-user NAME --role … --region …`.
"""

from typing import Any

from airflow.plugins_manager import AirflowPlugin


def who(request: Any) -> str:
    """The sign-in name that Airflow knows this request by; empty when it knows none."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
    from anyio import from_thread

    token = request.cookies.get(COOKIE_NAME_JWT_TOKEN, "")
    if not token:
        return ""
    try:
        user: Any = from_thread.run(get_auth_manager().get_user_from_token, token)
    except Exception:  # an expired, revoked or forged token: whatever it is, nobody is signed in
        return ""
    return str(user.get_name()).casefold()


class Waiting:
    """The desk, built at its first request: every process of Airflow reads this file, and one of them serves."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._app is None:
            from horizon.commands.desk import open_office
            from horizon.settings import load_settings
            from review.desk import build

            office = open_office(load_settings())
            office.identify = who
            self._app = build(office)
        await self._app(scope, receive, send)


class DeskPlugin(AirflowPlugin):
    """Mounts the desk."""

    name = "horizon_desk"
    fastapi_apps = [{"app": Waiting(), "url_prefix": "/desk", "name": "Horizon desk"}]  # noqa: RUF012  (Airflow's own form)
    # Without a route of its own it opens in a tab: the desk lets no other page put it into a frame.
    external_views = [{"name": "Desk", "href": "/desk/", "destination": "nav"}]  # noqa: RUF012
