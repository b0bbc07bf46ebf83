"""Networks at toy width, on one thread."""

from tests.models.threads import one_thread  # noqa: F401
