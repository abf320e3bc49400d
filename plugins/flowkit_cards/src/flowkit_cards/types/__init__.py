"""Types of cards: how a page is made of a task."""
