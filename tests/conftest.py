import structlog
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "folders_in_memory",
    "long_first",
    "conditions",
    "postgres_server",
    "dns_server",
    "empty_databases",
    "store",
    "capture_desk",
    "served_product",
    "outside",
    "forgetful_disk",
    "google_sandbox",
    "key_server",
    "followed_mailbox",
    "outgoing",
    "real_relay",
    "providers_outbox",
    "skips_in_ci",
    "browser",
]

# The same examples in every run, and no clock: a test that is red is red again, and a busy machine makes none red.
settings.register_profile(
    "seeded", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("seeded")

# Not drawn by rich, with the values of every frame in colours: that takes a third of a second of each error we log.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
