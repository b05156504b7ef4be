"""From where a request comes: what our own front saw, put into REMOTE_ADDR. No header is believed here."""

import ipaddress

from django.http import HttpRequest

HOME = 64  # bits of an IPv6 address that belong to one household or office; it has the rest to itself


def address_of(request: HttpRequest) -> str | None:
    """The reader's address; of an IPv6 one its network, since whoever has one has 2^64. None where there is none."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), HOME), strict=False).network_address)
