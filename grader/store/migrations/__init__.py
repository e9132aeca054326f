"""How the schema came about, one file for each step."""
