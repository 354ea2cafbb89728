"""For every test: papermill before the engine it loads, and the same draws in every run."""

# Papermill loads that engine by its entry point, which a half-imported module does not have yet.
import papermill.engines  # noqa: F401
from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.load_profile("same")
