"""Doctests import each module by itself; papermill must come before the engine it loads."""

# Papermill loads that engine by its entry point, which a half-imported module does not have yet.
import papermill.engines  # noqa: F401
