"""Programs that train the networks of the bench."""
