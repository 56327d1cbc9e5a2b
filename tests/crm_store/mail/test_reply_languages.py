"""An answer above a quoted mail, in every language of the tables: a row each, as programs print the line between."""

import re
import textwrap

import pytest

from crm_store.mail.languages.tables import LANGUAGES
from crm_store.mail.reply import split_reply

# language, program, the author's own words, the attribution line
ROWS = [
    ("id", "Gmail", "Baik Bu, terima kasih.", "Pada tanggal Sen, 2 Nov 2020 pukul 10.11 Ani Wijaya <ani@toko.example> menulis:"),
    ("id", "Gmail, newer", "Baik.", "Pada Sel, 3 Nov 2020 pukul 10:11 Ani <ani@toko.example> menulis:"),
    ("id", "Apple Mail", "Setuju, lanjutkan.", "Pada 2 Nov 2020, pukul 10.11, Ani Wijaya <ani@toko.example> menulis:"),
    ("id", "Yahoo", "Siap Pak", "Pada Senin, 2 November 2020 10.11.05 WIB, Ani Wijaya <ani@toko.example> menulis:"),
    ("id", "Thunderbird", "Sudah saya kirim.", "Pada 02/11/2020 10.11, Ani Wijaya menulis:"),
    ("id", "a name only", "Ya.", "Ani Wijaya menulis:"),
    ("ms", "Gmail", "Terima kasih.", "Pada Isn, 2 Nov 2020 pada 10:11 PG Siti <siti@kedai.example> menulis:"),
    ("ms", "Apple Mail", "Baiklah.", "Pada 2 Nov 2020, jam 10:11 pagi, Siti Aminah <siti@kedai.example> menulis:"),
    ("fil", "Gmail", "Salamat po.", "Noong Lun, Nob 2, 2020 nang 10:11 AM, sinulat ni Ana <ana@tindahan.example> ang:"),
    ("en", "Gmail", "Thanks!", "On Mon, Nov 2, 2020 at 10:11 AM Ann Lee <ann@shop.example> wrote:"),
    ("en", "Apple Mail", "Thanks!", "On 2 Nov 2020, at 10:11, Ann Lee <ann@shop.example> wrote:"),
    ("en", "Outlook for iOS", "Thanks!", 'On Mon, Nov 2, 2020 at 10:11 AM +0700, "Ann Lee" <ann@shop.example> wrote:'),
    ("en", "Yahoo", "Thanks!", "On Monday, November 2, 2020, 10:11:05 AM GMT+7, Ann Lee <ann@shop.example> wrote:"),
    ("en", "Yahoo classic", "Thanks!", "--- On Mon, 11/2/20, Ann Lee <ann@shop.example> wrote:"),
    ("en", "Thunderbird", "Thanks!", "On 02/11/2020 10:11, Ann Lee wrote:"),
    ("en", "mutt", "Thanks!", "On Mon, Nov 02, 2020 at 10:11:05AM +0700, Ann Lee wrote:"),
    ("en", "ProtonMail", "Thanks!", "On Monday, November 2nd, 2020 at 10:11 AM, Ann Lee <ann@shop.example> wrote:"),
    ("en", "an address only", "Thanks!", "ann@shop.example writes:"),
    ("de", "Gmail", "Danke!", "Am Mo., 2. Nov. 2020 um 10:11 Uhr schrieb Anna Groß <anna@laden.example>:"),
    ("de", "Thunderbird", "Danke!", "Am 02.11.20 um 10:11 schrieb Anna Groß:"),
    ("de", "Apple Mail", "Danke!", "Am 02.11.2020 um 10:11 schrieb Anna Groß <anna@laden.example>:"),
    ("nl", "Gmail", "Dank je!", "Op ma 2 nov. 2020 om 10:11 schreef Anna Bos <anna@winkel.example>:"),
    ("nl", "Apple Mail", "Dank je!", "Op 2 nov. 2020, om 10:11 heeft Anna Bos <anna@winkel.example> het volgende geschreven:"),
    ("af", "Gmail", "Dankie!", "Op Ma. 02 Nov. 2020 om 10:11 het Anna <anna@winkel.example> geskryf:"),
    ("sv", "Gmail", "Tack!", "Den mån 2 nov. 2020 kl 10:11 skrev Anna Ek <anna@butik.example>:"),
    ("sv", "Apple Mail", "Tack!", "2 nov. 2020 kl. 10:11 skrev Anna Ek <anna@butik.example>:"),
    ("da", "Gmail", "Tak!", "Den man. 2. nov. 2020 kl. 10.11 skrev Anna Holm <anna@butik.example>:"),
    ("nb", "Gmail", "Takk!", "man. 2. nov. 2020 kl. 10:11 skrev Anna Berg <anna@butikk.example>:"),
    ("is", "Gmail", "Takk!", "Þann mán., 2. nóv. 2020 kl. 10:11 skrifaði Anna <anna@bud.example>:"),
    ("fr", "Gmail", "Merci !", "Le lun. 2 nov. 2020 à 10:11, Anne Roux <anne@magasin.example> a écrit :"),
    ("fr", "Thunderbird", "Merci !", "Le 02/11/2020 à 10:11, Anne Roux a écrit :"),
    ("es", "Gmail", "¡Gracias!", "El lun, 2 nov 2020 a las 10:11, Ana Ruiz (<ana@tienda.example>) escribió:"),
    ("es", "Apple Mail", "¡Gracias!", "El 2 nov 2020, a las 10:11, Ana Ruiz <ana@tienda.example> escribió:"),
    ("pt", "Gmail", "Obrigado!", "Em seg., 2 de nov. de 2020 às 10:11, Ana Reis <ana@loja.example> escreveu:"),
    ("pt", "Yahoo", "Obrigado!", "Em segunda-feira, 2 de novembro de 2020 10:11:05 BRT, Ana Reis <ana@loja.example> escreveu:"),
    ("pt", "Gmail in Portugal", "Obrigado!", "Ana Reis <ana@loja.example> escreveu no dia segunda, 2/11/2020 à(s) 10:11:"),
    ("it", "Gmail", "Grazie!", "Il giorno lun 2 nov 2020 alle ore 10:11 Anna Riva <anna@negozio.example> ha scritto:"),
    ("it", "Apple Mail", "Grazie!", "Il giorno 2 nov 2020, alle ore 10:11, Anna Riva <anna@negozio.example> ha scritto:"),
    ("ro", "Gmail", "Mulțumesc!", "În lun., 2 nov. 2020 la 10:11, Ana Pop <ana@magazin.example> a scris:"),
    ("ca", "Gmail", "Gràcies!", "Missatge de Anna <anna@botiga.example> del dia dl., 2 de nov. 2020 a les 10:11:"),
    ("ru", "Gmail", "Спасибо!", "пн, 2 нояб. 2020 г. в 10:11, Анна <anna@lavka.example>:"),
    ("ru", "Mail.ru", "Спасибо!", "Понедельник, 2 ноября 2020, 10:11 +03:00 от Анна <anna@lavka.example>:"),
    ("ru", "Yandex", "Спасибо!", '02.11.2020, 10:11, "Анна" <anna@lavka.example>:'),
    ("ru", "Thunderbird", "Спасибо!", "02.11.2020 10:11, Анна пишет:"),
    ("uk", "Gmail", "Дякую!", "пн, 2 лист. 2020 р. о 10:11 Ганна <hanna@kramnytsia.example> пише:"),
    ("be", "Gmail", "Дзякуй!", "пн, 2 ліс 2020 г. у 10:11 Ганна <hanna@krama.example> піша:"),
    ("pl", "Gmail", "Dziękuję!", "pon., 2 lis 2020 o 10:11 Anna Nowak <anna@sklep.example> napisał(a):"),
    ("pl", "Onet", "Dziękuję!", "W dniu 2020-11-02 10:11:05 użytkownik Anna Nowak <anna@sklep.example> napisał:"),
    ("cs", "Gmail", "Díky!", "po 2. 11. 2020 v 10:11 odesílatel Anna Malá <anna@obchod.example> napsal:"),
    ("cs", "Thunderbird", "Díky!", "Dne 02. 11. 20 v 10:11 Anna Malá napsal(a):"),
    ("sk", "Gmail", "Vďaka!", "po 2. 11. 2020 o 10:11 Anna <anna@obchod.example> napísal(a):"),
    ("hr", "Gmail", "Hvala!", "pon, 2. stu 2020. u 10:11 Ana <ana@trgovina.example> napisao je:"),
    ("sr", "Gmail", "Хвала!", "пон, 2. нов 2020. у 10:11 Ана <ana@radnja.example> је написао/ла:"),
    ("sl", "Gmail", "Hvala!", "V V pon., 2. nov. 2020 ob 10:11 je oseba Ana <ana@trgovina.example> napisala:"),
    ("bg", "Gmail", "Благодаря!", "На пн, 2.11.2020 г. в 10:11 Анна <anna@magazin.example> написа:"),
    ("mk", "Gmail", "Благодарам!", "На пон., 2 ное. 2020 во 10:11 Ана <ana@prodavnica.example> напиша:"),
    ("lt", "Gmail", "Ačiū!", "2020-11-02, pr, 10:11 Ona <ona@parduotuve.example> rašė:"),
    ("lv", "Gmail", "Paldies!", "pirmd., 2020. g. 2. nov., plkst. 10:11 — lietotājs Anna (<anna@veikals.example>) rakstīja:"),
    ("et", "Gmail", "Aitäh!", "Kuupäev E, 2. november 2020 kell 10:11 kirjutas Anna <anna@pood.example>:"),
    ("fi", "Gmail", "Kiitos!", "ma 2. marrask. 2020 klo 10.11 Anna Aho (anna@kauppa.example) kirjoitti:"),
    ("fi", "Apple Mail", "Kiitos!", "Anna Aho <anna@kauppa.example> kirjoitti 2.11.2020 kello 10.11:"),
    ("hu", "Gmail", "Köszönöm!", "Kiss Anna <anna@bolt.example> ezt írta (időpont: 2020. nov. 2., H, 10:11):"),
    ("hu", "Thunderbird", "Köszönöm!", "2020. 11. 02. 10:11 keltezéssel, Kiss Anna írta:"),
    ("el", "Gmail", "Ευχαριστώ!", "Στις Δευ, 2 Νοε 2020 στις 10:11 π.μ., ο χρήστης Άννα <anna@magazi.example> έγραψε:"),
    ("sq", "Gmail", "Faleminderit!", "Më hën, 2 nën 2020 në 10:11 Ana <ana@dyqan.example> shkroi:"),
    ("tr", "Gmail", "Teşekkürler!", "Ayşe <ayse@dukkan.example>, 2 Kas 2020 Pzt, 10:11 tarihinde şunu yazdı:"),
    ("az", "Gmail", "Təşəkkürlər!", "Ayşə <ayse@dukan.example>, 2 noy 2020, 10:11 tarixində yazdı:"),
    ("he", "Gmail", "תודה!", "‫בתאריך יום ב׳, 2 בנוב׳ 2020 ב-10:11 מאת ‪Anna‬‏ <‪anna@hanut.example‬‏>:‬"),
    ("ar", "Gmail", "شكرا!", "في الاثنين، 2 نوفمبر 2020 في 10:11 ص تمت كتابة ما يلي بواسطة ‪Anna‬‏ <‪anna@dukkan.example‬‏>:"),
    ("fa", "Gmail", "ممنون!", "در تاریخ دوشنبه ۲ نوامبر ۲۰۲۰ ساعت ۱۰:۱۱ Anna <anna@maghaze.example> نوشت:"),
    ("ka", "Gmail", "მადლობა!", "ორშ, 2 ნოე. 2020, 10:11 Anna <anna@maghazia.example> დაწერა:"),
    ("sw", "Gmail", "Asante!", "Mnamo Jtt, 2 Nov 2020, saa 10:11 Anna <anna@duka.example> aliandika:"),
    ("zh-Hans", "Gmail", "谢谢！", "安娜 <anna@shangdian.example> 于2020年11月2日周一 10:11写道："),
    ("zh-Hans", "Apple Mail", "谢谢！", "在 2020年11月2日，10:11，安娜 <anna@shangdian.example> 写道："),
    ("zh-Hant", "Gmail", "謝謝！", "安娜 <anna@shangdian.example> 於 2020年11月2日 週一 上午10:11寫道："),
    ("ja", "Gmail", "ありがとう。", "2020年11月2日(月) 10:11 アンナ <anna@mise.example>:"),
    ("ja", "Apple Mail", "ありがとう。", "2020/11/02 10:11、アンナ <anna@mise.example>のメール:"),
    ("ko", "Gmail", "감사합니다.", "2020년 11월 2일 (월) 오전 10:11, 안나 <anna@gage.example>님이 작성:"),
    ("vi", "Gmail", "Cảm ơn!", "Vào Th 2, 2 thg 11, 2020 vào lúc 10:11 Anna <anna@cuahang.example> đã viết:"),
    ("th", "Gmail", "ขอบคุณ", "ในวันที่ จ. 2 พ.ย. 2020 เวลา 10:11 Anna <anna@raan.example> เขียนว่า:"),
    ("hi", "Gmail", "धन्यवाद!", "सोम, 2 नव॰ 2020 को 10:11 बजे को Anna <anna@dukaan.example> ने लिखा:"),
    ("bn", "Gmail", "ধন্যবাদ!", "সোম, ২ নভে, ২০২০ তারিখে ১০:১১ টায় Anna <anna@dokan.example> লিখেছেন:"),
    ("ta", "Gmail", "நன்றி!", "திங்., 2 நவ., 2020, முற்பகல் 10:11 அன்று, Anna <anna@kadai.example> எழுதியது:"),
    ("gl", "Gmail", "Grazas!", "O luns, 2 de novembro de 2020 ás 10:11, Ana (<ana@tenda.example>) escribiu:"),
    ("eu", "Gmail", "Eskerrik asko!", "Ane erabiltzaileak (<ane@denda.example>) hau idatzi du (2020 aza. 2, al. (10:11)):"),
    ("kk", "Gmail", "Рахмет!", "дс, 2020 ж. 2 қар. 10:11 Anna <anna@duken.example> былай деп жазды:"),
    ("hy", "Apple Mail", "Շնորհակալություն!", "2 նոյ, 2020 թ․, 10:11 Anna <anna@khanut.example> գրել է:"),
    ("ur", "Gmail", "شکریہ!", "پیر، 2 نومبر، 2020 کو 10:11 AM بجے Anna <anna@dukan.example> نے لکھا:"),
    ("mr", "Gmail", "धन्यवाद!", "सोम, २ नोव्हें, २०२० रोजी १०:११ म.पू. वाजता Anna <anna@dukan.example> ने लिहिले:"),
    ("te", "Gmail", "ధన్యవాదాలు!", "సోమ, 2 నవం, 2020న 10:11 AMకి Anna <anna@angadi.example> ఇలా రాసారు:"),
]  # fmt: skip
CASES = [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in ROWS]


def test_every_language_has_a_row():
    assert {row[0] for row in ROWS} == {language.code for language in LANGUAGES}


@pytest.mark.parametrize(("_code", "_program", "own", "attribution"), CASES)
def test_the_answer_above_marked_lines(_code, _program, own, attribution):
    split = split_reply(f"{own}\n\n{attribution}\n\n> Halo,\n> apa kabar?\n")
    assert (split.reply_text, split.signature) == (own, "")
    assert split.quoted_text == f"{attribution}\n\n> Halo,\n> apa kabar?"


# Without a day, only the marks tell it from a sentence.
@pytest.mark.parametrize(
    ("own", "attribution"),
    [pytest.param(*row[2:], id=f"{row[0]} {row[1]}") for row in ROWS if re.search(r"\d", row[3])],
)
def test_the_answer_above_lines_that_nothing_marks(own, attribution):
    assert split_reply(f"{own}\n\n{attribution}\n\nHalo,\napa kabar?\n").reply_text == own


@pytest.mark.parametrize("width", [40, 60])
@pytest.mark.parametrize(("_code", "_program", "own", "attribution"), CASES)
def test_the_line_may_be_wrapped(_code, _program, own, attribution, width):
    wrapped = "\n".join(textwrap.wrap(attribution, width, break_on_hyphens=False))
    assert split_reply(f"{own}\n\n{wrapped}\n\n> Halo\n").reply_text == own


@pytest.mark.parametrize(("_code", "_program", "own", "attribution"), CASES)
def test_answers_below_and_between_stay(_code, _program, own, attribution):
    split = split_reply(f"{attribution}\n> Bisa hari Senin?\n{own}\n> Jam berapa?\n\nJam 10.\n")
    assert split.reply_text == f"{own}\n\nJam 10."
    assert split.quoted_text == f"{attribution}\n> Bisa hari Senin?\n\n> Jam berapa?"


# What phones and programs add below, one row a language at least
DEVICES = [
    ("id", "Dikirim dari iPhone saya"),
    ("id", "Dikirim dari Yahoo Mail di Android"),
    ("id", "Terkirim dari ponsel cerdas Samsung Galaxy."),
    ("id", "Dapatkan Outlook untuk Android<https://aka.ms/ghei36>"),
    ("id", "Powered by Telkomsel BlackBerry®"),
    ("ms", "Dihantar daripada iPhone saya"),
    ("en", "Sent from my iPhone"),
    ("en", "Sent from Mail for Windows 10"),
    ("en", "Get Outlook for iOS<https://aka.ms/o0ukef>"),
    ("de", "Von meinem iPhone gesendet"),
    ("de", "Gesendet von Mail für Windows"),
    ("nl", "Verstuurd vanaf mijn iPhone"),
    ("sv", "Skickat från min iPhone"),
    ("da", "Sendt fra min iPhone"),
    ("nb", "Sendt fra min iPad"),
    ("fr", "Envoyé de mon iPhone"),
    ("fr", "Télécharger Outlook pour Android"),
    ("es", "Enviado desde mi iPhone"),
    ("pt", "Enviado do meu iPhone"),
    ("it", "Inviato da iPhone"),
    ("ro", "Trimis de pe iPhone-ul meu"),
    ("ru", "Отправлено с iPhone"),
    ("uk", "Надіслано з iPhone"),
    ("pl", "Wysłane z iPhone'a"),
    ("cs", "Odesláno z iPhonu"),
    ("sk", "Odoslané z iPhonu"),
    ("hr", "Poslano s mog iPhone uređaja"),
    ("fi", "Lähetetty iPhonesta"),
    ("hu", "Elküldve az iPhone-omról"),
    ("el", "Στάλθηκε από το iPhone μου"),
    ("tr", "iPhone'umdan gönderildi"),
    ("he", "נשלח מה-iPhone שלי"),
    ("ar", "أُرسلت من الـ iPhone"),
    ("zh-Hans", "发自我的 iPhone"),
    ("zh-Hant", "從我的 iPhone 傳送"),
    ("ja", "iPhoneから送信"),
    ("ko", "나의 iPhone에서 보냄"),
    ("vi", "Đã gửi từ iPhone của tôi"),
    ("th", "ส่งจาก iPhone ของฉัน"),
]


@pytest.mark.parametrize(("_code", "line"), [pytest.param(*row, id=row[1]) for row in DEVICES])
def test_what_the_phone_adds_is_its_signature(_code, line):
    split = split_reply(f"Baik.\n\n{line}\n\nOn 2 Nov 2020, at 10:11, Ann <ann@shop.example> wrote:\n\n> Halo\n")
    assert (split.reply_text, split.signature) == ("Baik.", line)
