"""What the requirements ask for, and which question, playbook or command answers each of them."""

from sync.coverage.page import coverage_section
from sync.coverage.rows import (
    REQUIREMENTS,
    CoverageProblem,
    Kind,
    Place,
    Requirement,
    Status,
    cited,
    placed,
    read_requirements,
)

__all__ = [
    "REQUIREMENTS",
    "CoverageProblem",
    "Kind",
    "Place",
    "Requirement",
    "Status",
    "cited",
    "coverage_section",
    "placed",
    "read_requirements",
]
