"""Airflow's own tables, made ready before the first task. `python -m dags.metadata` is the set-up of `make serve`."""

from pathlib import Path

from airflow.configuration import conf
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.models.dag import DagModel
from airflow.models.pool import Pool
from airflow.sdk import DAG
from airflow.utils import db
from airflow.utils.session import create_session
from sqlalchemy import update

from dags.screen import aside
from domain.errors import UsageError
from horizon.settings import load_settings


def prepare() -> None:
    """Create or migrate the tables, then the one-slot pool: without it, tasks wait for ever."""
    if Path(conf.get("core", "dags_folder")).resolve() != Path(__file__).resolve().parent:
        raise UsageError(
            "Airflow does not look at this repository.",
            why="AIRFLOW_HOME is not its root, so another airflow.cfg was read.",
            do="Use `make brief` or `make serve`, or set AIRFLOW_HOME to the folder of the Makefile.",
        )
    try:
        db.check_migrations(1)
    except TimeoutError:
        db.upgradedb()
    Pool.create_or_update_pool("warehouse", 1, "One process at a time may hold the warehouse.", include_deferred=False)


def register(*, live: bool) -> dict[str, DAG]:
    """Read the DAGs and write them to the tables. They start paused; `live` starts them, and nothing stops them."""
    dags: dict[str, DAG] = {}
    bundles = DagBundlesManager()
    bundles.sync_bundles_to_db()
    for bundle in bundles.get_all_dag_bundles():
        bundle.initialize()
        bag = BundleDagBag(dag_folder=bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        for file, error in bag.import_errors.items():
            raise UsageError(
                f"{Path(file).name} cannot be read.", why=error, do="Correct the file or the card it names."
            )
        sync_bag_to_db(bag, bundle.name, bundle.version)
        dags |= bag.dags
    if live:
        with create_session() as session:
            session.execute(update(DagModel).values(is_paused=False))
    return dags


if __name__ == "__main__":
    with aside(load_settings().var / "log" / "metadata.log"):
        prepare()
        register(live=load_settings().live)
