"""Sign-in by an office's own provider: OpenID Connect with a code, PKCE, state and nonce.

What the provider says is who somebody is, and nothing else: role and regions stay with the desk's account of the same
name. Every claim is checked: who issued the token, for whom, until when, for which request, and by which key.
"""

import base64
import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.errors import Refused, Unavailable, UsageError

WAITS = timedelta(minutes=10)
MOST_WAITING = 1_000
SECONDS = 10.0
ALGORITHMS = ["RS256", "PS256", "ES256"]
LEEWAY = 60  # seconds between two clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who signs people in. `claim` names the claim that holds the desk's sign-in name."""

    issuer: str
    client: str
    secret: str
    claim: str = "preferred_username"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    state: str
    nonce: str
    verifier: str
    back: str
    at: datetime


class OpenId:
    """One provider, and the sign-ins that were begun and not finished."""

    def __init__(self, provider: Provider) -> None:
        parts = urlsplit(provider.issuer)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost"}:
            raise UsageError(
                "The provider's address is not https.",
                why="Over an open line anybody could answer in its name.",
                do="Correct DESK_OIDC_ISSUER.",
            )
        self._provider = provider
        self._begun: dict[str, _Begun] = {}
        self._lock = threading.Lock()

    def begin(self, *, back: str, at: datetime) -> tuple[str, str]:
        """The address to send the browser to, and the name under which this sign-in waits for its answer."""
        told = self._told()
        begun = _Begun(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            back=back,
            at=at,
        )
        name = secrets.token_urlsafe(32)
        with self._lock:
            for old in [key for key, one in self._begun.items() if at - one.at > WAITS]:
                del self._begun[old]
            if len(self._begun) >= MOST_WAITING:
                raise Unavailable("Too many sign-ins wait.", why="Somebody begins them.", do="Wait ten minutes.")
            self._begun[name] = begun
        query = {
            "response_type": "code",
            "client_id": self._provider.client,
            "redirect_uri": back,
            "scope": "openid profile",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": _challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        return str(httpx.URL(told["authorization_endpoint"]).copy_merge_params(query)), name

    def finish(self, name: str, answer: Mapping[str, str], *, at: datetime) -> str:
        """The sign-in name that the provider vouches for; each begun sign-in is finished once."""
        with self._lock:
            begun = self._begun.pop(name, None)
        if begun is None or at - begun.at > WAITS:
            raise _refused("No sign-in was begun in this browser, or it waited too long.")
        if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise _refused("The answer belongs to another request.")
        if not answer.get("code"):
            raise _refused("The provider let nobody in.")
        told = self._told()
        given = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": begun.back,
            "code_verifier": begun.verifier,
        }
        token = self._ask("POST", told["token_endpoint"], data=given).get("id_token", "")
        claims = self._check(str(token), begun, self._ask("GET", told["jwks_uri"]), at)
        account = claims.get(self._provider.claim, "")
        if not isinstance(account, str) or not account.strip():
            raise _refused(f"The provider does not say who it is: “{self._provider.claim}” is empty.")
        return account.strip().casefold()

    def _told(self) -> dict[str, Any]:
        """What the provider says of itself; it must call itself what we call it."""
        told = self._ask("GET", f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self._provider.issuer:
            raise _refused("The provider calls itself by another name.")
        return told

    def _ask(self, method: str, address: str, data: Mapping[str, str] | None = None) -> dict[str, Any]:
        pair = (self._provider.client, self._provider.secret) if data is not None else None
        try:
            answer = httpx.request(method, address, data=data, auth=pair, timeout=SECONDS, follow_redirects=False)
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unavailable(
                "The office's sign-in does not answer.",
                why=f"{type(error).__name__} at {urlsplit(address).hostname}.",
                do="Try again; if it lasts, tell the administrator.",
            ) from None
        return told

    def _check(self, token: str, begun: _Begun, keys: dict[str, Any], at: datetime) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, KeySet.import_key_set({"keys": keys["keys"]}), algorithms=ALGORITHMS)
            jwt.JWTClaimsRegistry(
                now=int(at.timestamp()),
                leeway=LEEWAY,
                iss={"essential": True, "value": self._provider.issuer},
                aud={"essential": True, "value": self._provider.client},
                nonce={"essential": True, "value": begun.nonce},
                exp={"essential": True},
            ).validate(decoded.claims)
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise _refused(f"The provider's word cannot be trusted: {type(error).__name__}.") from None
        return dict(decoded.claims)


def _challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _refused(why: str) -> Refused:
    return Refused("You are not signed in.", why=why, do="Begin again from the sign-in page.")
