from ipaddress import ip_network

import pytest

from gateway.doctor.finding import State
from gateway.doctor.proxies import check_proxies


@pytest.mark.parametrize(
    ("proxy", "relays", "state"),
    [
        pytest.param("192.0.2.10/32", [], State.OK, id="one host"),
        pytest.param("10.0.0.0/8", [], State.OK, id="a network of our own"),
        pytest.param("8.8.8.0/24", [], State.OK, id="a public network of a usual size"),
        pytest.param("0.0.0.0/0", [], State.WRONG, id="everybody"),
        pytest.param("::/0", [], State.WRONG, id="everybody, IPv6"),
        pytest.param("8.0.0.0/12", [], State.WRONG, id="strangers"),
        pytest.param("2a00::/32", [], State.WRONG, id="strangers, IPv6"),
        pytest.param("10.0.0.0/24", ["10.0.0.7/32"], State.WRONG, id="a relay among them"),
        pytest.param("10.0.0.0/24", ["10.0.1.7/32", "2001:db8::1/128"], State.OK, id="a relay elsewhere"),
    ],
)
def test_a_proxy(proxy, relays, state):
    (finding,) = check_proxies([ip_network(proxy)], [ip_network(relay) for relay in relays])
    assert finding.state == state


def test_without_proxies_there_is_nothing_to_say():
    assert check_proxies([], [ip_network("10.0.0.7/32")]) == []
