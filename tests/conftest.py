pytest_plugins = [
    "conditions",
    "postgres_server",
    "store",
    "served_product",
    "outside",
    "forgetful_disk",
    "skips_in_ci",
    "dns_server",
]
