import pytest
from outputs_town import make_town


@pytest.fixture(scope="session")
def town():
    return make_town()
