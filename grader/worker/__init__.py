"""Workers on many machines: Celery carries the numbers of tickets, and the database has everything else."""

from importlib.util import find_spec

from grader.errors import SetupError

if find_spec("celery") is None:
    raise SetupError("Workers need Celery, which is not installed here: pip install 'torch-lab-grader[distributed]'.")
