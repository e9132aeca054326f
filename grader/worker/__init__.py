"""Workers on many machines: Celery carries the numbers of tickets, and the database has everything else."""
