"""How faithful the answers are, measured."""
