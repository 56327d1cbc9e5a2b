pytest_plugins = [
    "conditions",
    "postgres_server",
    "dns_server",
    "store",
    "capture_desk",
    "served_product",
    "outside",
    "forgetful_disk",
    "skips_in_ci",
    "browser",
]
