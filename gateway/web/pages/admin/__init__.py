"""Pages of a location's settings: for its admins, the lists of senders for its operators too."""
