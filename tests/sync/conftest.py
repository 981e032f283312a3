"""Offices for the tests of the run: a stand-in or an in-memory CRM, a state folder, and one clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from workbench import MORNING, Office

from connector.clock import VirtualClock
from connector.standin.server import StandIn
from tests.conftest import DataFiles
