"""The tests; asserts of their helpers tell as much as those of a test."""

import pytest

pytest.register_assert_rewrite("tests.baselines", "tests.serving")
