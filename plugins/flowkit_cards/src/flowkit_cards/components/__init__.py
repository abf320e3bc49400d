"""What a card is made of: a typed class each, with a JSON form, and how it looks."""
