pytest_plugins = [
    "conditions",
    "postgres_server",
    "dns_server",
    "store",
    "served_product",
    "outside",
    "forgetful_disk",
    "skips_in_ci",
]
