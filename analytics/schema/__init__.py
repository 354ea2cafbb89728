"""The columns of every table that passes between stages: name, kind, unit, meaning.

Documented here once; ``data/README.md`` and the docstrings are compared with it by a test.
Bounds are inclusive at both ends; days carry no time zone; an empty cell is unknown, never zero.
"""

from analytics.schema.checks import *
from analytics.schema.claims import *
from analytics.schema.columns import *
from analytics.schema.records import *
from analytics.schema.results import *
