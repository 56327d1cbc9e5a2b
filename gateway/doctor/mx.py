"""Does mail for the capture domains come here? Pure."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address

from gateway.doctor.finding import Finding, ok, warning, wrong
from gateway.doctor.mail_exchange import Exchange, Host
from gateway.doctor.reach import Place, Reached
from gateway.sender_auth.domain_names import is_within
from gateway.sender_auth.trusted_relay import plain_address

Reaches = Mapping[str, Reached]  # by address


def judge_domain(exchange: Exchange, reached: Reaches) -> list[Finding]:
    domain, mx = exchange.domain, exchange.mx
    if is_within(domain, "localhost") and not mx.hosts:  # RFC 6761 §6.3
        mend = "Set SUNNYDAY_CAPTURE_DOMAINS to a domain of yours (deploy/dns.md)"
        return [warning("mx", f"{domain} is known to this machine alone: nobody outside can send to it", mend)]
    if mx.unknown:
        mend = f"Senders can't find it either: look at its name servers (dig MX {domain}), and at the resolver"
        return [wrong("mx", f"the DNS does not tell the MX of {domain} ({mx.problem})", mend)]
    if any(name == "" for _, name in mx.hosts):
        found = f"{domain} says that it takes no mail (null MX, RFC 7505)"
        return [wrong("mx", found, f'Remove "MX 0 ." and set: {domain} MX 10 <this host\'s name>')]
    if not exchange.hosts:
        return [wrong("mx", f"{domain} has no MX record", f"Set: {domain} MX 10 <this host's name> (deploy/dns.md)")]
    return [*_judge_way(exchange, reached)]


def _judge_way(exchange: Exchange, reached: Reaches) -> Iterator[Finding]:
    """Nothing where no host has an address: that is judge_host()'s to tell."""
    places = {(host.name, address): _place(address, reached) for host in exchange.hosts for address in host.addresses}
    here = {name: None for (name, _), place in places.items() if place is not Place.ELSEWHERE}
    elsewhere = ", ".join(f"{name} ({at})" for (name, at), place in places.items() if place is Place.ELSEWHERE)
    if elsewhere and not here:
        mend = (
            "Give the MX this machine's public address. Behind NAT: set SUNNYDAY_PUBLIC_URL to a host that has it. "
            "Where the domain also gets other mail, use a subdomain (deploy/dns.md)"
        )
        yield wrong("mx", f"mail for {exchange.domain} goes elsewhere: {elsewhere}", mend)
    elif elsewhere:
        mend = "Remove what is not here: mail that is sent there does not arrive, or arrives late"
        yield warning("mx", f"some mail for {exchange.domain} goes elsewhere: {elsewhere}", mend)
    elif here and not exchange.mx.hosts:
        found = f"{exchange.domain} has no MX record; senders fall back on its address, which leads here"
        yield warning("mx", found, f"Set: {exchange.domain} MX 10 {exchange.domain}")
    elif here:
        told = " and ".join(sorted(set(places.values())))
        yield ok("mx", f"{exchange.domain}: {', '.join(here)} leads here ({told})")


def judge_host(host: Host) -> Finding:
    name, addresses = host.name, ", ".join(host.addresses)
    if plain_address(name) is not None:
        return wrong("mx-host", f"{name} is an address, and an MX has to name a host", "Name a host there")
    if host.alias:
        mend = f"Replace it: {name} A <address>, or name its target in the MX"
        return wrong("mx-host", f"{name} is a CNAME, which an MX may not name (RFC 2181 §10.3)", mend)
    if not host.addresses and host.problem:
        mend = f"Senders can't find it either: look at its name servers (dig A {name}), and at the resolver"
        return wrong("mx-host", f"the DNS does not tell the addresses of {name} ({host.problem})", mend)
    if not host.addresses:
        return wrong("mx-host", f"{name} has no address", f"Set: {name} A <this machine's public IPv4 address>")
    if local := [address for address in host.addresses if not ip_address(address).is_global]:
        mend = f"Set: {name} A <public address>; without it only your own network can send"
        return warning("mx-host", f"{name} has {', '.join(local)}, which the internet does not reach", mend)
    return ok("mx-host", f"{name} has {addresses}")


def judge_port(host: Host, reached: Reaches, port: int) -> list[Finding]:
    """Does somebody answer for us where senders knock? Nothing for a host that is not here."""
    here = {address: reached[address] for address in host.addresses if _place(address, reached) != Place.ELSEWHERE}
    failed = {address: each for address, each in here.items() if not each.answers}
    if here and not failed:
        return [ok("smtp-port", f"{host.name} answers at port {port}")]
    return [_judge_silence(host.name, address, each, port) for address, each in failed.items()]


def is_here(host: Host, reached: Reaches) -> bool:
    return any(_place(address, reached) is not Place.ELSEWHERE for address in host.addresses)


def _place(address: str, reached: Reaches) -> Place:
    return reached[address].place if address in reached else Place.ELSEWHERE


def _judge_silence(name: str, address: str, each: Reached, port: int) -> Finding:
    where = f"port {port} of {name} ({address})"
    if each.seen.greeting:
        mend = "Stop it and let SunnyDay Mail have the port, or have it pass the domain's mail on to us (deploy/dns.md)"
        return warning("smtp-port", f"another mail server answers at {where}: {each.seen.greeting}", mend)
    if each.place is Place.MACHINE:
        mend = (
            f"Listen there: SUNNYDAY_SMTP_LISTEN=0.0.0.0:{port}, or redirect it (deploy/dns.md). Senders try no other"
        )
        # No sender knocks at a loopback address: that is a trial, and judge_host() has said so.
        judge = warning if ip_address(address).is_loopback else wrong
        return judge("smtp-port", f"nobody answers at {where}: {each.seen.problem}", mend)
    mend = f"Many networks don't reach themselves: try from outside (nc -v {name} {port}), and see deploy/dns.md"
    return warning("smtp-port", f"{where} could not be reached from here: {each.seen.problem}", mend)
