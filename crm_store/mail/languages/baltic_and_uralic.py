"""Lithuanian, Latvian, Estonian, Finnish, Hungarian."""

from crm_store.mail.languages.language import Language

BALTIC_AND_URALIC = (
    Language(
        code="lt",
        author="Nuo|Siuntėjas|Iš",
        to="Kam|Iki|Gavėjas|Adresatas",
        cc="Kopija|Kopijos",
        date="Data|Išsiųsta|Išsiuntimo data",
        subject="Tema|Subjektas",
        passed_on="Persiųstas laiškas|Persiųstas pranešimas|Persiunčiamas laiškas|Persiunčiamo laiško pradžia|"
        "Persiųsto laiško pradžia|Persiųsta žinutė|Persiųsto pranešimo pradžia",
        original="Originalus laiškas|Pradinis laiškas|Pradinis pranešimas|Originalus pranešimas",
        wrote="rašė|parašė|rašo",
        on="Data|Dieną",
        sent_from="Išsiųsta iš|Siųsta iš|Išsiųsta naudojant|Atsisiųsti „Outlook",
        forward="Pers|Persiųsta|PER",
        answer="Ats|Atsakymas",
        months="sausio/sausis vasario/vasaris kovo/kovas balandžio/balandis gegužės/gegužė birželio/birželis "
        "liepos/liepa rugpjūčio/rugpjūtis/rugp rugsėjo/rugsėjis/rugs spalio/spalis lapkričio/lapkritis "
        "gruodžio/gruodis",
    ),
    Language(
        code="lv",
        author="No|Sūtītājs",
        to="Kam|Saņēmējs|Uz",
        cc="Kopija",
        date="Datums|Nosūtīts|Nosūtīšanas laiks",
        subject="Tēma|Temats",
        passed_on="Pārsūtītā vēstule|Pārsūtīts ziņojums|Pārsūtīta ziņa|Pārsūtītais ziņojums|Pārsūtīta vēstule|"
        "Pārsūtītās vēstules sākums|Sākt pārsūtīto ziņojumu|Pārsūtītā ziņojuma sākums",
        original="Sākotnējais ziņojums|Oriģinālais ziņojums|Sākotnējā vēstule|Oriģinālā vēstule",
        wrote="rakstīja|raksta|uzrakstīja|lietotājs",
        on="Datums",
        sent_from="Nosūtīts no|Sūtīts no|Nosūtīts, izmantojot",
        forward="PĀRS|Pārsūt",
        answer="Atb|Atbilde",
        months="janvāris/janv februāris/febr marts aprīlis maijs jūnijs/jūn jūlijs/jūl augusts septembris "
        "oktobris novembris decembris",
    ),
    Language(
        code="et",
        author="Saatja|Kellelt|Autor",
        to="Saaja|Kellele|Adressaat|Vastuvõtja",
        cc="Koopia|Cc",
        bcc="Pimekoopia|Salakoopia",
        date="Kuupäev|Saadetud|Saatmisaeg",
        subject="Teema|Pealkiri",
        passed_on="Edastatud kiri|Edastatud sõnum|Edasisaadetud kiri|Edastatud kirja algus|"
        "Algus edastatud sõnumile|Edastatud sõnumi algus|Algab edastatud kiri|Edasisaadetud sõnum|"
        "Alusta edastatud sõnumit",
        original="Algne kiri|Algne sõnum|Algne teade|Originaalsõnum|Algkiri",
        wrote="kirjutas|kirjutab",
        on="Kuupäev|Kuupäeval|Kell|Kirjutas",
        sent_from="Saadetud minu|Saadetud|Hangi Outlook|Laadi alla Outlook",
        forward="ED|Edasi|Edast",
        answer="Vs|Vast|Vastus",
        months="jaanuar/jaan veebruar/veebr märts aprill mai juuni juuli august september/sept oktoober/okt "
        "november detsember",
    ),
    Language(
        code="fi",
        author="Lähettäjä|Keneltä|Mistä",
        to="Vastaanottaja|Kenelle|Saaja|Vastaanottajat|Minne",
        cc="Kopio|Kopiot|Kopio (CC)|Kopio vastaanottajille",
        bcc="Piilokopio|Piilokopiot",
        date="Päivämäärä|Lähetetty|Päiväys|Pvm|Aika",
        subject="Aihe|Otsikko",
        reply_to="Vastausosoite|Vastaa",
        other="Tärkeys|Liitteet",
        passed_on="Välitetty viesti|Välitetty viesti / Fwd.Msg|Edelleenlähetetty viesti|Välitetty sähköposti|"
        "Edelleen lähetetty viesti|Välitetty viesti alkaa|Aloita välitetty viesti|Välitetyn viestin alku|"
        "Viesti välitetty|Edelleenlähetetyn viestin alku",
        original="Alkuperäinen viesti|Alkuperäinen sähköposti|Alkuperäinen tapaaminen",
        wrote="kirjoitti|kirjoittaa|kirjoitti seuraavasti",
        on="Päivämäärä|Klo",
        sent_from="Lähetetty|Lähetetty iPhonesta|Lähetetty Outlookista|Hanki Outlook|Lataa Outlook|Hae Outlook",
        represents="puolesta",
        forward="VL|Välitetty",
        answer="VS|Vastaus|Vast",
        months="tammikuuta/tammikuu/tammik helmikuuta/helmikuu/helmik maaliskuuta/maaliskuu/maalisk "
        "huhtikuuta/huhtikuu/huhtik toukokuuta/toukokuu/toukok kesäkuuta/kesäkuu/kesäk heinäkuuta/heinäkuu/heinäk "
        "elokuuta/elokuu/elok syyskuuta/syyskuu/syysk lokakuuta/lokakuu/lokak marraskuuta/marraskuu/marrask "
        "joulukuuta/joulukuu/jouluk",
    ),
    Language(
        code="hu",
        author="Feladó|Küldő|Kitől",
        to="Címzett|Címzettek|Kinek",
        cc="Másolat|Másolatot kap|Mp",
        bcc="Titkos másolat|Rejtett másolat",
        date="Dátum|Küldés dátuma|Elküldve|Küldve|Küldés ideje|Időpont",
        subject="Tárgy",
        reply_to="Válaszcím|Válasz címzettje",
        other="Fontosság|Mellékletek",
        passed_on="Továbbított üzenet|Továbbított levél|Továbbított e-mail|Továbbított üzenet kezdete|"
        "Továbbított levél kezdete|Továbbítva|Továbbított üzenet eleje|A továbbított üzenet kezdete",
        original="Eredeti üzenet|Eredeti levél|Eredeti e-mail|Eredeti találkozó",
        wrote="írta|ezt írta|írja|a következőt írta|következőt írta",
        on="Időpont|Dátum",
        sent_from="Elküldve az|Küldve az|Elküldve|Az Outlook letöltése|Küldve",
        represents="nevében",
        forward="TOV|Továbbítás|Továbbítva",
        answer="VÁ|Vál|Válasz",
        months="január február március április május június július augusztus szeptember október november december",
    ),
)
