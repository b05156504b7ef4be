"""Who may change what readers see."""

PUBLISH = "catalog.publish_case"


def may_publish(user) -> bool:
    """Whether the account may make cases public, and change or withdraw those that are."""
    return user.has_perm(PUBLISH)
