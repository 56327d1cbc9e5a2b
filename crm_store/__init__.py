"""The domain and its data: rules, models, and the services that file, queue, decide and look up."""
