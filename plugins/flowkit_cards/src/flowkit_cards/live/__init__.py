"""``current.card``: the cards of the step that runs, and what its code puts into them."""
