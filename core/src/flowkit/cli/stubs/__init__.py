"""Type information for what installed plugins add to ``flowkit``: the distribution ``flowkit-stubs``, written here."""
