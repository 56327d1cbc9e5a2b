"""English, German, Dutch, Afrikaans, Swedish, Danish, Norwegian, Icelandic."""

from crm_store.mail.languages.language import Language

GERMANIC = (
    Language(
        code="en",
        author="From|Sender|From Address",
        to="To|Recipient|Recipients",
        cc="Cc|Copy|Copies|Carbon copy",
        bcc="Bcc",
        date="Date|Sent|Sent at|Sent on|Date sent|Received|Date/Time",
        subject="Subject|Subj",
        reply_to="Reply-To|Reply To|Followup-To",
        other="Importance|Attachments|Attachment|Priority|Organization|Message-ID|When|Where|Resent-From|"
        "Resent-To|Resent-Date|User-Agent|Newsgroups|Sensitivity|Signed By|Security|Mailing-List|Return-Path",
        passed_on="Forwarded message|Forwarded mail|Forwarded email|Forwarded by|Forwarded from|"
        "Begin forwarded message|Start of forwarded message|Beginning of forwarded message|Forwarded letter|"
        "Forward Message|Forwarded Mail Message|Forwarded messages|Fwd message|Forwarded Original Message|"
        "This is a forwarded message|Begin message",
        original="Original Message|Original Mail|Original Email|Original Appointment|Reply Message|"
        "Previous Message|Original text|Message from|Original Letter",
        wrote="wrote|writes|has written|wrote the following",
        on="On|At|In",
        sent_from="Sent from|Sent via|Sent using|Sent with|Sent by|Get Outlook for|Get Outlook|Sent through|"
        "Powered by|Download Outlook for|Composed on|Yahoo Mail: Search, Organize, Conquer|Secured with",
        represents="on behalf of|via",
        forward="Fwd|Fw|Forward|Forwarded",
        answer="Re|Reply|Response|R",
        months="january february march april may june july august september/sept october november december",
    ),
    Language(
        code="de",
        author="Von|Absender",
        to="An|Empfänger|Zu",
        cc="Cc|Kopie|Kopie (CC)|Kopie an",
        bcc="Bcc|Blindkopie|Blindkopie (BCC)",
        date="Datum|Gesendet|Gesendet am|Gesendet um",
        subject="Betreff|Thema",
        reply_to="Antwort an|Antworten an",
        other="Anlagen|Anlage|Wichtigkeit|Priorität|Anhang|Anhänge",
        passed_on="Weitergeleitete Nachricht|Anfang der weitergeleiteten Nachricht|Weitergeleitete E-Mail|"
        "Weitergeleitet von|Beginn der weitergeleiteten Nachricht|Weitergeleitete Mail|"
        "Anfang der weitergeleiteten E-Mail|Ursprüngliche Nachricht weitergeleitet|Weiterleitung",
        original="Ursprüngliche Nachricht|Originalnachricht|Original-Nachricht|Originalmessage|Original Nachricht|"
        "Ursprüngliche E-Mail|Original-Mail|Original-E-Mail|Antwort Nachricht|Ursprünglicher Termin",
        wrote="schrieb|hat geschrieben|geschrieben|schreibt",
        on="Am|Um",
        sent_from="Gesendet von|Gesendet mit|Von meinem|Von unterwegs gesendet|Gesendet über|"
        "sicher versendet|Diese Nachricht wurde von|Holen Sie sich Outlook für|Outlook für|Gesendet aus",
        represents="im Auftrag von|im Auftrag",
        forward="WG|Wtr|Weitergeleitet",
        answer="AW|Antwort|Antw",
        months="januar/jänner/jan februar/feber/feb märz/maerz/mrz april mai juni juli august september/sept "
        "oktober november dezember",
    ),
    Language(
        code="nl",
        author="Van|Afzender",
        to="Aan|Naar|Ontvanger",
        cc="Cc|Kopie",
        bcc="Bcc",
        date="Datum|Verzonden|Verzonden op|Verstuurd|Verzenddatum",
        subject="Onderwerp|Betreft",
        reply_to="Antwoord aan|Beantwoorden|Antwoorden aan",
        other="Bijlage|Bijlagen|Urgentie",
        passed_on="Doorgestuurd bericht|Doorgestuurde mail|Doorgestuurde e-mail|Begin doorgestuurd bericht|"
        "Doorgestuurd door|Begin van doorgestuurd bericht|Doorgezonden bericht",
        original="Oorspronkelijk bericht|Origineel bericht|Oorspronkelijke e-mail|Oorspronkelijke afspraak|"
        "Origineel mail|Originele e-mail",
        wrote="schreef|heeft|geschreven|schrijft|schreef het volgende",
        on="Op",
        sent_from="Verzonden vanaf|Verstuurd vanaf|Verzonden met|Verzonden vanuit|Verstuurd met|Verstuurd via|"
        "Verzonden via|Outlook voor|Download Outlook voor",
        represents="namens",
        forward="Doorst|Doorgestuurd|Fwd",
        answer="Antw|Betr",
        months="januari februari maart/mrt april mei juni juli augustus september oktober november december",
    ),
    Language(
        code="af",
        author="Van",
        to="Aan",
        cc="Afskrif|Kopie",
        date="Datum|Gestuur|Versend",
        subject="Onderwerp",
        passed_on="Aangestuurde boodskap|Begin aangestuurde boodskap",
        original="Oorspronklike boodskap",
        wrote="het geskryf|geskryf|skryf",
        on="Op",
        sent_from="Gestuur vanaf|Gestuur van",
        months="januarie februarie maart april mei junie julie augustus september oktober november desember",
    ),
    Language(
        code="sv",
        author="Från|Avsändare",
        to="Till|Mottagare",
        cc="Kopia|Cc",
        bcc="Hemlig kopia|Dold kopia",
        date="Datum|Skickat|Skickad",
        subject="Ämne|Rubrik",
        reply_to="Svara till|Svar till",
        other="Prioritet|Bilagor|Bifogade filer",
        passed_on="Vidarebefordrat meddelande|Vidarebefordrat mejl|Vidarebefordrat brev|Vidarebefordrat mail|"
        "Vidarebefordrat av|Vidarebefordrat e-postmeddelande|Vidarebefordrat e-mail|"
        "Påbörjat vidarebefordrat meddelande|Börja vidarebefordrat meddelande|"
        "Början på vidarebefordrat meddelande|Början av vidarebefordrat meddelande|Vidarebefordrade meddelanden",
        original="Ursprungligt meddelande|Originalmeddelande|Ursprungligt mail|Ursprungligt mejl|"
        "Ursprunglig avtalad tid",
        wrote="skrev|har skrivit|skriver",
        on="Den|På",
        sent_from="Skickat från|Skickades från|Skickat med|Skickat via|Hämta Outlook för|Skaffa Outlook för",
        represents="för",
        forward="VB|Vidarebefordrat",
        answer="SV|Svar",
        months="januari februari mars april maj juni juli augusti september oktober november december",
    ),
    Language(
        code="da",
        author="Fra|Afsender",
        to="Til|Modtager",
        cc="Cc|Kopi",
        bcc="Bcc|Blind kopi",
        date="Dato|Sendt|Sendt den",
        subject="Emne|Vedr|Vedrørende",
        reply_to="Svar til|Besvar til",
        other="Prioritet|Vedhæftede filer",
        passed_on="Videresendt meddelelse|Videresendt besked|Videresendt mail|Videresendt e-mail|Videresendt af|"
        "Start på videresendt besked|Start på videresendt meddelelse|Begynd videresendt besked|Videresendt brev|"
        "Videresendt email",
        original="Oprindelig meddelelse|Original meddelelse|Oprindelig besked|Original besked|"
        "Den oprindelige meddelelse|Oprindelig aftale",
        wrote="skrev|har skrevet|skriver",
        on="Den|D.",
        sent_from="Sendt fra|Sendt med|Sendt via|Hent Outlook til",
        represents="på vegne af",
        forward="VS|Videresend|Videresendt",
        answer="SV|Svar",
        months="januar februar marts april maj juni juli august september oktober november december",
    ),
    Language(
        code="nb",
        author="Fra|Avsender",
        to="Til|Mottaker",
        cc="Kopi|Kopi til|Cc",
        bcc="Blindkopi|Blindkopi til",
        date="Dato|Sendt|Sendt dato",
        subject="Emne|Tittel",
        reply_to="Svar til",
        other="Prioritet|Vedlegg",
        passed_on="Videresendt melding|Videresendt e-post|Videresendt mail|Videresendt av|Videresendte meldinger|"
        "Start på videresendt melding|Start på videresendt e-post|Begynnelse på videresendt melding|"
        "Begynnelse av videresendt melding|Videresendt beskjed|Vidaresendt melding",
        original="Opprinnelig melding|Original melding|Opprinnelig e-post|Opprinnelig avtale",
        wrote="skrev|har skrevet|skreiv|skriver",
        on="Den|På",
        sent_from="Sendt fra|Sendt med|Sendt via|Last ned Outlook for|Få Outlook for|Skaff deg Outlook for|"
        "Hent Outlook for",
        represents="på vegne av",
        forward="VS|Videresendt",
        answer="SV|Svar",
        months="januar februar mars april mai juni juli august september oktober november desember",
    ),
    Language(
        code="is",
        author="Frá|Sendandi",
        to="Til|Viðtakandi",
        cc="Afrit|Cc",
        date="Dagsetning|Sent|Dags",
        subject="Efni|Titill",
        passed_on="Áframsent skeyti|Áframsendur póstur|Áframsend skilaboð|Byrjun áframsendra skilaboða",
        original="Upprunaleg skilaboð|Upphaflegt skeyti|Upprunalegt skeyti|Upphafleg skilaboð",
        wrote="skrifaði|skrifaði þann|reit",
        on="Þann|Hinn",
        sent_from="Sent úr|Sent frá|Sent með",
        forward="FS|Áfram",
        answer="SV|Svar",
        months="janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",
    ),
)
