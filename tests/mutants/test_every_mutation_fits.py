"""The mutations keep up with the code: each still fits, and changes something that Python accepts."""

from __future__ import annotations

import pytest
from mutations import MUTATIONS, NAMED, ROOT, DoesNotFit, Mutation

BY_NAME = {mutation.name: mutation for mutation in MUTATIONS}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_mutation_fits_the_source_and_names_tests_that_are_there(name: str) -> None:
    mutation = BY_NAME[name]
    source = (ROOT / mutation.file).read_text("utf-8")
    mutated = mutation.applied_to(source)
    assert mutated != source
    compile(mutated, mutation.file, "exec")
    assert all((ROOT / "tests" / test).exists() for test in mutation.tests)


def test_the_twelve_that_are_named_are_among_them_and_no_name_is_used_twice() -> None:
    assert len(NAMED) == 12
    assert len(BY_NAME) == len(MUTATIONS)


def test_a_mutation_that_no_longer_fits_says_so() -> None:
    mutation = Mutation("gone", "cli.py", (("def nobody_has_this(", ""),), ())
    with pytest.raises(DoesNotFit, match=r"gone: cli\.py holds 0 times"):
        mutation.applied_to("import click")
