"""The viewer: a server on this machine that shows the cards of runs, and follows those that change."""
