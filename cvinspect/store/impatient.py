"""A connection to PostgreSQL that does not wait for ever.

A server whose processes are held up while its machine still answers (a frozen container, a disk that hangs, a proxy)
does not keep its own time limits, and those of TCP do not run out.
"""

import time
from collections.abc import Generator
from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen

Result = TypeVar("Result")


class ImpatientConnection(Connection[Any]):
    """Gives up, and is broken then, when one answer takes longer than `answer_s` seconds."""

    answer_s = 60.0

    @classmethod
    def within(cls, answer_s: float, *address: Any, **options: Any) -> "ImpatientConnection":  # noqa: ANN401
        """Connect as psycopg does; raises its errors."""
        connection = cls.connect(*address, **options)
        connection.answer_s = answer_s
        return connection

    def wait(self, gen: PQGen[Result], *given: Any, **named: Any) -> Result:  # noqa: ANN401
        """As psycopg does, which asks now and then whether to go on."""
        return super().wait(self._in_time(gen), *given, **named)

    def _in_time(self, gen: PQGen[Result]) -> Generator[Any, Any, Result]:
        until_s = time.monotonic() + self.answer_s
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > until_s:
                    self.close()
                    raise OperationalError(f"the server has not answered for {self.answer_s:g} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            result: Result = end.value
            return result
