"""The page that a card is: template, stylesheet and script, put together into one file."""
