"""The desk inside Airflow's own web server: the real one, with its own tables and sign-in, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from weeks import SITUATION, build_week

from review.accounts import Accounts
from review.rights import Person, Role

SCRIPT = """
import json, re, sys, warnings
warnings.simplefilter("ignore")
from airflow.utils import db
db.upgradedb()
from airflow.api_fastapi.app import create_app
from starlette.testclient import TestClient
home, situation, text = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
told = {}
with TestClient(create_app(), follow_redirects=False) as client:
    told["nobody"] = client.get("/desk/").status_code
    words = json.load(open(f"{home}/passwords.json"))
    def airflow(name):
        answer = client.post("/auth/token", json={"username": name, "password": words[name]})
        client.cookies.set("_token", answer.json()["access_token"])
    airflow("ana")
    first = client.get("/desk/")
    told["first"] = [first.status_code, "Path=/desk" in first.headers["set-cookie"]]
    page = client.get(f"/desk/situation/{situation}/write")
    told["page"] = [page.status_code, "Ana Lyst, analyst" in page.text, 'href="/desk/static/desk.css"' in page.text]
    told["policy"] = page.headers["content-security-policy"]
    fields = {name: re.search(rf'name="{name}" value="([^"]*)"', page.text)[1] for name in ("csrf", "form", "version")}
    told["saved"] = client.post(f"/desk/situation/{situation}/write", data={**text, **fields}).status_code
    told["style"] = client.get("/desk/static/desk.css").status_code
    client.cookies.set("_token", "forged")
    told["forged"] = client.get("/desk/situations").status_code
    airflow("admin")
    told["without account"] = client.get("/desk/").status_code
    told["airflow"] = client.get("/api/v2/version").status_code
print(json.dumps(told))
"""


@pytest.mark.slow
def test_airflows_web_server_serves_the_desk_to_those_with_an_account(tmp_path: Path, root: Path):
    from desks import QUICK, TEXT  # noqa: PLC0415

    world = build_week(tmp_path / "world", situations=1)
    accounts = Accounts(world.settings().var / "review" / "desk.sqlite", hasher=QUICK)
    ana = Person(account="ana", name="Ana Lyst", role=Role.ANALYST, regions=frozenset({"AFRICA"}))
    accounts.add(ana, password="", at=world.settings().as_of)
    accounts.close()
    home = tmp_path / "airflow"
    (home / "plugins").mkdir(parents=True)
    (home / "dags").mkdir()
    (home / "plugins" / "desk_plugin.py").symlink_to(root / "dags" / "desk_plugin.py")
    environment = world.environment() | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "ana:viewer,admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64,
        "AIRFLOW__API__SECRET_KEY": "y" * 32,
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home), SITUATION, json.dumps(TEXT)],
        check=False,
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("policy").startswith("default-src 'none'")
    assert told == {
        "nobody": 401,
        "first": [303, True],
        "page": [200, True, True],
        "saved": 303,
        "style": 200,
        "forged": 401,
        "without account": 403,
        "airflow": 200,
    }
