"""Russian, Ukrainian, Belarusian, Polish, Czech, Slovak, Croatian, Serbian, Slovene, Bulgarian, Macedonian."""

from crm_store.mail.languages.language import Language

SLAVIC = (
    Language(
        code="ru",
        author="От|От кого|Отправитель",
        to="Кому|Получатель|Для",
        cc="Копия|Копии|Скрытая",
        bcc="Скрытая копия|СК",
        date="Дата|Отправлено|Отправлен|Дата отправки|Послано|Когда",
        subject="Тема|Тема письма",
        reply_to="Ответить|Обратный адрес|Ответ на",
        other="Важность|Вложения",
        passed_on="Пересылаемое сообщение|Перенаправленное сообщение|Пересланное сообщение|"
        "Начало переадресованного сообщения|Начало пересланного сообщения|Переадресованное сообщение|"
        "Пересланное письмо|Пересылаемое письмо|Начало пересылаемого сообщения|Конец пересылаемого сообщения|"
        "Переслано|Пересылаемое сообщение от",
        original="Исходное сообщение|Оригинальное сообщение|Исходное письмо|Первоначальное сообщение|"
        "Предыдущее сообщение",
        wrote="написал|написала|пишет|написал(а)|написали|писал|писала|писали|написал (-а)",
        on="В|От|Дата",
        sent_from="Отправлено с|Отправлено из|Отправлено от|Послано с|Скачать Outlook для|Отправлено через|"
        "Получите Outlook для",
        represents="от имени",
        forward="ПЕР|Пересл|НА ПЕР|Пересылка",
        answer="Отв|Ответ|НА|HA",
        months="января/январь февраля/февраль марта/март апреля/апрель мая/май июня/июнь июля/июль августа/август "
        "сентября/сентябрь/сент октября/октябрь ноября/ноябрь декабря/декабрь",
    ),
    Language(
        code="uk",
        author="Від|Відправник|Від кого",
        to="Кому|До|Отримувач",
        cc="Копія|Копії",
        bcc="Прихована копія",
        date="Дата|Надіслано|Відправлено",
        subject="Тема",
        passed_on="Переслане повідомлення|Початок листа, що пересилається|Перенаправлене повідомлення|"
        "Пересланий лист|Початок пересланого повідомлення|Початок переадресованого повідомлення|"
        "Перенаправлений лист",
        original="Оригінальне повідомлення|Початкове повідомлення|Вихідне повідомлення|Оригінал повідомлення",
        wrote="пише|написав|написала|написав(-ла)|написав(ла)|писав|пишуть",
        on="В|Від|У|О",
        sent_from="Надіслано з|Відправлено з|Надіслано через|Отримайте Outlook для|Надіслано за допомогою",
        represents="від імені",
        forward="ПЕР|Пересл",
        answer="Відп|Відповідь",
        months="січня/січень лютого/лютий березня/березень квітня/квітень травня/травень червня/червень "
        "липня/липень серпня/серпень вересня/вересень жовтня/жовтень листопада/листопад грудня/грудень",
    ),
    Language(
        code="be",
        author="Ад",
        to="Каму",
        cc="Копія",
        date="Дата|Адпраўлена",
        subject="Тэма",
        passed_on="Перасланае паведамленне|Пераадрасаванае паведамленне",
        original="Арыгінальнае паведамленне|Зыходнае паведамленне",
        wrote="піша|напісаў|напісала",
        on="У|Ад",
        sent_from="Адпраўлена з",
        months="студзеня лютага сакавіка красавіка мая/траўня чэрвеня ліпеня жніўня верасня кастрычніка лістапада "
        "снежня",
    ),
    Language(
        code="pl",
        author="Od|Nadawca",
        to="Do|Adresat|Odbiorca|Dla",
        cc="DW|Dw|Kopia|Do wiadomości|Kopia do",
        bcc="UDW|Ukryta kopia|Ukryte do wiadomości",
        date="Data|Wysłano|Wysłane|Data wysłania",
        subject="Temat",
        reply_to="Odpowiedz do|Odpowiedź do",
        other="Ważność|Załączniki|Priorytet",
        passed_on="Treść przekazanej wiadomości|Przekazana wiadomość|Wiadomość przesłana dalej|"
        "Początek przekazywanej wiadomości|Przesłana dalej wiadomość|Przekazane przez|"
        "Początek przesłanej dalej wiadomości|Wiadomość przekazana|Początek przekazywanej wiadomości e-mail|"
        "Przekierowana wiadomość|Przesłana wiadomość|Początek przekazanej wiadomości",
        original="Wiadomość oryginalna|Oryginalna wiadomość|Treść oryginalnej wiadomości|Pierwotna wiadomość|"
        "Wiadomość pierwotna|Oryginalny termin|Treść wiadomości",
        wrote="napisał|napisała|napisał(a)|pisze|napisali|użytkownik|napisał/a|napisano",
        on="W dniu|Dnia|W|Dn.|Użytkownik",
        sent_from="Wysłano z|Wysłane z|Wysłano za pomocą|Wysłane przez|Pobierz program Outlook dla|Wysłano ze|"
        "Uzyskaj Outlook dla|Pobierz aplikację Outlook dla",
        represents="w imieniu",
        forward="PD|Przek|Przekaz",
        answer="Odp",
        months="stycznia/styczeń lutego/luty marca/marzec kwietnia/kwiecień maja/maj czerwca/czerwiec "
        "lipca/lipiec sierpnia/sierpień września/wrzesień/wrz października/październik/paź listopada/listopad "
        "grudnia/grudzień",
    ),
    Language(
        code="cs",
        author="Od|Odesílatel|Odesilatel",
        to="Komu|Pro|Příjemce",
        cc="Kopie|Kopie (CC)|Na vědomí",
        bcc="Skrytá kopie|Skrytá",
        date="Datum|Odesláno|Posláno",
        subject="Předmět|Věc",
        reply_to="Odpověď komu|Odpovědět komu|Odpověď na",
        other="Důležitost|Přílohy",
        passed_on="Přeposlaná zpráva|Přeposlaný e-mail|Začátek přeposílané zprávy|Začátek přeposlané zprávy|"
        "Předaná zpráva|Přeposláno|Začátek předávané zprávy|Přeposlaný email|Přeposlal|Předáno dál",
        original="Původní zpráva|Původní e-mail|Originální zpráva|Původní schůzka|Původní email",
        wrote="napsal|napsala|napsal(a)|napsal/a|píše|napsali|odesílatel",
        on="Dne|V|Dnes",
        sent_from="Odesláno z|Odesláno ze|Odesláno pomocí|Posláno z|Získat Outlook pro|Odesláno přes|"
        "Získejte Outlook pro",
        represents="jménem|za uživatele",
        forward="PŘ|Přep|Předáno",
        answer="Odp|Odpověď|O",
        months="ledna/leden/led února/únor/úno března/březen/bře dubna/duben/dub května/květen/kvě "
        "června/červen/čvn července/červenec/čvc srpna/srpen/srp září/zář října/říjen/říj listopadu/listopad/lis "
        "prosince/prosinec/pro",
    ),
    Language(
        code="sk",
        author="Od|Odosielateľ",
        to="Komu|Pre|Adresát|Príjemca",
        cc="Kópia|Kópia (CC)|Na vedomie",
        bcc="Skrytá kópia",
        date="Dátum|Odoslané|Poslané",
        subject="Predmet|Vec",
        passed_on="Preposlaná správa|Preposlaný e-mail|Začiatok preposielanej správy|Začiatok preposlanej správy|"
        "Odovzdaná správa|Preposlané|Ďalej zaslaná správa|Presmerovaná správa",
        original="Pôvodná správa|Originálna správa|Pôvodný e-mail",
        wrote="napísal|napísala|napísal(a)|napísal/a|píše|napísali|odosielateľ",
        on="Dňa|V|Dna",
        sent_from="Odoslané z|Odoslané zo|Odoslané pomocou|Poslané z|Získať Outlook pre|Odoslané cez",
        represents="v mene",
        forward="PD|Prep|Preposlané",
        answer="Odp|Odpoveď",
        months="januára/január februára/február marca/marec apríla/apríl mája/máj júna/jún júla/júl "
        "augusta/august septembra/september októbra/október novembra/november decembra/december",
    ),
    Language(
        code="hr",
        author="Od|Šalje|Pošiljatelj|Pošiljalac",
        to="Za|Prima|Primatelj|Kome",
        cc="Kopija|Na znanje|Cc",
        bcc="Skrivena kopija",
        date="Datum|Poslano|Poslato",
        subject="Predmet|Naslov|Tema",
        passed_on="Proslijeđena poruka|Započni proslijeđenu poruku|Početak proslijeđene poruke|Proslijeđeno|"
        "Prosljeđena poruka|Započinje proslijeđena poruka|Proslijeđeni e-mail",
        original="Izvorna poruka|Originalna poruka|Prvobitna poruka",
        wrote="napisao|napisala|je napisao|je napisao/la|piše|napisao/la|napisao je|je napisao/napisala",
        on="Dana|U|Na datum|Dne",
        sent_from="Poslano s|Poslano sa|Poslano iz|Poslano putem|Nabavite Outlook za|Preuzmite Outlook za|Poslato sa",
        represents="u ime",
        forward="PR|Pros|Proslijeđeno|Prosl",
        answer="Odg|Odgovor",
        months="siječnja/siječanj/januar veljače/veljača/februar ožujka/ožujak/mart travnja/travanj/april "
        "svibnja/svibanj/maj lipnja/lipanj/juni srpnja/srpanj/juli kolovoza/kolovoz/august rujna/rujan/septembar "
        "listopada/listopad/oktobar studenoga/studeni/studenog/novembar prosinca/prosinac/decembar",
    ),
    Language(
        code="sr",
        author="Од|Шаље|Пошиљалац|Od|Šalje|Pošiljalac",
        to="За|Прима|Прималац|Коме|Za|Prima|Primalac|Kome",
        cc="Копија|Kopija",
        date="Датум|Послато|Datum|Poslato",
        subject="Тема|Наслов|Предмет|Tema|Naslov",
        passed_on="Прослеђена порука|Почетак прослеђене поруке|Prosleđena poruka|Početak prosleđene poruke|Prosleđeno",
        original="Оригинална порука|Изворна порука|Originalna poruka|Izvorna poruka",
        wrote="је написао|је написала|је написао/ла|написао|пише|je napisao|je napisala|napisao|piše",
        on="Дана|Dana|У|Dne",
        sent_from="Послато са|Послато из|Poslato sa|Poslato iz|Poslato sa mog",
        forward="ПР|Прос|Pros",
        answer="Одг|Odg",
        months="јануар/januar фебруар/februar март/mart април/april мај/maj јун/juni/jun јул/juli/jul "
        "август/avgust септембар/septembar октобар/oktobar новембар/novembar децембар/decembar",
    ),
    Language(
        code="sl",
        author="Od|Pošiljatelj",
        to="Za|Prejemnik|Komu",
        cc="Kp|Kopija|V vednost",
        date="Datum|Poslano",
        subject="Zadeva|Predmet",
        passed_on="Posredovano sporočilo|Začetek posredovanega sporočila|Posredovana pošta|"
        "Posredovano e-poštno sporočilo",
        original="Izvirno sporočilo|Prvotno sporočilo|Izvorno sporočilo",
        wrote="napisal|napisala|napisal/-a|je napisal|je napisala|piše|je oseba",
        on="Dne|V|Dana|Je oseba",
        sent_from="Poslano z|Poslano iz|Poslano s|Pridobite Outlook za",
        represents="v imenu",
        forward="PS|Posr|Posredovano",
        answer="Odg|Odgovor",
        months="januar februar marec april maj junij julij avgust september oktober november december",
    ),
    Language(
        code="bg",
        author="От|Подател",
        to="До|За|Получател",
        cc="Копие|Як",
        bcc="Скрито копие",
        date="Дата|Изпратено|Изпратен",
        subject="Относно|Тема|Заглавие",
        passed_on="Препратено съобщение|Препратено писмо|Препратен имейл|Начало на препратеното съобщение|"
        "Начало на препратено съобщение",
        original="Оригинално съобщение|Първоначално съобщение|Оригинално писмо",
        wrote="написа|писа|пише|написал",
        on="На|В|От",
        sent_from="Изпратено от|Изпратено с|Изтеглете Outlook за|Изпратено чрез",
        represents="от името на",
        forward="ПР|Препр|FW",
        answer="Отг|Отговор|НА|Отн",
        months="януари февруари март април май юни юли август септември октомври ноември декември",
    ),
    Language(
        code="mk",
        author="Од|Испраќач",
        to="До|Примач|За",
        cc="Копија",
        date="Датум|Испратено",
        subject="Наслов|Предмет|Тема",
        passed_on="Препратена порака|Проследена порака",
        original="Оригинална порака|Изворна порака",
        wrote="напиша|пишува|напишал",
        on="На",
        sent_from="Испратено од",
        months="јануари февруари март април мај јуни јули август септември октомври ноември декември",
    ),
)
