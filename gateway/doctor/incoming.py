"""The way of a mail from outside: MX, host, address, port, and the certificate that it is shown there."""

import asyncio
from datetime import datetime

from crm_store.settings import Settings
from gateway.doctor.asking import Ask
from gateway.doctor.certificate import check_certificate
from gateway.doctor.finding import Finding
from gateway.doctor.mail_exchange import Host, look_up_exchange
from gateway.doctor.mx import Reaches, is_here, judge_domain, judge_host, judge_port
from gateway.doctor.reach import Place, our_greeting, public_addresses, reach
from gateway.doctor.relays import judge_mx_as_relay


async def check_incoming(settings: Settings, ask: Ask, port: int, now: datetime) -> list[Finding]:
    """port: where senders knock. now: aware. A host that serves several domains is judged once."""
    public, exchanges = await asyncio.gather(
        public_addresses(settings.public_url, ask),
        asyncio.gather(*(look_up_exchange(domain, ask) for domain in settings.capture_domains)),
    )
    hosts = list({host.name: host for exchange in exchanges for host in exchange.hosts}.values())
    addresses = [address for host in hosts for address in host.addresses]
    reached = await reach(addresses, public, our_greeting(settings), port)
    certificate = await asyncio.to_thread(check_certificate, settings, _names(hosts, reached), now)
    return [
        *(finding for exchange in exchanges for finding in judge_domain(exchange, reached)),
        *(judge_host(host) for host in hosts),
        *(finding for host in hosts for finding in judge_port(host, reached, port)),
        *certificate,
        *judge_mx_as_relay(settings.trusted_relays, [a for a, at in reached.items() if at.place is Place.ELSEWHERE]),
    ]


def _names(hosts: list[Host], reached: Reaches) -> set[str]:
    """What senders ask our certificate for."""
    return {host.name for host in hosts if is_here(host, reached)}
