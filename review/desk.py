"""The web desk: the application built from the table of rights, sign-in, and what guards every request.

A request passes, in this order: host and size, origin, sign-in, role, the form's own sign. What a handler raises as an
error of ours is shown in words. A form that comes after the sign-in has ended is carried through the next one.
"""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import HorizonError, Refused, Unavailable, UsageError
from review import (
    routes_alerts,
    routes_intake,
    routes_issue,
    routes_people,
    routes_roster,
    routes_triage,
    routes_watch,
    routes_work,
)
from review.accounts import LONGEST, Session, make_form
from review.ledger import Conflict
from review.office import HERE, Ask, Office, plain, render
from review.openid import OpenId
from review.rights import BY_NAME, RIGHTS, Right, check_role
from warehouse.landing import Damaged

LOG = logging.getLogger("horizon.desk")
COOKIE = "desk"
WAITING = "desk_office"
FORM_BYTES = 256 * 1024
UPLOAD_BYTES = 20 * 1024 * 1024
FIELDS = 300
STATIC = {
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "desk.svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
LEFT_OUT = frozenset({"csrf", "form", "password", "carried"})

Handler = Callable[[Ask], Response]


class Guard:
    """Size and headers, for every answer, errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = UPLOAD_BYTES if str(scope["path"]).endswith("/intake") else FORM_BYTES
        headers = dict(scope["headers"])
        taken = 0
        begun = False

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > most:
                    raise _TooLarge
            return message

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                own = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in own),
                ]
            await send(message)

        told = headers.get(b"content-length", b"0").decode("latin-1")
        try:
            if not told.isdecimal() or int(told) > most:
                raise _TooLarge
            await self._app(scope, limited, guarded)
        except _TooLarge:
            if not begun:
                error = UsageError(
                    "This is too large.",
                    why=f"The desk takes up to {most // 1024:,} kB here.".replace(",", " "),
                    do="Send less, or split the file.",
                )
                page = _bare(error, 413, str(scope.get("root_path", "")))
                page.headers["connection"] = "close"
                await page(scope, receive, guarded)
        except Exception:  # an error of our own code: nothing of it is shown, and all of it is logged
            LOG.exception("the desk failed at %s", scope["path"])
            if not begun:
                broken = Unavailable(
                    "The desk failed here.",
                    why="This is an error of the software; it is written into its log.",
                    do="What you saved before is saved. Tell the administrator what you did.",
                )
                await _bare(broken, 500, str(scope.get("root_path", "")))(scope, receive, guarded)


class _TooLarge(Exception):
    """More came than is taken."""


def build(office: Office) -> FastAPI:
    """The application. Every route of the table has its handler, and no other route is there."""
    app = FastAPI(title="Desk", docs_url=None, redoc_url=None, openapi_url=None)
    handlers: dict[str, Handler] = {
        **routes_triage.HANDLERS,
        **routes_work.HANDLERS,
        **routes_people.HANDLERS,
        **routes_issue.HANDLERS,
        **routes_watch.HANDLERS,
        **routes_intake.HANDLERS,
        **routes_alerts.HANDLERS,
        **routes_roster.HANDLERS,
        "sign_out": _sign_out,
    }
    for right in RIGHTS:
        if right.open:
            continue
        app.add_api_route(
            right.path,
            _endpoint(office, right, handlers.pop(right.name)),
            methods=[right.method],
            name=right.name,
            response_model=None,
        )
    if handlers:
        raise ValueError(f"no line of the table of rights names {', '.join(sorted(handlers))}")
    opened: dict[str, Callable[[Request], Any]] = {
        "sign_in": _sign_in(office),
        "sign_in_now": _sign_in_now(office),
        "static": _static,
        "read_link": _linked(office, "read_link"),
        "click_link": _linked(office, "click_link"),
        "office": _to_office(office),
        "office_back": _back_from_office(office),
    }
    for right in RIGHTS:
        if right.open:
            app.add_api_route(
                right.path, opened[right.name], methods=[right.method], name=right.name, response_model=None
            )
    app.add_exception_handler(HTTPException, _not_there)
    if office.identify is None:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(office.hosts))
    app.add_middleware(Guard)
    return app


def _endpoint(office: Office, right: Right, handler: Handler) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        form = await _read_form(request) if right.method == "POST" else FormData()
        try:
            return await run_in_threadpool(_answer, office, right, handler, request, form)
        finally:
            await form.close()

    return endpoint


async def _read_form(request: Request) -> FormData:
    kind = request.headers.get("content-type", "").split(";")[0]
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return FormData()
    try:
        return await request.form(max_files=1, max_fields=FIELDS, max_part_size=UPLOAD_BYTES)
    except (HTTPException, ValueError):
        return FormData()


def _answer(office: Office, right: Right, handler: Handler, request: Request, form: FormData) -> Response:
    """One request from sign-in to page; every refusal is a page too."""
    root = _root(request)
    at = office.now()
    session = _session(office, request)
    try:
        if right.method == "POST":
            _check_origin(request)
        if session is None:
            return _ask_to_sign_in(office, request, right, form)
        ask = _ask(office, right, session, request=request, form=form)
        check_role(session.person, right)
        if right.method == "POST":
            try:
                office.accounts.check_form(session, csrf=_text(form, "csrf"), form=_text(form, "form"), at=at)
            except Refused:
                # A form of an earlier sign-in of the same browser: shown again, to be sent by hand.
                if _text(form, "csrf") == session.csrf or not request.headers.get("origin"):
                    raise
                return _resume(session, request.url.path.removeprefix(root), _typed(form), root)
        try:
            return handler(ask)
        finally:
            ask.close()
    except HorizonError as error:
        return _told(error, session, root, right, back=_came_from(request))


def _ask(office: Office, right: Right, session: Session, *, request: Request, form: FormData) -> Ask:
    root = _root(request)
    lists: dict[str, list[str]] = {}
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = value
        else:
            lists.setdefault(name, []).append(_clean(value))
    return Ask(
        office=office,
        right=right,
        session=session,
        at=office.now(),
        root=root,
        path=request.url.path.removeprefix(root),
        query={name: _clean(value) for name, value in request.query_params.items()},
        form={name: values[-1] for name, values in lists.items()},
        lists=lists,
        files=files,
        names={name: str(value) for name, value in request.path_params.items()},
        token=request.cookies.get(COOKIE, ""),
    )


def _session(office: Office, request: Request) -> Session | None:
    """Who is signed in: at the desk itself, or at the application that it is a part of."""
    held = office.accounts.session(request.cookies.get(COOKIE, ""), at=office.now())
    if office.identify is None:
        return held
    account = office.identify(request)
    return held if held is not None and held.person.account == account else None


def _check_origin(request: Request) -> None:
    """A browser says from where a form comes; from elsewhere, nothing is taken."""
    origin = request.headers.get("origin", "")
    site = request.headers.get("sec-fetch-site", "same-origin")
    if (origin and urlsplit(origin).netloc != request.headers.get("host", "")) or site not in {"same-origin", "none"}:
        raise Refused(
            "This form comes from another site.",
            why="The desk takes forms from its own pages alone.",
            do="If you did not send anything, close the page that did, and tell the administrator.",
        )


def _ask_to_sign_in(office: Office, request: Request, right: Right, form: FormData) -> Response:
    """The sign-in page; what was typed is carried through it."""
    if office.identify is not None:
        return _enter(office, request, right, form)
    root = _root(request)
    path = request.url.path.removeprefix(root)
    if right.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{root}/sign-in?going={quote(path + query, safe='')}", status_code=303)
    carried = json.dumps({"path": path, "fields": _typed(form)}, ensure_ascii=False)
    page = _sign_in_page(root, carried=carried, words="Your sign-in has ended. Nothing that you typed is lost.")
    return HTMLResponse(page, status_code=401)


def _enter(office: Office, request: Request, right: Right, form: FormData) -> Response:
    """Begin a session for somebody whom the host application has signed in; a form is shown to be sent again."""
    root = _root(request)
    path = request.url.path.removeprefix(root)
    account = office.identify(request) if office.identify is not None else ""
    if not account:
        if right.method == "POST":
            return _resume(None, path, _typed(form), root)
        error = Refused(
            "You are not signed in.",
            why="The application that this desk is a part of does not know who you are.",
            do="Sign in there, then open this page again.",
        )
        return _bare(error, 401, root)
    person = office.accounts.find(account)
    if person is None:
        error = Refused(
            "You have no account at the desk.",
            why="Signing in to the application around it is not enough: the desk gives roles and regions.",
            do="Ask the administrator of the desk.",
        )
        return _bare(error, 403, root)
    token, session = office.accounts.begin(person, at=office.now())
    again = RedirectResponse(str(request.url), status_code=303)
    answer: Response = again if right.method == "GET" else _resume(session, path, _typed(form), root)
    _set_cookie(answer, token, root=root, secure=request.url.scheme == "https")
    return answer


def _sign_in(office: Office) -> Callable[[Request], Any]:
    async def sign_in(request: Request) -> Response:
        going = request.query_params.get("going", "/")
        return HTMLResponse(_sign_in_page(_root(request), going=going, office=office.openid is not None))

    return sign_in


def _sign_in_now(office: Office) -> Callable[[Request], Any]:
    def enter(request: Request, form: FormData) -> Response:
        root = _root(request)
        carried, going = _text(form, "carried"), _text(form, "going")
        try:
            _check_origin(request)
            if office.identify is not None:
                raise Refused(
                    "Here nobody signs in by password.",
                    why="The desk is a part of another application, which signs people in.",
                    do="Sign in there.",
                )
            address = request.client.host if request.client else ""
            token, session = office.accounts.sign_in(
                _text(form, "account"), _text(form, "password"), address=address, at=office.now()
            )
        except Refused as error:
            page = _sign_in_page(root, carried=carried, going=going, words=f"{error.what} {error.why} {error.do}")
            return HTMLResponse(page, status_code=403)
        target = _local(going)
        answer: Response = RedirectResponse(f"{root}{target}", status_code=303)
        if carried:
            path, fields = _read_carried(carried)
            answer = _resume(session, path, fields, root)
        _set_cookie(answer, token, root=root, secure=request.url.scheme == "https")
        return answer

    async def sign_in_now(request: Request) -> Response:
        form = await _read_form(request)
        return await run_in_threadpool(enter, request, form)

    return sign_in_now


def _to_office(office: Office) -> Callable[[Request], Any]:
    def leave(request: Request) -> Response:
        root = _root(request)
        try:
            address, name = _openid(office).begin(back=_back(request), at=office.now())
        except HorizonError as error:
            return _told(error, None, root, BY_NAME["office"])
        answer = RedirectResponse(address, status_code=303)
        # Lax and not strict: the browser brings it along when the provider sends it back.
        answer.set_cookie(
            WAITING,
            name,
            max_age=600,
            path=f"{root}/office",
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    async def to_office(request: Request) -> Response:
        return await run_in_threadpool(leave, request)

    return to_office


def _back_from_office(office: Office) -> Callable[[Request], Any]:
    def enter(request: Request) -> Response:
        root = _root(request)
        try:
            account = _openid(office).finish(
                request.cookies.get(WAITING, ""), dict(request.query_params), at=office.now()
            )
            person = office.accounts.find(account)
            if person is None:
                raise Refused(
                    "You have no account at the desk.",
                    why="The office says who you are; the desk gives roles and regions, and knows nobody of that name.",
                    do="Ask the administrator of the desk.",
                )
        except HorizonError as error:
            return _told(error, None, root, BY_NAME["office_back"])
        token, session = office.accounts.begin(person, at=office.now())
        # A page and no redirect: a strict cookie is not sent on a way that began at another site.
        answer = HTMLResponse(
            render(
                "entered.html",
                root=root,
                person=session.person,
                csrf=session.csrf,
                once=make_form,
                right="entered",
                path="",
            )
        )
        answer.delete_cookie(WAITING, path=f"{root}/office")
        _set_cookie(answer, token, root=root, secure=request.url.scheme == "https")
        return answer

    async def back_from_office(request: Request) -> Response:
        return await run_in_threadpool(enter, request)

    return back_from_office


def _openid(office: Office) -> OpenId:
    if office.openid is None or office.identify is not None:
        raise UsageError("There is no office's sign-in here.", why="None is set.", do="Sign in by name and password.")
    return office.openid


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{_root(request)}/office/back"


def _sign_out(ask: Ask) -> Response:
    ask.office.accounts.end(ask.token)
    answer = ask.go("/sign-in")
    answer.delete_cookie(COOKIE, path=ask.root or "/", httponly=True, samesite="strict")
    return answer


def _linked(office: Office, name: str) -> Callable[[Request], Any]:
    """The page of a mail's signed link, and the click on it; the link itself says who may."""

    def answer(request: Request, form: FormData) -> Response:
        root = _root(request)
        clicked = BY_NAME[name].method == "POST"
        try:
            if clicked:
                _check_origin(request)
            given = {one: _text(form, one) if clicked else request.query_params.get(one, "") for one in ("m", "u", "s")}
            tongue = request.headers.get("accept-language", "")
            return routes_alerts.follow_link(office, given, root=root, clicked=clicked, wanted=tongue)
        except HorizonError as error:
            return _told(error, None, root, BY_NAME[name])

    async def linked(request: Request) -> Response:
        form = await _read_form(request) if request.method == "POST" else FormData()
        return await run_in_threadpool(answer, request, form)

    return linked


async def _static(request: Request) -> Response:
    name = str(request.path_params["name"])
    if name not in STATIC:
        raise HTTPException(404)
    return FileResponse(HERE / name, media_type=STATIC[name], headers={"cache-control": "max-age=300"})


async def _not_there(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = UsageError(
        "There is no such page.",
        why="The address is wrong, or the page was moved.",
        do="Begin at the desk's first page.",
    )
    return _bare(words, status, _root(request))


def _came_from(request: Request) -> str:
    """The page that a form was sent from, to go back to; empty when it is not one of the desk's."""
    told = urlsplit(request.headers.get("referer", ""))
    if request.method != "POST" or told.netloc != request.headers.get("host", ""):
        return ""
    return _local(f"{told.path}?{told.query}" if told.query else told.path)


def _told(error: HorizonError, session: Session | None, root: str, right: Right, *, back: str = "") -> Response:
    """An error of ours as a page with what, why and what to do."""
    status = {Refused: 403, Unavailable: 503, Damaged: 500, UsageError: 400}
    code = (
        409 if isinstance(error, Conflict) else next((status[kind] for kind in status if isinstance(error, kind)), 400)
    )
    return _bare(error, code, root, session=session, back=back)


def _bare(error: HorizonError, status: int, root: str, session: Session | None = None, back: str = "") -> HTMLResponse:
    page = render(
        "error.html",
        error=error,
        root=root,
        person=session.person if session else None,
        csrf=session.csrf if session else "",
        once=make_form,
        right="error",
        path="",
        back=back,
    )
    return HTMLResponse(page, status_code=status)


def _sign_in_page(root: str, *, carried: str = "", going: str = "/", words: str = "", office: bool = False) -> str:
    return render(
        "sign_in.html",
        office=office,
        root=root,
        carried=carried,
        going=_local(going),
        words=words,
        person=None,
        csrf="",
        once=make_form,
        right="sign_in",
        path="/sign-in",
    )


def _resume(session: Session | None, path: str, fields: list[tuple[str, str]], root: str) -> HTMLResponse:
    """The form as it was typed, to be sent again by hand."""
    page = render(
        "resume.html",
        target=_local(path),
        fields=fields,
        shown=[(name.replace("_", " "), value) for name, value in fields if value and name != "version"],
        root=root,
        person=session.person if session else None,
        csrf=session.csrf if session else "",
        once=make_form,
        right="resume",
        path="",
    )
    return HTMLResponse(page, status_code=200 if session else 401)


def _read_carried(carried: str) -> tuple[str, list[tuple[str, str]]]:
    try:
        told = json.loads(carried)
        return _local(str(told["path"])), [(str(name), _clean(str(value))) for name, value in told["fields"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "/", []


def _typed(form: FormData) -> list[tuple[str, str]]:
    return [
        (name, _clean(value)) for name, value in form.multi_items() if isinstance(value, str) and name not in LEFT_OUT
    ]


def _set_cookie(answer: Response, token: str, *, root: str, secure: bool) -> None:
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        path=root or "/",
        httponly=True,
        samesite="strict",
        secure=secure,
    )


def _local(path: str) -> str:
    """A path of the desk itself, whatever was asked for: nobody is sent elsewhere."""
    parts = urlsplit(path)
    plain_path = not parts.scheme and not parts.netloc and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if plain_path and "\\" not in path and path.isprintable() else "/"


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _clean(value: str) -> str:
    """Without signs that no keyboard types and no page shows."""
    return plain("".join(sign for sign in value if sign.isprintable() or sign in "\n\r\t"))


def described() -> Mapping[str, Right]:
    """The table that the application is built from."""
    return BY_NAME
