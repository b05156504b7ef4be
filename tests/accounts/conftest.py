import pytest
from django.contrib.auth import get_user_model
from django.test import Client

PASSWORD = "春眠不觉晓-Spring7"


@pytest.fixture(autouse=True)
def quick_hashing(settings):
    """A hundred log-ins are tried here, and none is about the cost of one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def admin(db):
    return get_user_model().objects.create_superuser("admin", password=PASSWORD)


@pytest.fixture
def log_in():
    """log_in("admin", "password", address="203.0.113.7") posts the form; the answer has its client at `.client`."""

    def post(name, password, *, address="203.0.113.7", client=None, **fields):
        client = client or Client(REMOTE_ADDR=address)
        return client.post("/admin/login/", {"username": name, "password": password} | fields)

    return post
