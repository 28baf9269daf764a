"""The check of receivers' addresses: only those of the public internet may be called."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# Python's `is_global` has changed between releases: the forbidden networks are listed here in addition.
_NEVER_IPV4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network; Linux takes it for this machine
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by a carrier's customers (RFC 6598)
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # for protocols (RFC 6890)
        "192.0.2.0/24",  # for documentation, like 198.51.100.0/24 and 203.0.113.0/24
        "192.88.99.0/24",  # deprecated relays to IPv6 (RFC 7526)
        "192.168.0.0/16",
        "198.18.0.0/15",  # for benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast
    )
)

_GLOBAL_IPV6 = IPv6Network("2000::/3")
"""All other networks are local, multicast, reserved, or contain an IPv4 address: mapped, compatible or behind NAT64."""

_NEVER_IPV6 = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # for protocols, among them Teredo, which carries IPv4 addresses
        "2001:db8::/32",  # for documentation
        "2002::/16",  # 6to4, which carries IPv4 addresses
        "3fff::/20",  # for documentation (RFC 9637)
    )
)


def is_public(address: Address) -> bool:
    """Return whether the address is public: not private, link-local, loopback, multicast, reserved or translated."""
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NEVER_IPV4)
    return address in _GLOBAL_IPV6 and not any(address in network for network in _NEVER_IPV6)


def parse_address(host: str) -> Address | None:
    """Parse a host as an address. Return None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_numeric(host: str) -> bool:
    """Return whether a resolver would read the host as an IPv4 address in any notation: 2130706433, 0x7f.1, 0177.0.0.1."""
    last = host.rstrip(".").rpartition(".")[2].lower()
    return last.isdigit() or last.startswith("0x")
