"""Puts things into its namespace that are no names."""
globals()[7] = globals()[None] = "no name"
globals()["\ud800"] = globals()["x" * 1_000_000] = "a name of a kind"
