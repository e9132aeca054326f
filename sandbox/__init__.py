"""Everything that runs beside student code. Imports nothing from `grader`."""
