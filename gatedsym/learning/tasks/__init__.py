"""A task a file: ``gs.tasks`` finds the functions here that have ``@task``."""
