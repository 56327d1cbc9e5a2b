pytest_plugins = ["conditions", "postgres_server", "store", "served_product", "skips_in_ci"]
