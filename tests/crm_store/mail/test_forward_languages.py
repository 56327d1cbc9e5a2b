"""A mail forwarded by hand, in every language of the tables: a row each, as programs print the header above it."""

from datetime import UTC, datetime

import pytest

from crm_store.mail.forward import CONFIDENT, find_forward
from crm_store.mail.languages.tables import LANGUAGES
from crm_store.mail.parsed_mail import Mailbox

ANI = Mailbox("Ani Wijaya", "ani@toko.example")
BUDI = Mailbox("", "budi@pt.example")
WHO = "Ani Wijaya <ani@toko.example>"
TEXT = "Halo Budi,\n\nini penawarannya."
SENT_AT_MS = int(datetime(2020, 11, 2, 10, 11, tzinfo=UTC).timestamp() * 1000)
GMAIL = "---------- {} ---------\n{}: Ani Wijaya <ani@toko.example>\n{}: {}\n{}: Penawaran 12\n{}: <budi@pt.example>\n"
APPLE = "{}:\n\n> {}: Ani Wijaya <ani@toko.example>\n> {}: Penawaran 12\n> {}: {}\n> {}: budi@pt.example\n>\n"
OUTLOOK = "________________________________\n{}: Ani Wijaya <ani@toko.example>\n{}: {}\n{}: budi@pt.example\n{}: Penawaran 12\n"
BARE = "{}: Ani Wijaya <ani@toko.example>\n{}: {}\n{}: budi@pt.example <budi@pt.example>\n{}: Penawaran 12\n"
BIRD = (
    "-------- {} --------\n{}: \tPenawaran 12\n{}: \t{}\n{}: \tAni Wijaya <ani@toko.example>\n{}: \tbudi@pt.example\n\n"
)

# language, program, subject of the forwarding mail, what stands above the mail
ROWS = [
    ("id", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Pesan yang diteruskan", "Dari", "Date", "Sen, 2 Nov 2020 pukul 10.11", "Subject", "To")),
    ("id", "Outlook", "Trs: Penawaran 12", OUTLOOK.format("Dari", "Dikirim", "Senin, 02 November 2020 10:11", "Kepada", "Subjek")),
    ("id", "Apple Mail", "Fwd: Penawaran 12", APPLE.format("Mulai pesan yang diteruskan", "Dari", "Perihal", "Tanggal", "2 November 2020 10.11", "Kepada")),
    ("id", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Pesan Diteruskan", "Subjek", "Tanggal", "Sen, 2 Nov 2020 10:11:00 +0000", "Dari", "Kepada")),
    ("id", "Roundcube", "Fwd: Penawaran 12", "-------- Pesan Asli --------\nSubjek: Penawaran 12\nTanggal: 02.11.2020 10:11\nDari: Ani Wijaya <ani@toko.example>\nKe: budi@pt.example\n"),
    ("id", "Yahoo", "Trs: Penawaran 12", '----- Pesan yang Diteruskan ----- Dari: Ani Wijaya <ani@toko.example>Kepada: "budi@pt.example" <budi@pt.example>Terkirim: Senin, 2 November 2020 10.11.00 UTCJudul: Penawaran 12\n'),
    ("ms", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Mesej yang dimajukan", "Daripada", "Tarikh", "Isn, 2 Nov 2020 pada 10:11 PG", "Subjek", "Kepada")),
    ("ms", "Outlook", "FW: Penawaran 12", OUTLOOK.format("Daripada", "Dihantar", "Isnin, 2 November 2020 10:11 AM", "Kepada", "Perkara")),
    ("fil", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Naipasang mensahe", "Mula kay", "Petsa", "Lun, Nobyembre 2, 2020 nang 10:11 AM", "Paksa", "Para kay")),
    ("en", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Forwarded message", "From", "Date", "Mon, Nov 2, 2020 at 10:11 AM", "Subject", "To")),
    ("en", "Outlook desktop", "FW: Penawaran 12", "From: Ani Wijaya [mailto:ani@toko.example]\nSent: Monday, November 2, 2020 10:11 AM\nTo: budi@pt.example\nSubject: Penawaran 12\n"),
    ("en", "Outlook, bold", "FW: Penawaran 12", f"*From:* {WHO}\n*Sent:* 2 November 2020 10:11\n*To:* budi@pt.example\n*Subject:* Penawaran 12\n"),
    ("en", "Outlook, text", "FW: Penawaran 12", f"-----Original Message-----\nFrom: {WHO}\nSent: Monday, November 2, 2020 10:11 AM\nTo: budi@pt.example\nSubject: Penawaran 12\n"),
    ("en", "ProtonMail", "Fw: Penawaran 12", f"------- Forwarded Message -------\nFrom: {WHO}\nDate: On Monday, November 2nd, 2020 at 10:11 AM\nSubject: Penawaran 12\nTo: budi@pt.example\n"),
    ("en", "Lotus Notes", "Fw: Penawaran 12", f"----- Forwarded by Budi/PT on 11/03/2020 09:00 AM -----\n\nFrom:\t{WHO}\nTo:\tbudi@pt.example\nDate:\t11/02/2020 10:11 AM\nSubject:\tPenawaran 12\n"),
    ("en", "HTML with the value below", "Fwd: Penawaran 12", f"Begin forwarded message:\n\nFrom:\n{WHO}\n\nDate:\n2 November 2020 at 10:11\n\nTo:\nbudi@pt.example\n\nSubject:\nPenawaran 12\n"),
    ("de", "Outlook", "WG: Penawaran 12", OUTLOOK.format("Von", "Gesendet", "Montag, 2. November 2020 10:11", "An", "Betreff")),
    ("de", "Apple Mail", "Fwd: Penawaran 12", APPLE.format("Anfang der weitergeleiteten Nachricht", "Von", "Betreff", "Datum", "2. November 2020 um 11:11:00 MEZ", "An")),
    ("nl", "Apple Mail", "Fwd: Penawaran 12", APPLE.format("Begin doorgestuurd bericht", "Van", "Onderwerp", "Datum", "2 november 2020 om 11:11:00 CET", "Aan")),
    ("af", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Aangestuurde boodskap", "Van", "Datum", "Ma. 02 Nov. 2020 om 10:11", "Onderwerp", "Aan")),
    ("sv", "Outlook", "VB: Penawaran 12", OUTLOOK.format("Från", "Skickat", "den 2 november 2020 10:11", "Till", "Ämne")),
    ("da", "Outlook", "VS: Penawaran 12", BIRD.format("Videresendt meddelelse", "Emne", "Dato", "2. november 2020 10:11", "Fra", "Til")),
    ("nb", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Videresendt melding", "Emne", "Dato", "Mon, 2 Nov 2020 11:11:00 +0100", "Fra", "Til")),
    ("is", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Áframsent skeyti", "Frá", "Dagsetning", "mán., 2. nóv. 2020 kl. 10:11", "Efni", "Til")),
    ("fr", "Outlook", "TR: Penawaran 12", BARE.format("De ", "Envoyé ", "lundi 2 novembre 2020 10:11", "À ", "Objet ")),
    ("fr", "Apple Mail", "Tr: Penawaran 12", APPLE.format("Début du message transféré ", "De ", "Objet ", "Date ", "2 novembre 2020 à 11:11:00 UTC+1", "À ")),
    ("es", "Outlook", "RV: Penawaran 12", OUTLOOK.format("De", "Enviado", "lunes, 2 de noviembre de 2020 10:11", "Para", "Asunto")),
    ("pt", "Outlook in Brazil", "ENC: Penawaran 12", OUTLOOK.format("De", "Enviado", "segunda-feira, 2 de novembro de 2020 10:11", "Para", "Assunto")),
    ("pt", "Apple Mail", "Fwd: Penawaran 12", APPLE.format("Início da mensagem reencaminhada", "De", "Assunto", "Data", "2 de novembro de 2020 às 10:11:00 WET", "Para")),
    ("it", "Outlook", "I: Penawaran 12", OUTLOOK.format("Da", "Inviato", "lunedì 2 novembre 2020 10:11", "A", "Oggetto")),
    ("ro", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Mesaj redirecționat", "De la", "Data", "lun., 2 nov. 2020 la 10:11", "Subiect", "Către")),
    ("ca", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Missatge reenviat", "Assumpte", "Data", "2 de novembre de 2020 10:11", "De", "A")),
    ("ru", "Outlook", "FW: Penawaran 12", OUTLOOK.format("От", "Отправлено", "2 ноября 2020 г. 10:11", "Кому", "Тема")),
    ("ru", "Mail.ru", "Fwd: Penawaran 12", "-------- Пересылаемое сообщение --------\nОт кого: Ani Wijaya <ani@toko.example>\nКому: budi@pt.example\nДата: Понедельник, 2 ноября 2020, 13:11 +03:00\nТема: Penawaran 12\n"),
    ("uk", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Переслане повідомлення", "Від", "Дата", "пн, 2 лист. 2020 р. о 10:11", "Тема", "Кому")),
    ("be", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Перасланае паведамленне", "Тэма", "Дата", "2 лістапада 2020 10:11", "Ад", "Каму")),
    ("pl", "Outlook", "PD: Penawaran 12", OUTLOOK.format("Od", "Wysłane", "poniedziałek, 2 listopada 2020 10:11", "Do", "Temat")),
    ("cs", "Apple Mail", "Fwd: Penawaran 12", APPLE.format("Začátek přeposílané zprávy", "Od", "Předmět", "Datum", "2. listopadu 2020 11:11:00 SEČ +0100", "Komu")),
    ("sk", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Preposlaná správa", "Od", "Dátum", "po 2. 11. 2020 o 10:11", "Predmet", "Komu")),
    ("hr", "Apple Mail", "Fwd: Penawaran 12", APPLE.format("Započni proslijeđenu poruku", "Šalje", "Predmet", "Datum", "2. studenoga 2020. u 10:11:00", "Prima")),
    ("sr", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Прослеђена порука", "Од", "Датум", "пон, 2. нов 2020. у 10:11", "Наслов", "За")),
    ("sl", "Outlook", "PS: Penawaran 12", OUTLOOK.format("Od", "Poslano", "2. november 2020 10:11", "Za", "Zadeva")),
    ("bg", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Препратено съобщение", "От", "Дата", "пн, 2.11.2020 г. в 10:11", "Тема", "До")),
    ("mk", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Препратена порака", "Наслов", "Датум", "2 ноември 2020 10:11", "Од", "До")),
    ("lt", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Persiųstas laiškas", "Tema", "Data", "2020-11-02 10:11", "Nuo", "Kam")),
    ("lv", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Pārsūtītais ziņojums", "No", "Datums", "pirmd., 2020. g. 2. nov., plkst. 10:11", "Temats", "Kam")),
    ("et", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Edastatud kiri", "Teema", "Kuupäev", "E, 2. november 2020 10:11", "Saatja", "Saaja")),
    ("fi", "Outlook", "VL: Penawaran 12", OUTLOOK.format("Lähettäjä", "Lähetetty", "maanantai 2. marraskuuta 2020 10.11", "Vastaanottaja", "Aihe")),
    ("hu", "Outlook", "TOV: Penawaran 12", OUTLOOK.format("Feladó", "Elküldve", "2020. november 2., hétfő 10:11", "Címzett", "Tárgy")),
    ("el", "Outlook", "ΠΡΘ: Penawaran 12", OUTLOOK.format("Από", "Στάλθηκε", "Δευτέρα, 2 Νοεμβρίου 2020 10:11 πμ", "Προς", "Θέμα")),
    ("sq", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Mesazh i Përcjellë", "Subjekti", "Data", "2 nëntor 2020 10:11", "Nga", "Për")),
    ("tr", "Outlook", "İLT: Penawaran 12", OUTLOOK.format("Kimden", "Gönderildi", "2 Kasım 2020 Pazartesi 10:11", "Kime", "Konu")),
    ("az", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Yönləndirilmiş mesaj", "Mövzu", "Tarix", "2 noyabr 2020 10:11", "Kimdən", "Kimə")),
    ("he", "Gmail", "Fwd: Penawaran 12", GMAIL.format("הודעה שהועברה", "‫מאת", "תאריך", "יום ב׳, 2 בנוב׳ 2020 ב-10:11", "נושא", "אל")),
    ("ar", "Gmail", "Fwd: Penawaran 12", GMAIL.format("رسالة مُعاد توجيهها", "‏من", "التاريخ", "الاثنين، 2 نوفمبر 2020 في 10:11 ص", "الموضوع", "إلى")),
    ("fa", "Gmail", "Fwd: Penawaran 12", GMAIL.format("پیام هدایت‌شده", "از", "تاریخ", "دوشنبه ۲ نوامبر ۲۰۲۰ ساعت ۱۰:۱۱", "موضوع", "به")),
    ("ka", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("გადაგზავნილი წერილი", "თემა", "თარიღი", "2 ნოემბერი 2020 10:11", "გამომგზავნი", "მიმღები")),
    ("sw", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Ujumbe uliosambazwa", "Kutoka", "Tarehe", "Jtt, 2 Nov 2020, saa 10:11", "Mada", "Kwa")),
    ("zh-Hans", "Outlook", "转发: Penawaran 12", OUTLOOK.format("发件人", "发送时间", "2020年11月2日 10:11", "收件人", "主题")),
    ("zh-Hans", "QQ", "转发：Penawaran 12", '------------------ 原始邮件 ------------------\n发件人: "Ani Wijaya"<ani@toko.example>;\n发送时间: 2020年11月2日(星期一) 上午10:11\n收件人: <budi@pt.example>;\n主题: Penawaran 12\n'),
    ("zh-Hant", "Outlook", "轉寄: Penawaran 12", OUTLOOK.format("寄件者", "寄件日期", "2020年11月2日 上午 10:11", "收件者", "主旨")),
    ("ja", "Apple Mail", "Fwd: Penawaran 12", APPLE.format("転送されたメッセージ", "差出人", "件名", "日付", "2020年11月2日 19:11:00 JST", "宛先")),
    ("ko", "Outlook", "전달: Penawaran 12", OUTLOOK.format("보낸 사람", "보낸 날짜", "2020년 11월 2일 월요일 오전 10:11", "받는 사람", "제목")),
    ("vi", "Apple Mail", "Fwd: Penawaran 12", APPLE.format("Bắt đầu thư được chuyển tiếp", "Từ", "Chủ đề", "Ngày", "17:11:00 GMT+7 2 tháng 11, 2020", "Đến")),
    ("th", "Outlook", "FW: Penawaran 12", OUTLOOK.format("จาก", "ส่ง", "2 พฤศจิกายน 2563 10:11", "ถึง", "เรื่อง")),
    ("hi", "Gmail", "Fwd: Penawaran 12", GMAIL.format("अग्रेषित संदेश", "प्रेषक", "दिनांक", "सोम, 2 नव॰ 2020 को 10:11 बजे", "विषय", "प्रति")),
    ("bn", "Gmail", "Fwd: Penawaran 12", GMAIL.format("ফরোয়ার্ড করা মেসেজ", "প্রেরক", "তারিখ", "সোম, ২ নভেম্বর, ২০২০ ১০:১১", "বিষয়", "প্রতি")),
    ("ta", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("முன்னனுப்பப்பட்ட செய்தி", "பொருள்", "தேதி", "2 நவம்பர் 2020 10:11", "அனுப்புநர்", "பெறுநர்")),
    ("gl", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Mensaxe reenviada", "De", "Data", "luns, 2 de nov. de 2020 ás 10:11", "Asunto", "Para")),
    ("eu", "Gmail", "Fwd: Penawaran 12", GMAIL.format("Birbidalitako mezua", "Nork", "Data", "2020 aza. 2, al. (10:11)", "Gaia", "Nori")),
    ("kk", "Outlook", "FW: Penawaran 12", OUTLOOK.format("Кімнен", "Жіберілді", "2 қараша 2020 ж. 10:11", "Кімге", "Тақырып")),
    ("hy", "Thunderbird", "Fwd: Penawaran 12", BIRD.format("Փոխանցված նամակ", "Թեմա", "Ամսաթիվ", "2 նոյեմբեր 2020 10:11", "Ումից", "Ում")),
    ("ur", "Gmail", "Fwd: Penawaran 12", GMAIL.format("فارورڈ کردہ پیغام", "منجانب", "تاریخ", "پیر، 2 نومبر، 2020 کو 10:11", "موضوع", "بنام")),
    ("mr", "Gmail", "Fwd: Penawaran 12", GMAIL.format("अग्रेषित संदेश", "प्रेषक", "दिनांक", "सोम, २ नोव्हें, २०२० रोजी १०:११", "विषय", "प्रति")),
    ("te", "Gmail", "Fwd: Penawaran 12", GMAIL.format("ఫార్వార్డ్ చేసిన మెసేజ్", "పంపినవారు", "తేదీ", "సోమ, 2 నవం, 2020 10:11", "విషయం", "వీరికి")),
]  # fmt: skip
CASES = [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in ROWS]


def marked(header, text):
    """Apple marks the text as it marks the header."""
    return "\n".join(f"> {line}" for line in text.split("\n")) if "\n> " in header else text


def test_every_language_has_a_row():
    assert {row[0] for row in ROWS} == {language.code for language in LANGUAGES}


@pytest.mark.parametrize(("_code", "_program", "subject", "header"), CASES)
def test_a_forward(_code, _program, subject, header):
    found = find_forward(subject, f"{header}\n{marked(header, TEXT)}\n")
    assert found is not None
    assert (found.from_, found.to, found.cc) == ((ANI,), (BUDI,), ())
    assert (found.subject, found.sent_at_ms) == ("Penawaran 12", SENT_AT_MS)
    assert found.text == TEXT
    assert found.confidence >= CONFIDENT


@pytest.mark.parametrize(("_code", "_program", "subject", "header"), CASES)
def test_a_forward_below_words_of_the_forwarder(_code, _program, subject, header):
    found = find_forward(subject, f"Tolong ditangani.\n\nTerima kasih,\nCitra\n\n{header}\n{marked(header, 'Halo.')}")
    assert found is not None
    assert (found.from_, found.text) == ((ANI,), "Halo.")


@pytest.mark.parametrize(("_code", "_program", "_subject", "header"), CASES)
def test_an_answer_with_such_a_header_is_no_sure_forward(_code, _program, _subject, header):
    found = find_forward("Re: Penawaran 12", f"Setuju.\n\n{header}\n{marked(header, 'Halo.')}")
    assert found is None or found.confidence < CONFIDENT
