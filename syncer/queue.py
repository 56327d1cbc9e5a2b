"""The queue that tasks go through: Huey, in the storage that SUNNYDAY_QUEUE_URL names."""

from importlib.util import find_spec
from urllib.parse import urlsplit

from huey import Huey, PriorityRedisHuey, SqliteHuey
from huey.api import PostgresHuey

from crm_store.errors import SettingsError
from crm_store.settings import Settings

NAME = "sunnyday"


def queue_of(settings: Settings) -> Huey:
    """Results are not kept: the database row tells what came of a task. Raises: SettingsError."""
    url = settings.queue_url.get_secret_value()
    match urlsplit(url).scheme:
        case "postgresql" | "postgres":
            return PostgresHuey(NAME, dsn=url, results=False)
        case "redis" | "rediss" if find_spec("redis") is None:
            raise SettingsError("SUNNYDAY_QUEUE_URL: redis:// needs the package redis, which is not installed.")
        case "redis" | "rediss":
            return PriorityRedisHuey(NAME, url=url, results=False)
    settings.data.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(NAME, filename=str(settings.data / "queue.sqlite3"), results=False)
