"""Questions with a body, tokens and keys in the address: the same guards, and no trace of what was sent."""

import json
import traceback

import pytest
from werkzeug import Response

from collectors.base import collector_for
from collectors.http import FetchFailed, GuardedClient, Limits, Patience
from domain.source import Kind, known, load_cards
from tests.collectors.conftest import COLLECTED, ROOT, make_card

CARDS = load_cards(ROOT / "collectors" / "sources")
KEY = "k3y/of the-harbour"
ELSEWHERE = "https://elsewhere.example/buy"
SESAME = "open-the-harbour"
FORM = {"username": "warden@gazette.example", "password": SESAME, "grant_type": "password"}


def client_for(card, **settings):
    known_ = {"clock": lambda: COLLECTED, "sleep": lambda _: None, "jitter": lambda: 0.0, "allow_loopback": True}
    return GuardedClient(card, **known_ | {"patience": Patience(interval_seconds=0)} | settings)


def json_card(httpserver, **changes):
    return make_card(Kind.JSON_API, url=httpserver.url_for("/data"), **changes)


def everything(error):
    return "".join(traceback.format_exception(error)) + repr(vars(error))


def test_a_question_is_sent_as_json_and_its_answer_lands_under_the_plain_address(httpserver):
    httpserver.expect_request("/data", method="POST", json={"limit": 2}).respond_with_data("[]")
    card = json_card(httpserver, method="POST", body='{"limit": 2}')
    (payload,) = collector_for(card).fetch(card, client_for(card))
    assert (payload.body, payload.url) == (b"[]", card.url)
    assert httpserver.log[0][0].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "where", "why"),
    [
        (307, "https://elsewhere.example/", "a redirect to another place"),
        (308, "http://localhost:1/data", "a redirect to another place"),
        (301, "/other", "status 301 would turn the question into another one"),
        (303, "/other", "status 303 would turn the question into another one"),
    ],
)
def test_a_question_is_not_repeated_elsewhere_nor_turned_into_another(httpserver, status, where, why):
    httpserver.expect_request("/data").respond_with_data(status=status, headers={"Location": where})
    httpserver.expect_request("/other").respond_with_data("[]")
    card = json_card(httpserver)
    with pytest.raises(FetchFailed, match=why):
        client_for(card).post(card.url, "{}")
    assert len(httpserver.log) == 1


def test_a_redirect_within_the_host_that_keeps_the_question_is_followed(httpserver):
    httpserver.expect_request("/data").respond_with_data(status=308, headers={"Location": "/v2"})
    httpserver.expect_request("/v2", method="POST", data="{}").respond_with_data("here")
    card = json_card(httpserver)
    assert client_for(card).post(card.url, "{}").body == b"here"


def test_an_upload_is_no_question(httpserver):
    card = json_card(httpserver)
    with pytest.raises(FetchFailed, match="larger than 65536 bytes"):
        client_for(card).post(card.url, "x" * 65_537)
    assert httpserver.log == []


# Keys in the address


def test_a_key_in_the_address_is_added_to_a_redirect_of_the_host_once(httpserver):
    httpserver.expect_request("/data").respond_with_data(status=302, headers={"Location": "/new?key=old&page=2"})
    httpserver.expect_request("/new", query_string={"page": "2", "key": KEY}).respond_with_data("here")
    card = json_card(httpserver)
    payload = client_for(card, parameters={"key": KEY}).get(card.url)
    assert (payload.body, payload.url) == (b"here", card.url)
    assert httpserver.log[0][0].args.to_dict() == {"key": KEY}


@pytest.mark.parametrize(
    "form", ["k3y/of the-harbour", "k3y%2Fof%20the-harbour", "k3y%2fof%20the-harbour", "k3y%2Fof+the-harbour"]
)
def test_where_an_answer_repeats_our_address_the_key_is_blanked_and_nothing_else(httpserver, form):
    httpserver.expect_request("/data").respond_with_json({"self": f"/data?key={form}&limit=1", "key": "key=harbour"})
    card = json_card(httpserver)
    landed = client_for(card, parameters={"key": KEY}).get(card.url)
    assert json.loads(landed.body) == {"self": "/data?key=[redacted]&limit=1", "key": "key=harbour"}


def test_an_answer_that_tells_the_key_in_other_words_is_not_kept(httpserver):
    httpserver.expect_request("/data").respond_with_data(f"your key is {KEY}")
    card = json_card(httpserver)
    with pytest.raises(FetchFailed, match="repeats a credential"):
        client_for(card, parameters={"key": KEY}).get(card.url)


def test_a_broken_line_does_not_tell_the_address_that_was_asked():
    card = make_card(Kind.JSON_API, url="http://127.0.0.1:9/data")
    with pytest.raises(FetchFailed) as failed:
        client_for(card, parameters={"key": KEY}).get(card.url)
    assert "harbour" not in everything(failed.value).replace("harbour_gazette", "")


# Tokens


class Gate:
    """A publisher that sells tokens and forgets them."""

    def __init__(self, httpserver, tokens):
        self.tokens = list(tokens)
        self.valid = ""
        self.forms = []
        httpserver.expect_request("/token", method="POST").respond_with_handler(self.sell)
        httpserver.expect_request("/data").respond_with_handler(self.answer)

    def sell(self, request):
        self.forms.append(request.form.to_dict())
        if not self.tokens:
            return Response(f"wrong password {request.form['password']}", status=401)
        self.valid = self.tokens.pop(0)
        return Response(json.dumps({"token_type": "Bearer", "access_token": self.valid}))

    def answer(self, request):
        good = self.valid and request.headers.get("Authorization") == f"Bearer {self.valid}"
        return Response("[]", headers={"X-Token": self.valid}) if good else Response("who?", status=401)


def token_client(httpserver):
    card = json_card(httpserver, token_url=httpserver.url_for("/token"), token_form=("password={P}",))
    return card, client_for(card, form=FORM, hidden=[FORM["username"], SESAME])


def test_a_token_is_bought_once_kept_in_memory_and_never_landed(httpserver):
    gate = Gate(httpserver, ["token-number-one"])
    card, client = token_client(httpserver)
    payloads = [client.get(card.url) for _ in range(2)]
    assert gate.forms == [FORM]
    assert dict(payloads[0].headers)["x-token"] == "[redacted]"
    assert "token-number-one" not in repr(payloads) + repr(client) + repr(client._secrets)


def test_a_refused_token_is_bought_again_once(httpserver):
    gate = Gate(httpserver, ["token-number-one", "token-number-two"])
    card, client = token_client(httpserver)
    client.get(card.url)
    gate.valid = "revoked"
    assert client.get(card.url).body == b"[]"
    assert len(gate.forms) == 2
    gate.valid = "revoked"
    with pytest.raises(FetchFailed, match="no token: status 401") as failed:
        client.get(card.url)
    assert len(gate.forms) == 3
    said = everything(failed.value)
    assert not [one for one in (SESAME, "warden", "token-number") if one in said]


def test_a_wrong_token_answer_is_named_and_not_shown(httpserver):
    httpserver.expect_request("/token").respond_with_data("<html>token-number-one</html>")
    card, client = token_client(httpserver)
    with pytest.raises(FetchFailed, match="its answer is not JSON") as failed:
        client.get(card.url)
    assert "token-number-one" not in everything(failed.value)


def test_the_form_of_a_token_goes_to_no_other_host(httpserver):
    card = json_card(httpserver, token_url=ELSEWHERE, token_form=("password={P}",))
    with pytest.raises(FetchFailed, match="to the card's own host"):
        client_for(card, form=FORM).get(card.url)


# Streams


def stream(card, **settings):
    return list(client_for(card, **settings).stream(card.url))


def test_a_stream_keeps_the_limit_of_its_card_and_breaks_off(httpserver):
    httpserver.expect_request("/data").respond_with_data(b"x" * (1024 * 1024 + 1))
    card = json_card(httpserver, stream_megabytes=1)
    got = []
    with pytest.raises(FetchFailed, match="larger than 1048576 bytes"):
        got.extend(client_for(card).stream(card.url))
    assert len(b"".join(got)) <= 1024 * 1024


def test_a_stream_may_be_larger_than_an_answer_that_is_held(httpserver):
    httpserver.expect_request("/data").respond_with_data(b"x" * 200_000)
    card = json_card(httpserver, stream_megabytes=1)
    assert len(b"".join(stream(card, limits=Limits(max_bytes=100_000)))) == 200_000


def test_a_card_that_states_no_size_is_never_streamed(httpserver):
    with pytest.raises(FetchFailed, match="states no stream_megabytes"):
        stream(json_card(httpserver))
    assert httpserver.log == []


def test_no_part_is_made_of_a_stream_that_has_not_ended(httpserver):
    httpserver.expect_request("/data").respond_with_data(b"x" * 200_000)
    card = json_card(httpserver, stream_megabytes=1)
    whole = client_for(card).stream(card.url)
    next(iter(whole))
    with pytest.raises(RuntimeError, match="not been read to its end"):
        whole.part("a", b"x")


def test_a_stream_tries_again_until_it_begins(httpserver):
    httpserver.expect_ordered_request("/data").respond_with_data(status=503)
    httpserver.expect_ordered_request("/data").respond_with_data(b"here")
    assert stream(json_card(httpserver, stream_megabytes=1)) == [b"here"]


def test_a_key_across_pieces_of_a_stream_is_found(httpserver):
    body = [b"x" * 65_530 + b"open-the", b"-harbour" + b"y" * 10]
    httpserver.expect_request("/data").respond_with_handler(lambda _: Response(iter(body)))
    card = json_card(httpserver, stream_megabytes=1)
    with pytest.raises(FetchFailed, match="repeats a credential"):
        stream(card, credentials={"X-Key": SESAME})


@pytest.mark.parametrize("source_id", ["reliefweb_amnesty", "reliefweb_hrw", "reliefweb_ohchr"])
def test_the_question_of_a_card_is_json_and_names_no_caller(source_id):
    card = known(CARDS, source_id)
    assert set(json.loads(card.body)) == {"filter", "fields", "sort", "limit"}
    assert "appname" not in card.url + card.body
    assert card.query == ("appname={RELIEFWEB_APPNAME}",)


def test_every_credential_of_every_card_is_sent_somehow():
    for card in CARDS:
        carriers = " ".join((*card.auth, *card.query, *card.token_form))
        assert all(f"{{{name}}}" in carriers for name in card.credentials), card.id
