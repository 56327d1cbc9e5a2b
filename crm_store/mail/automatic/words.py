"""What mail systems call themselves and what they say, in the languages that we have met; ours, from knowledge.

All in lower case. A new language is a line here, and a row in the tests."""

import re

# Local parts that no person has, and names of programs.
MAIL_SYSTEM_LOCALS = frozenset({
    "mailer-daemon", "mailerdaemon", "mailer_daemon", "maildaemon", "mail-daemon", "mdaemon", "daemon", "postmaster",
    "post_master", "post-master", "poostmaster", "mail.delivery.system", "maildelivery", "mail-delivery",
    "mailsystem", "mail-system", "bounce", "bounces", "mailer", "mmdf", "uucp", "exim", "microsoftexchange",
    "mail-gateway", "mailgateway", "sysadmin", "mailadmin", "mailmaster", "dsn", "ndr", "delivery", "smtp",
})  # fmt: skip
MAIL_SYSTEM_NAMES = (
    "mail delivery", "mailer-daemon", "mailer daemon", "mail deliver system", "delivery subsystem", "delivery system",
    "mail system", "postmaster", "internet mail delivery", "microsoft outlook", "mail administrator",
    "content-filter", "system administrator", "system attendant", "interscan", "ndr administrator",
    "bounce notification", "mailsystem", "mail server", "email delivery",
)  # fmt: skip
NOBODY_LOCALS = re.compile(r"(?:no|non|not|do-?not|donot)[-_.]?(?:reply|respond|responder|answer)|jangan[-_.]?balas")

# What a subject or a notice says when something was not delivered.
FAILURE_SUBJECTS = (
    "undeliver", "delivery status notification", "delivery failure", "failure notice", "returned mail",
    "returned to sender", "mail delivery failed", "delivery failed", "failed delivery", "failure delivery",
    "mail failed", "non-delivery", "nondeliver", "mail could not be delivered", "not delivered",
    "could not be delivered", "delivery report", "delivery notification", "mail delivery", "delivery problem",
    "mail failure", "warning: message", "delayed mail", "delivery delayed", "delivery has failed",
    "error sending your mail", "error sending", "rejected", "message delivery", "mail system error", "delivery error",
    "unable to deliver", "bounce", "returning message", "returned message", "cannot send message",
    "could not send message", "still being retried", "message blocked", "mail delivery status",
    "notice: mail delivery", "user unknown", "email delivery", "unzustellbar", "nicht zugestellt", "unzustellbarkeit",
    "zustellung", "fehlgeschlagen", "non remis", "échec", "non délivré", "non distribu", "no se pudo entregar",
    "no se ha podido entregar", "no entregado", "devuelto", "não entregue", "não foi possível entregar",
    "falha na entrega", "devolvida", "mancata consegna", "non recapitat", "onbestelbaar", "niet bezorgd",
    "niet afgeleverd", "недоставлен", "не доставлен", "ошибка доставки", "невозможно доставить", "配信", "送信",
    "メールエラー", "不達", "配達", "退信", "無法傳遞", "无法送达", "未送达", "无法投递", "niedostarcz",
    "nie można dostarczyć", "teslim edilemedi", "iletilemedi", "không gửi được", "gagal terkirim", "gagal dikirim",
    "gagal kirim", "tidak terkirim", "tidak dapat dikirim", "pengiriman gagal", "kegagalan pengiriman",
    "pengiriman tertunda", "tak terkirim", "penghantaran gagal", "gagal dihantar", "tidak dapat dihantar",
    "kunde inte levereras", "olevererbar", "kunne ikke leveres", "toimitus epäonnistui", "nedoruč",
)  # fmt: skip
FAILURE_SAID = (
    "could not be delivered", "couldn't be delivered", "wasn't delivered", "was not delivered", "not been delivered",
    "unable to deliver", "undeliver", "delivery failed", "delivery has failed", "delivery to the following",
    "failed to deliver", "did not reach", "not relayed to", "permanent error", "permanent fatal error",
    "delivery error", "delivery problem", "transcript of session follows", "error delivering your mail",
    "failed permanently", "cannot be delivered", "can not be delivered", "can't be delivered",
    "not able to be delivered", "failed recipient", "had trouble delivering", "returned to sender",
    "delivery status notification", "delivery failure", "were not delivered", "not be sent", "failed addresses",
    "user unknown", "unknown user", "no such user", "could not deliver", "mailbox is full", "mailbox unavailable",
    "invalid user address", "has been delayed", "delayed", "non-delivery", "nondelivery", "message blocked",
    "delivery attempts", "rejected", "not listed in", "an error has occurred while attempting to deliver",
    "delivery temporarily", "failed to send", "failure reasons", "unknown address", "mail failed", "undelivered",
    "was blocked", "message not delivered", "not yet been delivered", "not accept", "your message was not", "quota",
    "error sending", "konnte nicht zugestellt", "nicht zugestellt werden", "n'a pas pu être", "n'a pu être",
    "no se pudo entregar", "no ha podido ser entregado", "não foi possível entregar", "não pôde ser entregue",
    "impossibile recapitare", "non è stato possibile consegnare", "kon niet worden", "не может быть доставлено",
    "не было доставлено", "не доставлено", "送信できませんでした", "配信できません", "送信に失敗",
    "届けることができません", "配信に失敗", "無法傳遞", "无法送达", "无法投递", "退信", "nie mógł zostać dostarcz",
    "teslim edilemedi", "không thể gửi", "tidak dapat dikirim", "tidak dapat disampaikan", "gagal dikirim",
    "gagal terkirim", "pengiriman gagal", "tidak terkirim", "belum dapat dikirim", "tertunda", "gagal disampaikan",
    "tidak bisa dikirim", "gagal dihantar", "tidak dapat dihantar",
)  # fmt: skip

# RFC 3834 §3.1.5 asks for "Auto: "; what programs write. A weak sign: people write so as well.
REPLY_SUBJECTS = (
    "auto:", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse",
    "auto respond", "autoresponder", "automatic reply", "automatic response", "automated reply", "automated response",
    "out of office", "out of the office", "out-of-office", "ooo:", "vacation reply", "vacation:", "vacation response",
    "away from the office", "away from my mail", "away until", "on vacation", "on leave", "i am away",
    "balasan otomatis", "jawaban otomatis", "pesan otomatis", "respon otomatis", "respons otomatis",
    "tanggapan otomatis", "balas otomatis", "di luar kantor", "tidak di kantor", "tidak berada di kantor",
    "sedang cuti", "cuti:", "sedang tidak di tempat", "balasan automatik", "jawapan automatik", "di luar pejabat",
    "tiada di pejabat", "automatische antwort", "abwesenheit", "abwesend", "réponse automatique", "absence du bureau",
    "absent du bureau", "respuesta automática", "fuera de la oficina", "fuera de oficina", "resposta automática",
    "fora do escritório", "ausência", "risposta automatica", "fuori sede", "fuori ufficio", "automatisch antwoord",
    "afwezig", "автоматический ответ", "автоответ", "自動返信", "不在通知", "自动答复", "自动回复", "自動回覆",
    "자동 회신", "부재중", "automatyczna odpowiedź", "otomatik yanıt", "ofis dışında", "autosvar", "automatiskt svar",
    "automatisk svar", "automaattinen vastaus", "automatická odpověď", "αυτόματη απάντηση", "trả lời tự động",
    "ตอบกลับอัตโนมัติ", "răspuns automat", "automatikus válasz", "الرد التلقائي",
)  # fmt: skip
# Fields by which vendors say that a program answers. Name → the words of the value that do not say so.
REPLY_FIELDS: dict[str, tuple[str, ...]] = {
    "x-autoreply": ("no",),
    "x-auto-reply": ("no",),
    "x-autoreply-from": (),
    "x-autorespond": ("no",),
    "x-autoresponder": ("no",),
    "x-auto-response": ("no",),
    "x-mail-autoreply": ("no",),
    "x-amazon-auto-reply": ("false",),
    "x-vacation": ("no",),
    "x-autogenerated": ("no", "forward", "group"),
    "x-fc-machinegenerated": ("false",),
    "x-apple-action": ("forward", "redirect", "delete", "move"),
    "x-post-messageclass": (),
    "x-ms-exchange-generated-message-source": ("mailbox rules agent; forward",),
    "x-cron-env": (),
}
LIST_FIELDS = frozenset({
    "list-id", "list-post", "list-unsubscribe", "list-subscribe", "list-help", "list-owner", "list-archive",
    "x-mailing-list", "x-mailman-version", "x-listname", "x-list",
})  # fmt: skip


def says(text: str, phrases: tuple[str, ...]) -> bool:
    """text: in lower case."""
    return any(phrase in text for phrase in phrases)
