"""What the project's commands share."""

import sys

from django.core.management.base import BaseCommand, CommandError

from config.friendly import SetupError
from config.mode import refuse_writing
from config.schema import explain_other_tables


class ClearCommand(BaseCommand):
    """A command whose known failures (CommandError) print one line, without the class's English name before it.

    Called from code (`call_command`) it raises as any other. One that `writes` is refused while the site is only read.
    """

    writes = False
    from_shell = False
    takes_other_tables = False  # whether it can do with tables of an older or a newer version

    def run_from_argv(self, argv):
        self.from_shell = True
        super().run_from_argv(argv)

    def execute(self, *args, **options):
        try:
            if self.writes and not options.get("dry_run"):
                self.refuse_writing()
            if self.from_shell and not self.takes_other_tables and (line := explain_other_tables()):
                raise CommandError(line)
            return super().execute(*args, **options)
        except CommandError as error:
            if not self.from_shell or options.get("traceback"):
                raise
            self.stderr.write(str(error))
            sys.exit(error.returncode)

    def refuse_writing(self):
        try:
            refuse_writing()
        except SetupError as reason:
            raise CommandError(str(reason)) from None
