"""Examining submissions: the trusted side, and the launchers of what runs beside student code."""
