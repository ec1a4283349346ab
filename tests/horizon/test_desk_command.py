"""`horizon desk`: an account is asked for its password, and the desk is served on this machine alone."""

import socket
import subprocess
import sys
import time

import httpx
import pytest
from fictional import World
from typer.testing import CliRunner

from horizon.cli import app
from review.accounts import Accounts

PASSWORD = "harbour lantern seven quays"  # noqa: S105  (of a fictional person)
ADD = ("desk", "add-user", "ana", "--name", "Ana Lyst", "--role", "analyst", "--region", "africa")


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch):
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)

    def call(*words: str, typed: str = f"{PASSWORD}\n{PASSWORD}\n"):
        return CliRunner().invoke(app, list(words), input=typed)

    return call


def test_an_account_is_opened_with_a_password_that_is_shown_nowhere(run, world: World):
    done = run(*ADD)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "ana\tAna Lyst\tanalyst\tAFRICA"
    assert PASSWORD not in done.output
    accounts = Accounts(world.settings().var / "review" / "desk.sqlite")
    (one,) = accounts.all()
    accounts.close()
    assert (one.person.account, one.person.regions, one.open) == ("ana", frozenset({"AFRICA"}), True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--role", "king"), "is no role"),
        (("--region", "moon"), "no field region"),
        (("--nationality", "Ruritania"), "no place's code"),
        (("--name", " "), "name is empty"),
    ],
)
def test_an_account_that_cannot_be_is_a_usage_error(run, change, words):
    done = run(*ADD, *change)
    assert done.exception.exit_code == 2
    assert words in str(done.exception)


def test_an_easy_password_is_a_usage_error(run):
    assert run(*ADD, typed="ana\nana\n").exception.exit_code == 2


def test_an_account_of_the_same_name_is_a_usage_error(run):
    run(*ADD)
    assert run(*ADD).exception.exit_code == 2


def test_another_action_is_a_usage_error(run):
    assert run("desk", "dance").exception.exit_code == 2


@pytest.mark.slow
def test_the_desk_is_served_on_this_machine_and_says_what_is_missing(world: World, root):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "horizon.cli", "desk", "--port", str(port)],
        cwd=root,
        env=world.environment() | {"PATH": "/usr/bin:/bin"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(300):
            try:
                page = httpx.get(f"http://127.0.0.1:{port}/", follow_redirects=True)
                break
            except httpx.TransportError:
                assert server.poll() is None
                time.sleep(0.1)
        assert page.status_code == 200
        assert "Sign in" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in page.headers
    finally:
        server.terminate()
    told = server.communicate(timeout=10)[1]
    assert "There is no account yet." in told
    assert f"http://127.0.0.1:{port}" in told
