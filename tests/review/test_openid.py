"""Sign-in by an office's own provider: one on this machine, with its own key, and everything it may get wrong."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from desks import Desk, TestClient, Visitor
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from domain.errors import UsageError
from review.openid import OpenId, Provider

KEY, OTHER = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})


class Office:
    """A provider; `change` alters the claims of its next token, `key` signs it."""

    def __init__(self, server: HTTPServer, desk: Desk) -> None:
        self.server = server
        self.desk = desk
        self.issuer = server.url_for("").rstrip("/")
        self.change: dict[str, Any] = {}
        self.key = KEY
        self.asked: dict[str, list[str]] = {}
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        server.expect_request("/.well-known/openid-configuration").respond_with_json(told)
        server.expect_request("/keys").respond_with_json(KeySet([KEY]).as_dict(private=False))
        server.expect_request("/token", method="POST").respond_with_handler(self.token)

    def token(self, request: Request) -> Response:

        verifier = request.form["code_verifier"]
        proved = create_s256_code_challenge(verifier) == self.asked["code_challenge"][0]
        known = request.authorization is not None and request.authorization.password == "a secret"  # noqa: S105
        if not proved or not known or request.form["code"] != "a code":
            return Response("{}", status=400)
        at = int(self.desk.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": "desk",
            "exp": at + 60,
            "iat": at,
            "nonce": self.asked["nonce"][0],
            "preferred_username": "Ana",
        }
        claims = {name: value for name, value in (claims | self.change).items() if value is not None}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return Response(json.dumps({"id_token": signed, "access_token": "x"}), content_type="application/json")

    def begin(self) -> Visitor:
        """Somebody who pressed the link and stands before the provider."""
        visitor = Visitor(self.desk, TestClient(self.desk.app, follow_redirects=False))
        answer = visitor.client.get("/office")
        assert answer.status_code == 303
        self.asked = parse_qs(urlsplit(answer.headers["location"]).query)
        return visitor

    def enter(self, visitor: Visitor, **other: str) -> Visitor:
        """Back at the desk with what the provider gave."""
        given = {"code": "a code", "state": self.asked["state"][0], **other}
        answer = visitor.client.get("/office/back", params=given)
        visitor.text, visitor.status = answer.text, answer.status_code
        return visitor


@pytest.fixture
def office(httpserver: HTTPServer, desk: Desk) -> Office:
    made = Office(httpserver, desk)
    desk.office.openid = OpenId(Provider(issuer=made.issuer, client="desk", secret="a secret"))  # noqa: S106
    return made


def test_who_the_office_vouches_for_has_the_role_of_their_account(office: Office):
    assert "office’s own sign-in" in office.desk.stranger().get("/sign-in").text
    visitor = office.enter(office.begin())
    assert (visitor.status, visitor.what) == (200, "Signed in as Ana Lyst")
    assert "Ana Lyst, analyst" in visitor.get("/situations").text
    assert office.asked["code_challenge_method"] == ["S256"]
    assert office.asked["redirect_uri"] == ["http://testserver/office/back"]


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"nonce": "old"},
        {"exp": 1_000_000},
        {"nonce": None},
        {"exp": None},
        {"preferred_username": ""},
        {"preferred_username": ["ana"]},
        {"preferred_username": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(office: Office, change: dict[str, Any]):
    office.change = change
    visitor = office.enter(office.begin())
    assert (visitor.status, visitor.what) == (403, "You are not signed in.")
    assert visitor.get("/situations").status == 303


def test_a_token_of_another_key_lets_nobody_in(office: Office):
    office.key = OTHER
    assert office.enter(office.begin()).status == 403


def test_an_answer_of_another_request_lets_nobody_in(office: Office):
    assert office.enter(office.begin(), state="another").status == 403


def test_an_answer_in_a_browser_that_began_nothing_lets_nobody_in(office: Office):
    office.begin()
    assert office.enter(office.desk.stranger()).status == 403


def test_an_answer_counts_once(office: Office):
    visitor = office.begin()
    assert office.enter(visitor).status == 200
    visitor.client.cookies.clear()
    assert office.enter(visitor).status == 403


def test_somebody_without_an_account_is_told_so(office: Office):
    office.change = {"preferred_username": "stranger"}
    assert office.enter(office.begin()).what == "You have no account at the desk."


def test_a_closed_account_is_closed_for_the_office_too(office: Office):
    office.desk.accounts.set_open("ana", open_=False)
    assert office.enter(office.begin()).status == 403


def test_a_provider_that_does_not_answer_is_said_so(office: Office, httpserver: HTTPServer):
    visitor = office.begin()
    httpserver.clear()
    httpserver.expect_request("/.well-known/openid-configuration").respond_with_data("oops", status=500)
    assert (office.enter(visitor).status, visitor.what) == (503, "The office&#39;s sign-in does not answer.")


def test_a_desk_without_a_provider_has_no_such_sign_in(desk: Desk):
    stranger = desk.stranger()
    assert "own sign-in" not in stranger.get("/sign-in").text
    assert stranger.get("/office").what == "There is no office&#39;s sign-in here."


def test_a_provider_over_an_open_line_is_refused():
    with pytest.raises(UsageError, match="not https"):
        OpenId(Provider(issuer="http://provider.example", client="desk", secret="x"))  # noqa: S106


def test_the_waiting_cookie_is_for_the_way_back_alone(office: Office):
    told = office.desk.stranger().client.get("/office").headers["set-cookie"]
    assert re.search(r"HttpOnly.*Path=/office.*SameSite=lax", told)
