"""French, Spanish, Portuguese (both), Italian, Romanian, Catalan."""

from crm_store.mail.languages.language import Language

ROMANCE = (
    Language(
        code="fr",
        author="De|Expéditeur|De la part de",
        to="À|A|Pour|Destinataire|Destinataires",
        cc="Cc|Copie à|Copie",
        bcc="Cci|Copie cachée|Cci à",
        date="Date|Envoyé|Envoyé le|Date d'envoi|Date d’envoi",
        subject="Objet|Sujet",
        reply_to="Répondre à|Réponse à",
        other="Importance|Pièces jointes|Pièce jointe",
        passed_on="Message transféré|Message transmis|Début du message transféré|Message réexpédié|"
        "Message réacheminé|Courriel transféré|E-mail transféré|Transféré par|Réacheminé par|Mail transféré|"
        "Début du message réexpédié|Forwarded message",
        original="Message d'origine|Message d’origine|Message original|Message initial|E-mail d'origine|"
        "E-mail d’origine|Courriel original|Mail original|Rendez-vous d'origine|Rendez-vous d’origine|"
        "Message précédent",
        wrote="a écrit|à écrit|écrit|a ecrit|écrivait|nous a écrit",
        on="Le|En date du",
        sent_from="Envoyé de mon|Envoyé de|Envoyé depuis|Envoyé à partir de|Envoyé avec|Envoyé par|"
        "Télécharger Outlook pour|Obtenez Outlook pour|Obtenir Outlook pour|Provenance",
        represents="de la part de|au nom de",
        forward="TR",
        answer="RE|Rép|REP|RÉF",
        months="janvier février/fevrier/fév/fev mars avril/avr mai juin juillet/juil août/aout septembre octobre "
        "novembre décembre/decembre/déc/dec",
    ),
    Language(
        code="es",
        author="De|Remitente|Desde",
        to="Para|A|Destinatario|Destinatarios",
        cc="Cc|Copia|CC a|Con copia",
        bcc="Cco|Bcc|Copia oculta",
        date="Fecha|Enviado|Enviado el|Enviada|Enviado a las",
        subject="Asunto|Tema",
        reply_to="Responder a|Respuesta a",
        other="Importancia|Adjuntos|Datos adjuntos",
        passed_on="Mensaje reenviado|Inicio del mensaje reenviado|Correo reenviado|Reenviado por|"
        "Comienzo del mensaje reenviado|E-mail reenviado|Principio del mensaje reenviado|Inicia mensaje reenviado|"
        "Mensaje remitido|Comienzo de mensaje reenviado",
        original="Mensaje original|Correo original|Cita original|Mensaje de origen|Mensaje anterior",
        wrote="escribió|ha escrito|escribio|escribía|escribe",
        on="El|Con fecha|En",
        sent_from="Enviado desde|Enviado con|Enviado por|Enviado de|Obtener Outlook para|Descargar Outlook para|"
        "Obtén Outlook para|Enviado mediante|Enviado a través",
        represents="en nombre de|de parte de",
        forward="RV|Reenv|Reenviado",
        answer="RE|Respuesta|RES",
        months="enero/ene febrero marzo abril/abr mayo junio julio agosto/ago septiembre/setiembre/sept octubre "
        "noviembre diciembre/dic",
    ),
    Language(
        code="pt",
        author="De|Remetente",
        to="Para|A|Destinatário|Destinatários",
        cc="Cc|Com cópia|Cópia|C/c|Com Cópia",
        bcc="Cco|Bcc|Cópia oculta",
        date="Data|Enviado|Enviada em|Enviado em|Enviada|Data de envio|Envio",
        subject="Assunto",
        reply_to="Responder a|Responder para|Responder-a",
        other="Importância|Anexos|Prioridade",
        passed_on="Mensagem encaminhada|Mensagem reencaminhada|Início da mensagem encaminhada|"
        "Início da mensagem reencaminhada|E-mail encaminhado|Encaminhado por|Reencaminhado por|"
        "Email reencaminhado|Começo da mensagem encaminhada|Inicio da mensagem encaminhada",
        original="Mensagem original|Email original|E-mail original|Compromisso original|Mensagem anterior",
        wrote="escreveu|escrevia|escreve",
        on="Em|No dia|A|Aos|Na",
        sent_from="Enviado do|Enviado de|Enviado pelo|Enviado a partir do|Enviado via|Enviado através|Enviada do|"
        "Obter o Outlook para|Obtenha o Outlook para|Baixar o Outlook para|Enviado por|Enviado desde",
        represents="em nome de|da parte de",
        forward="ENC|Encaminhada|Encam|RE ENC",
        answer="RES|Resp|Resposta",
        months="janeiro fevereiro/fev março/marco abril/abr maio/mai junho julho agosto/ago setembro/set "
        "outubro/out novembro dezembro/dez",
    ),
    Language(
        code="it",
        author="Da|Mittente",
        to="A|Per|Destinatario|Destinatari",
        cc="Cc|Copia|Copia a|Copia per conoscenza|Pc",
        bcc="Ccn|Bcc",
        date="Data|Inviato|Inviata|Inviato il|Data invio",
        subject="Oggetto",
        reply_to="Rispondi a|Rispondere a",
        other="Allegati|Allegato|Priorità|Importanza",
        passed_on="Messaggio inoltrato|Inizio messaggio inoltrato|Inoltrato da|Mail inoltrata|"
        "Inizio del messaggio inoltrato|E-mail inoltrata|Email inoltrata",
        original="Messaggio originale|Messaggio originario|E-mail originale|Email originale|"
        "Appuntamento originale|Messaggio precedente",
        wrote="ha scritto|scrive|scrisse|scriveva",
        on="Il|Il giorno|In data|Il g.|Alle|Nel",
        sent_from="Inviato da|Inviato dal|Inviato dall'|Inviato tramite|Inviato con|Inviata da|"
        "Scarica Outlook per|Ottieni Outlook per|Spedito da",
        represents="per conto di|a nome di",
        forward="I|Inoltra|Inoltro|Inoltrato|Fwd",
        answer="R|RIF|Ris|Risposta",
        months="gennaio/gen febbraio marzo aprile maggio/mag giugno/giu luglio/lug agosto/ago settembre/set "
        "ottobre/ott novembre dicembre/dic",
    ),
    Language(
        code="ro",
        author="De la|Expeditor|Expeditorul|De",
        to="Către|Catre|La|Pentru|Destinatar|Destinatarul",
        cc="Cc|Copie|Copie la|Copie carbon",
        bcc="Bcc|Cci",
        date="Data|Dată|Trimis|Trimis la|Trimis în|Expediat",
        subject="Subiect|Subiectul|Subiectul mesajului",
        reply_to="Răspuns la|Răspunde la",
        passed_on="Mesaj redirecționat|Mesaj redirecţionat|Mesaj înaintat|Mesaj transmis|Mesaj retransmis|"
        "Începe mesajul redirecționat|Începutul mesajului redirecționat|Mesaj forwardat|"
        "Început mesaj redirecționat|Începe mesajul înaintat|Mesaj redirectionat|Început mesaj retrimis|"
        "Mesaj retrimis",
        original="Mesaj original|Mesajul original|Mesaj inițial",
        wrote="a scris|scrie|a scris următoarele|a scris:",
        on="În|Pe|La|In|Pe data de|În data de",
        sent_from="Trimis de pe|Trimis din|Trimis de la|Trimis cu|Trimis prin|Obțineți Outlook pentru",
        represents="în numele",
        forward="Redir.|Redir|Redirecționat|Trimis|RTR",
        answer="Răsp|Răspuns|Raspuns",
        months="ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie/noi decembrie",
    ),
    Language(
        code="ca",
        author="De|Remitent",
        to="A|Per a|Per|Destinatari",
        cc="Cc|A/c|Còpia",
        date="Data|Enviat|Enviat el",
        subject="Assumpte|Tema",
        passed_on="Missatge reenviat|Inici del missatge reenviat|Correu reenviat",
        original="Missatge original",
        wrote="va escriure|ha escrit|escrigué|escriu",
        on="El dia|El|Missatge de|Amb data",
        sent_from="Enviat des de|Enviat des del|Enviat amb|Enviat de",
        represents="en nom de",
        forward="RV|Reenv",
        answer="Re|Resp",
        months="gener/gen febrer març/març abril maig juny juliol/jul agost/ago setembre/set octubre novembre "
        "desembre/des",
    ),
)
