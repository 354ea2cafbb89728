"""Report definitions to notebooks to HTML, PDF and manifest files."""

from analytics.rendering.command import render_command
from analytics.rendering.definitions import Definition, load_definition, load_definitions
from analytics.rendering.jobs import RenderResult
from analytics.rendering.render import render_reports

__all__ = [
    "Definition",
    "RenderResult",
    "load_definition",
    "load_definitions",
    "render_command",
    "render_reports",
]
