"""What was found out about a mail's sender, in the reader's language. The facts are the sender's own words as little as
possible: domains and hosts only."""

from collections.abc import Iterator

from crm_store.rules.verdict import Basis, SignatureFact, SpfFact, Verdict

# A mail may carry many signatures; the ones nearest to its sender come first.
_SHOWN_SIGNATURES = 3
# What DKIM says when the text was changed under a signature that was right once.
_CHANGED = frozenset({"body_changed", "signature_mismatch"})
_REFUSED = frozenset({"fail", "softfail"})

_ENGLISH = {
    Basis.TRUSTED_RELAY: "The trusted relay {peer} vouches for the sender.",
    Basis.DKIM: "DKIM of {aligned} passed, which vouches for {sender}.",
    Basis.SPF: "SPF of {aligned} lets {peer} send, which vouches for {sender}.",
    Basis.NO_SENDER: "It names no address as its sender, so nothing can vouch for it.",
    Basis.SEVERAL_SENDERS: "It names several senders, so nothing can vouch for one of them.",
    Basis.DNS_SILENT: "The DNS did not answer what has to be asked about {sender}; it is tried again for up to a day.",
    Basis.DNS_SILENT_FOR_A_DAY: "The DNS did not answer for a day what had to be asked about {sender}.",
    Basis.TOO_MUCH_WORK: "Checking its signatures took more work than any mail is given.",
    "unsigned": "It carries no DKIM signature.",
    "signed-pass": "DKIM of {domain} passed; it is not aligned with {sender}.",
    "signed-fail": "DKIM of {domain} failed: {why}.",
    "signed-unused": "DKIM of {domain} does not count: {why}.",
    "more-signatures": "{count} more signatures were not looked at.",
    "spf-pass": "SPF of {domain} passed; it is not aligned with {sender}.",
    "spf-refused": "SPF of {domain} does not let {peer} send.",
    "spf-none": "{domain} publishes no SPF.",
    "spf-other": "SPF of {domain} says nothing that counts ({result}).",
    "policy-reject": "{domain} asks to reject such mail (DMARC).",
    "policy-quarantine": "{domain} asks to treat such mail as suspicious (DMARC).",
    "changed-by-list": "The text was changed on its way, as mailing lists and some gateways do.",
    "forwarded": "That happens when another server forwards the mail, and also when somebody forges it.",
    "sealed": "The trusted sealer {sealer} had found (ARC): {says}",
    "unnamed": "an unreadable domain",
    "body_changed": "the text is not the one that was signed",
    "signature_mismatch": "the header is not the one that was signed",
    "expired": "the signature's time is over",
    "signed_in_future": "it was signed in the future",
    "no_key": "its key is not published",
    "key_revoked": "its key was withdrawn",
    "key_too_short": "its key is too short",
    "key_in_testing": "its key is published for testing only",
    "rsa_sha1": "rsa-sha1 proves nothing any more",
    "body_partly_signed": "it leaves part of the text unsigned",
    "field_repeated": "a field that it signs stands there twice",
    "from_not_signed": "it does not sign the sender",
}

_INDONESIAN = {
    Basis.TRUSTED_RELAY: "Relay tepercaya {peer} menjamin pengirimnya.",
    Basis.DKIM: "DKIM dari {aligned} lulus, dan itu menjamin {sender}.",
    Basis.SPF: "SPF dari {aligned} mengizinkan {peer} mengirim, dan itu menjamin {sender}.",
    Basis.NO_SENDER: "Email ini tidak menyebut alamat pengirim, jadi tidak ada yang dapat menjaminnya.",
    Basis.SEVERAL_SENDERS: "Email ini menyebut beberapa pengirim, jadi tidak ada yang dapat menjamin salah satunya.",
    Basis.DNS_SILENT: "DNS tidak menjawab pertanyaan tentang {sender}; akan dicoba lagi sampai satu hari.",
    Basis.DNS_SILENT_FOR_A_DAY: "Selama satu hari DNS tidak menjawab pertanyaan tentang {sender}.",
    Basis.TOO_MUCH_WORK: "Memeriksa tanda tangannya memakan lebih banyak kerja daripada jatah satu email.",
    "unsigned": "Email ini tidak membawa tanda tangan DKIM.",
    "signed-pass": "DKIM dari {domain} lulus; tetapi tidak selaras dengan {sender}.",
    "signed-fail": "DKIM dari {domain} gagal: {why}.",
    "signed-unused": "DKIM dari {domain} tidak dihitung: {why}.",
    "more-signatures": "{count} tanda tangan lain tidak diperiksa.",
    "spf-pass": "SPF dari {domain} lulus; tetapi tidak selaras dengan {sender}.",
    "spf-refused": "SPF dari {domain} tidak mengizinkan {peer} mengirim.",
    "spf-none": "{domain} tidak menerbitkan SPF.",
    "spf-other": "SPF dari {domain} tidak menyatakan apa pun yang dihitung ({result}).",
    "policy-reject": "{domain} meminta agar email seperti ini ditolak (DMARC).",
    "policy-quarantine": "{domain} meminta agar email seperti ini dicurigai (DMARC).",
    "changed-by-list": "Isinya berubah di perjalanan, seperti yang dilakukan milis dan sebagian gateway.",
    "forwarded": "Itu terjadi bila server lain meneruskan email, dan juga bila seseorang memalsukannya.",
    "sealed": "Penyegel tepercaya {sealer} telah menemukan (ARC): {says}",
    "unnamed": "domain yang tidak terbaca",
    "body_changed": "isinya bukan yang ditandatangani",
    "signature_mismatch": "kepalanya bukan yang ditandatangani",
    "expired": "masa berlaku tanda tangannya habis",
    "signed_in_future": "ditandatangani di masa depan",
    "no_key": "kuncinya tidak diterbitkan",
    "key_revoked": "kuncinya sudah dicabut",
    "key_too_short": "kuncinya terlalu pendek",
    "key_in_testing": "kuncinya diterbitkan hanya untuk percobaan",
    "rsa_sha1": "rsa-sha1 tidak membuktikan apa pun lagi",
    "body_partly_signed": "sebagian isinya tidak ditandatangani",
    "field_repeated": "bidang yang ditandatangani muncul dua kali",
    "from_not_signed": "pengirimnya tidak ikut ditandatangani",
}

_WORDS = {"en": _ENGLISH, "id": _INDONESIAN}


def verdict_sentence(verdict: Verdict, locale: str | None) -> str:
    """What the verdict rests on; of one that found nothing, what was found of each check. English where locale is not
    one that we speak."""
    words = _WORDS.get(locale or "en", _ENGLISH)
    if verdict.basis is not Basis.NOTHING:
        return words[verdict.basis].format(
            peer=verdict.peer, aligned=verdict.aligned_domain, sender=verdict.sender_domain or words["unnamed"]
        )
    return " ".join(
        [*_signatures(verdict, words), *_spf(verdict, words), *_policy(verdict, words), *_on_its_way(verdict, words)]
    )


def _signatures(verdict: Verdict, words: dict[Basis | str, str]) -> Iterator[str]:
    if not verdict.signatures:
        yield words["unsigned"]
    for signature in verdict.signatures[:_SHOWN_SIGNATURES]:
        yield words[_kind(signature)].format(
            domain=signature.domain or words["unnamed"],
            sender=verdict.sender_domain,
            why=words.get(signature.reason, signature.reason.replace("_", " ")),
        )
    unseen = verdict.skipped_signatures + len(verdict.signatures[_SHOWN_SIGNATURES:])
    if unseen:
        yield words["more-signatures"].format(count=unseen)


def _kind(signature: SignatureFact) -> str:
    if signature.result in ("pass", "fail"):
        return f"signed-{signature.result}"
    return "signed-unused"


def _spf(verdict: Verdict, words: dict[Basis | str, str]) -> Iterator[str]:
    spf = verdict.spf
    if spf is None or not spf.domain:
        return
    yield words[_spf_kind(spf)].format(
        domain=spf.domain, peer=verdict.peer, sender=verdict.sender_domain, result=spf.result
    )


def _spf_kind(spf: SpfFact) -> str:
    if spf.result in _REFUSED:
        return "spf-refused"
    return f"spf-{spf.result}" if spf.result in ("pass", "none") else "spf-other"


def _policy(verdict: Verdict, words: dict[Basis | str, str]) -> Iterator[str]:
    dmarc = verdict.dmarc
    if dmarc is not None and dmarc.policy in ("reject", "quarantine"):
        yield words[f"policy-{dmarc.policy}"].format(domain=dmarc.policy_domain)


def _on_its_way(verdict: Verdict, words: dict[Basis | str, str]) -> Iterator[str]:
    """What most often makes honest mail look like this."""
    if any(signature.aligned and signature.reason in _CHANGED for signature in verdict.signatures):
        yield words["changed-by-list"]
    elif verdict.spf is not None and verdict.spf.result in _REFUSED:
        yield words["forwarded"]
    if verdict.arc is not None and verdict.arc.trusted:
        yield words["sealed"].format(sealer=verdict.arc.sealer, says=verdict.arc.says)
