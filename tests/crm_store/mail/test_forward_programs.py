"""How programs lay out a forward, a row each; languages of no table too."""

from datetime import UTC, datetime

import pytest

from crm_store.mail.forward import CONFIDENT, find_forward

TEXT = "Halo Budi,\n\nini penawarannya."
SENT_AT_MS = int(datetime(2020, 11, 2, 10, 11, tzinfo=UTC).timestamp() * 1000)
UNREADABLE_DAY = {"Gmail Armenian", "Gmail Khmer"}  # a month of no table
NO_RECIPIENT = {"Yandex"}

# program, subject, what stands above the text
ROWS = [
    ("Gmail Basque", "Fwd: Penawaran 12", "---------- Birbidalitako mezua ---------\nNork: Ani Wijaya <ani@toko.example>\nData: 2020 aza. 2, al. (10:11)\nGaia: Penawaran 12\nNori: <budi@pt.example>\n\n"),
    ("Gmail Galician", "Fwd: Penawaran 12", "---------- Mensaxe reenviada ---------\nDe: Ani Wijaya <ani@toko.example>\nData: luns, 2 de nov. de 2020 ás 10:11\nSubject: Penawaran 12\nTo: <budi@pt.example>\n\n"),
    ("Gmail Kazakh", "Fwd: Penawaran 12", "---------- Қайта жіберілген хат ---------\nКімнен: Ani Wijaya <ani@toko.example>\nКүні: дс, 2020 ж. 2 қар. сағ 10:11\nТақырып: Penawaran 12\nКімге: <budi@pt.example>\n\n"),
    ("Gmail Telugu", "Fwd: Penawaran 12", "---------- ఫార్వార్డ్ చేసిన మెసేజ్ ---------\nపంపినవారు: Ani Wijaya <ani@toko.example>\nతేదీ: సోమ, 2 నవం, 2020 10:11 AMకి\nవిషయం: Penawaran 12\nవీరికి: <budi@pt.example>\n\n"),
    ("Gmail Armenian", "Fwd: Penawaran 12", "---------- Վերահասցեագրված նամակ ---------\nՈւղարկող՝ Ani Wijaya <ani@toko.example>\nԱմսաթիվ՝ երկ, 2 նոյ, 2020 թ․, 10:11\nԹեմա՝ Penawaran 12\nՍտացող՝ <budi@pt.example>\n\n"),
    ("Outlook Kazakh", "FW: Penawaran 12", "________________________________\nКімнен: Ani Wijaya <ani@toko.example>\nЖіберілді: 2 қараша 2020 ж. 10:11\nКімге: budi@pt.example <budi@pt.example>\nТақырып: Penawaran 12\n\n"),
    ("Thunderbird Kazakh", "Fwd: Penawaran 12", "-------- Бағытталған хат --------\nТақырыбы: \tPenawaran 12\nКүні: \tMon, 2 Nov 2020 10:11:00 +0000\nКімнен: \tAni Wijaya <ani@toko.example>\nКімге: \tBudi <budi@pt.example>\n\n"),
    ("Apple Mail unknown", "Fwd: Penawaran 12", "Кайра жөнөтүлгөн кат:\n\n> Кимден: Ani Wijaya <ani@toko.example>\n> Тема: Penawaran 12\n> Күнү: 2 November 2020 10:11\n> Кимге: Budi <budi@pt.example>\n> \n"),
    ("Samsung", "Fwd: Penawaran 12", "-------- Original message --------From: Ani Wijaya <ani@toko.example> Date: 02/11/2020  10:11  (GMT+00:00) To: budi@pt.example Subject: Penawaran 12 \n"),
    ("Samsung lines", "Fwd: Penawaran 12", "-------- Original message --------\nFrom: Ani Wijaya <ani@toko.example>\nDate: 02/11/2020 10:11 (GMT+00:00)\nTo: budi@pt.example\nSubject: Penawaran 12\n\n"),
    ("Spark", "Fwd: Penawaran 12", "---------- Forwarded message ----------\nFrom: Ani Wijaya <ani@toko.example>\nDate: 2 Nov 2020, 10:11 +0000\nTo: budi@pt.example\nSubject: Penawaran 12\n\n"),
    ("Zoho", "Fwd: Penawaran 12", "============ Forwarded message ============\nFrom: Ani Wijaya <ani@toko.example>\nTo: <budi@pt.example>\nDate: Mon, 02 Nov 2020 10:11:00 +0000\nSubject: Penawaran 12\n============ Forwarded message ============\n\n"),
    ("Zoho Indonesian", "Fwd: Penawaran 12", "============ Pesan diteruskan ============\nDari : Ani Wijaya <ani@toko.example>\nUntuk : <budi@pt.example>\nTanggal : Mon, 02 Nov 2020 10:11:00 +0000\nSubjek : Penawaran 12\n============ Pesan diteruskan ============\n\n"),
    ("eM Client", "Fw: Penawaran 12", "------ Forwarded Message ------\nFrom: \"Ani Wijaya\" <ani@toko.example>\nTo: budi@pt.example\nSent: 02/11/2020 10:11:00\nSubject: Penawaran 12\n\n"),
    ("eM Client 9", "Fw: Penawaran 12", "------ Forwarded Message ------\nFrom \"Ani Wijaya\" <ani@toko.example>\nTo budi@pt.example\nDate 02/11/2020 10:11:00\nSubject Penawaran 12\n\n"),
    ("eM Client de", "Fw: Penawaran 12", "------ Weitergeleitete Nachricht ------\nVon \"Ani Wijaya\" <ani@toko.example>\nAn budi@pt.example\nDatum 02.11.2020 10:11:00\nBetreff Penawaran 12\n\n"),
    ("AOL", "Fwd: Penawaran 12", "-----Original Message-----\nFrom: Ani Wijaya <ani@toko.example>\nTo: budi@pt.example <budi@pt.example>\nSent: Mon, Nov 2, 2020 10:11 am\nSubject: Penawaran 12\n\n"),
    ("Yahoo", "Fw: Penawaran 12", "----- Forwarded Message ----- From: Ani Wijaya <ani@toko.example>To: \"budi@pt.example\" <budi@pt.example>Sent: Monday, November 2, 2020 at 10:11:00 AM UTCSubject: Penawaran 12\n\n"),
    ("Yahoo lines", "Fw: Penawaran 12", "   ----- Forwarded message -----From: Ani Wijaya <ani@toko.example>To: budi@pt.example <budi@pt.example>Sent: Monday, 2 November 2020 at 10:11:00 GMTSubject: Penawaran 12\n"),
    ("Proton", "Fw: Penawaran 12", "------- Forwarded Message -------\nFrom: Ani Wijaya <ani@toko.example>\nDate: On Monday, November 2nd, 2020 at 10:11\nSubject: Penawaran 12\nTo: budi@pt.example <budi@pt.example>\n\n"),
    ("Missive", "Fwd: Penawaran 12", "---------- Forwarded message ----------\nFrom: Ani Wijaya <ani@toko.example>\nTo: budi@pt.example\nDate: November 2, 2020 at 10:11 AM\nSubject: Penawaran 12\n\n"),
    ("Superhuman", "Fwd: Penawaran 12", "---------- Forwarded message ----------\nFrom: Ani Wijaya < ani@toko.example >\nDate: Mon, Nov 02, 2020 at 10:11 AM\nSubject: Penawaran 12\nTo: < budi@pt.example >\n\n"),
    ("HEY", "Fwd: Penawaran 12", "Begin forwarded message:\n\nFrom: Ani Wijaya <ani@toko.example>\nDate: November 2, 2020 at 10:11 AM\nTo: budi@pt.example\nSubject: Penawaran 12\n\n"),
    ("HEY 2", "Fwd: Penawaran 12", "---- Original message ----\nFrom: Ani Wijaya <ani@toko.example>\nTo: budi@pt.example\nDate: November 2, 2020 10:11 AM\nSubject: Penawaran 12\n\n"),
    ("K-9", "Fwd: Penawaran 12", "-------- Original Message --------\nFrom: Ani Wijaya <ani@toko.example>\nSent: November 2, 2020 10:11:00 AM UTC\nTo: budi@pt.example\nSubject: Penawaran 12\n\n"),
    ("K-9 de", "Fwd: Penawaran 12", "-------- Ursprüngliche Nachricht --------\nVon: Ani Wijaya <ani@toko.example>\nGesendet: 2. November 2020 10:11:00 UTC\nAn: budi@pt.example\nBetreff: Penawaran 12\n\n"),
    ("Notes new", "Fw: Penawaran 12", "----- Forwarded by Budi Santoso/PT on 11/02/2020 11:00 AM -----\n\nFrom:        Ani Wijaya <ani@toko.example>\nTo:        budi@pt.example\nDate:        11/02/2020 10:11 AM\nSubject:        Penawaran 12\n\n\n\n"),
    ("Notes hyphens", "Fw: Penawaran 12", "-----Forwarded by Budi/PT on 11/02/2020 11:00AM -----\nTo: budi@pt.example\nFrom: Ani Wijaya <ani@toko.example>\nDate: 11/02/2020 10:11AM\nSubject: Penawaran 12\n\n"),
    ("Notes de", "WG: Penawaran 12", "----- Weitergeleitet von Budi/PT am 02.11.2020 11:00 -----\n\nVon:        Ani Wijaya <ani@toko.example>\nAn:        budi@pt.example\nDatum:        02.11.2020 10:11\nBetreff:        Penawaran 12\n\n\n"),
    ("Outlook Vietnamese", "FW: Penawaran 12", "________________________________\nTừ: Ani Wijaya <ani@toko.example>\nĐã gửi: 02 Tháng Mười Một 2020 10:11 SA\nTới: budi@pt.example\nChủ đề: Penawaran 12\n\n"),
    ("Outlook Arabic", "FW: Penawaran 12", "________________________________\nمن: Ani Wijaya <ani@toko.example>\nتم الإرسال: الإثنين، ٢ نوفمبر ٢٠٢٠ ١٠:١١ ص\nإلى: budi@pt.example\nالموضوع: Penawaran 12\n\n"),
    ("Outlook Hebrew", "FW: Penawaran 12", "________________________________\n\u200f\u200fמאת: Ani Wijaya <ani@toko.example>\n\u200f\u200fנשלח: יום שני 02 נובמבר 2020 10:11\n\u200f\u200fאל: budi@pt.example\n\u200f\u200fנושא: Penawaran 12\n\n"),
    ("Outlook Ukrainian", "FW: Penawaran 12", "________________________________\nВід: Ani Wijaya <ani@toko.example>\nНадіслано: 2 листопада 2020 р. 10:11\nКому: budi@pt.example\nТема: Penawaran 12\n\n"),
    ("Outlook Bulgarian", "FW: Penawaran 12", "________________________________\nОт: Ani Wijaya <ani@toko.example>\nИзпратено: понеделник, 2 ноември 2020 г. 10:11\nДо: budi@pt.example\nТема: Penawaran 12\n\n"),
    ("Outlook Croatian", "FW: Penawaran 12", "________________________________\nŠalje: Ani Wijaya <ani@toko.example>\nPoslano: 2. studenog 2020. 10:11\nPrima: budi@pt.example\nPredmet: Penawaran 12\n\n"),
    ("Outlook Romanian", "FW: Penawaran 12", "________________________________\nDe la: Ani Wijaya <ani@toko.example>\nTrimis: luni, 2 noiembrie 2020 10:11\nCătre: budi@pt.example\nSubiect: Penawaran 12\n\n"),
    ("Outlook Lithuanian", "FW: Penawaran 12", "________________________________\nNuo: Ani Wijaya <ani@toko.example>\nIšsiųsta: 2020 m. lapkričio 2 d., pirmadienis 10:11\nKam: budi@pt.example\nTema: Penawaran 12\n\n"),
    ("Outlook Latvian", "FW: Penawaran 12", "________________________________\nNo: Ani Wijaya <ani@toko.example>\nNosūtīts: pirmdiena, 2020. gada 2. novembris 10:11\nKam: budi@pt.example\nTēma: Penawaran 12\n\n"),
    ("Outlook Estonian", "FW: Penawaran 12", "________________________________\nSaatja: Ani Wijaya <ani@toko.example>\nSaatmisaeg: esmaspäev, 2. november 2020 10:11\nAdressaat: budi@pt.example\nTeema: Penawaran 12\n\n"),
    ("Outlook Slovak", "FW: Penawaran 12", "________________________________\nOd: Ani Wijaya <ani@toko.example>\nOdoslané: pondelok 2. novembra 2020 10:11\nKomu: budi@pt.example\nPredmet: Penawaran 12\n\n"),
    ("Outlook Catalan", "RV: Penawaran 12", "________________________________\nDe: Ani Wijaya <ani@toko.example>\nEnviat el: dilluns, 2 de novembre de 2020 10:11\nPer a: budi@pt.example\nTema: Penawaran 12\n\n"),
    ("Outlook Norwegian", "VS: Penawaran 12", "________________________________\nFra: Ani Wijaya <ani@toko.example>\nSendt: mandag 2. november 2020 10:11\nTil: budi@pt.example\nEmne: Penawaran 12\n\n"),
    ("Outlook Hindi", "FW: Penawaran 12", "________________________________\nप्रेषक: Ani Wijaya <ani@toko.example>\nभेजा गया: 02 नवंबर 2020 10:11\nप्रति: budi@pt.example\nविषय: Penawaran 12\n\n"),
    ("Outlook Farsi", "FW: Penawaran 12", "________________________________\nاز: Ani Wijaya <ani@toko.example>\nارسال شده: دوشنبه ۲ نوامبر ۲۰۲۰ ۱۰:۱۱\nبه: budi@pt.example\nموضوع: Penawaran 12\n\n"),
    ("Outlook Serbian", "FW: Penawaran 12", "________________________________\nPošiljalac: Ani Wijaya <ani@toko.example>\nPoslato: 2. novembar 2020. 10:11\nPrimalac: budi@pt.example\nTema: Penawaran 12\n\n"),
    ("Outlook Greek", "ΠΡΘ: Penawaran 12", "________________________________\nΑπό: Ani Wijaya <ani@toko.example>\nΑποστολή: Δευτέρα, 2 Νοεμβρίου 2020 10:11 πμ\nΠρος: budi@pt.example\nΘέμα: Penawaran 12\n\n"),
    ("Gmail Khmer", "Fwd: Penawaran 12", "---------- សារ\u200bបញ្ជូន\u200bបន្ត ---------\nពី៖ Ani Wijaya <ani@toko.example>\nកាលបរិច្ឆេទ៖ ច័ន្ទ 2 វិច្ឆិកា 2020 ម៉ោង 10:11\nប្រធានបទ៖ Penawaran 12\nទៅ៖ <budi@pt.example>\n\n"),
    ("Mail.ru", "Fwd: Penawaran 12", "-------- Пересылаемое сообщение --------\nОт: Ani Wijaya <ani@toko.example>\nКому: budi@pt.example\nДата: понедельник, 2 ноября 2020 г., 10:11 +00:00\nТема: Penawaran 12\n\n"),
    ("Yandex", "Fwd: Penawaran 12", "-------- Пересылаемое сообщение --------\n02.11.2020, 10:11, \"Ani Wijaya\" <ani@toko.example>:\n\n"),
    ("GMX", "Fwd: Penawaran 12", "Gesendet: Montag, 02. November 2020 um 10:11 Uhr\nVon: \"Ani Wijaya\" <ani@toko.example>\nAn: budi@pt.example\nBetreff: Penawaran 12\n\n"),
    ("T-Online", "Fwd: Penawaran 12", "-----Original-Nachricht-----\nBetreff: Penawaran 12\nDatum: 2020-11-02T10:11:00+0000\nVon: \"Ani Wijaya\" <ani@toko.example>\nAn: \"Budi\" <budi@pt.example>\n\n"),
    ("WP", "Fwd: Penawaran 12", "---------- Przekazana wiadomość ----------\nOd: \"Ani Wijaya\" <ani@toko.example>\nDo: budi@pt.example\nWysłano: 2 listopada 2020 10:11\nTemat: Penawaran 12\n\n"),
    ("Naver", "Fwd: Penawaran 12", "-----Original Message-----\nFrom: \"Ani Wijaya\"<ani@toko.example>\nTo: <budi@pt.example>;\nCc:\nSent: 2020-11-02 (월) 10:11:00 (GMT+00:00)\nSubject: Penawaran 12\n\n"),
    ("QQ", "转发：Penawaran 12", "------------------ 原始邮件 ------------------\n发件人: \"Ani Wijaya\" <ani@toko.example>;\n发送时间: 2020年11月2日(星期一) 上午10:11\n收件人: \"budi\"<budi@pt.example>;\n\n主题: Penawaran 12\n\n\n"),
    ("163", "Fw:Penawaran 12", "-------- 转发邮件信息 --------\n发件人：\"Ani Wijaya\" <ani@toko.example>\n发送日期：2020-11-02 10:11:00\n收件人：budi@pt.example\n主题：Penawaran 12\n"),
    ("Foxmail full", "转发: Penawaran 12", "发件人： ani@toko.example\n发送时间： 2020-11-02 10:11\n收件人： budi@pt.example\n主题： Penawaran 12\n\n"),
    ("Zimbra", "Fwd: Penawaran 12", "From: \"Ani Wijaya\" <ani@toko.example>\nTo: \"budi\" <budi@pt.example>\nSent: Monday, 2 November, 2020 10:11:00\nSubject: Penawaran 12\n\n"),
    ("Zimbra id", "Fwd: Penawaran 12", "Dari: \"Ani Wijaya\" <ani@toko.example>\nKepada: \"budi\" <budi@pt.example>\nTerkirim: Senin, 2 November 2020 10:11:00\nPerihal: Penawaran 12\n\n"),
    ("Evolution", "Fwd: Penawaran 12", "-------- Forwarded Message --------\nFrom: Ani Wijaya <ani@toko.example>\nTo: budi@pt.example\nSubject: Penawaran 12\nDate: Mon, 02 Nov 2020 10:11:00 +0000\n\n"),
    ("Mutt", "Fwd: Penawaran 12", "----- Forwarded message from Ani Wijaya <ani@toko.example> -----\n\nDate: Mon, 2 Nov 2020 10:11:00 +0000\nFrom: Ani Wijaya <ani@toko.example>\nTo: budi@pt.example\nSubject: Penawaran 12\n\n"),
    ("Alpine", "Penawaran 12 (fwd)", "---------- Forwarded message ----------\nDate: Mon, 2 Nov 2020 10:11:00 +0000\nFrom: Ani Wijaya <ani@toko.example>\nTo: budi@pt.example\nSubject: Penawaran 12\n\n"),
    ("Horde", "Fwd: Penawaran 12", "----- Forwarded message from Ani Wijaya <ani@toko.example> -----\n    Date: Mon, 02 Nov 2020 10:11:00 +0000\n    From: Ani Wijaya <ani@toko.example>\nSubject: Penawaran 12\n      To: budi@pt.example\n\n"),
    ("Horde id", "Fwd: Penawaran 12", "----- Pesan diteruskan dari Ani Wijaya <ani@toko.example> -----\n    Tanggal: Mon, 02 Nov 2020 10:11:00 +0000\n    Dari: Ani Wijaya <ani@toko.example>\n Perihal: Penawaran 12\n  Kepada: budi@pt.example\n\n"),
    ("SquirrelMail", "[Fwd: Penawaran 12]", "---------------------------- Original Message ----------------------------\nSubject: Penawaran 12\nFrom:    \"Ani Wijaya\" <ani@toko.example>\nDate:    Mon, November 2, 2020 10:11 am\nTo:      budi@pt.example\n--------------------------------------------------------------------------\n\n"),
    ("RainLoop", "Fwd: Penawaran 12", "\n-------- Forwarded message -------\nFrom: \"Ani Wijaya\" <ani@toko.example>\nTo: budi@pt.example\nSent: November 2, 2020 at 10:11 AM\nSubject: Penawaran 12\n"),
    ("Huawei/Xiaomi", "Fwd: Penawaran 12", "-------- Pesan asli --------\nDari: Ani Wijaya <ani@toko.example>\nTanggal: Sen, 2 Nov 2020 10.11\nKe: budi@pt.example\nSubjek: Penawaran 12\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "subject", "above"), [pytest.param(*row, id=row[0]) for row in ROWS])
def test_a_forward_of_this_program(name, subject, above):
    found = find_forward(subject, f"Tolong.\n\n{above}{TEXT}\n")
    assert found is not None
    assert [mailbox.address for mailbox in found.from_] == ["ani@toko.example"]
    assert [mailbox.address for mailbox in found.to] == ([] if name in NO_RECIPIENT else ["budi@pt.example"])
    assert found.subject == "Penawaran 12"
    assert found.sent_at_ms == (None if name in UNREADABLE_DAY else SENT_AT_MS)
    assert found.text == TEXT
    assert found.confidence >= CONFIDENT
