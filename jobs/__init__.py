"""Work in the background: a queue in the database (django-tasks-db), and the one process that works it off.

It knows nothing of what is to be done. A job is a function with `@task()` whose arguments are JSON; it must do nothing
when it is called once more after it has done its work, since whoever is killed after the work and before saying so is
asked again.
"""
