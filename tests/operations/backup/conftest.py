import pytest

from tests.setup.conftest import checkout, environment, folder  # noqa: F401 (fixtures)


@pytest.fixture
def var(settings, tmp_path):
    """The site's folder for what it writes is a new one."""
    settings.VAR_DIR = tmp_path
    return tmp_path
