import pytest

from cpas.definitions.load import load_definitions
from cpas.illustration.geography import SEED


@pytest.fixture(scope="session")
def definitions():
    return load_definitions(SEED)
