"""Answers of programs that sent HTML alone: what the author wrote is found in the words of the page."""

import pytest

from crm_store.mail.html_text import text_of_html
from crm_store.mail.reply import split_reply

# program, HTML, the author's words, signature
ROWS = [
    ('Gmail', '<div dir="ltr">Baik, terima kasih.<div><br></div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">Pada Sen, 2 Nov 2020 pukul 10.11 Ani &lt;<a href="mailto:ani@toko.example">ani@toko.example</a>&gt; menulis:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div dir="ltr">Halo Budi</div></blockquote></div>',
     'Baik, terima kasih.', ''),
    ('Gmail no attr', '<div dir="ltr">Oke</div><div class="gmail_quote"><blockquote class="gmail_quote" style="margin:0">Halo<br>Budi</blockquote></div>',
     'Oke', ''),
    ('Gmail signature', '<div dir="ltr">Baik<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature">Budi<br>PT Maju</div></div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, Nov 2, 2020 at 10:11 AM Ann &lt;ann@shop.example&gt; wrote:<br></div><blockquote class="gmail_quote">Hi</blockquote></div>',
     'Baik', '-- Budi PT Maju'),
    ('Apple', '<html><body style="overflow-wrap: break-word;">Sure.<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>On 2 Nov 2020, at 10:11, Ann &lt;ann@shop.example&gt; wrote:</div><br class="Apple-interchange-newline"><div>Hi Budi<br>Can you?</div></blockquote></div><br></body></html>',
     'Sure.', ''),
    ('Apple between', '<body>Hi,<br><br><blockquote type="cite"><div>On 2 Nov 2020, at 10:11, Ann wrote:</div><div>One?</div></blockquote><div>Yes.</div><blockquote type="cite"><div>Two?</div></blockquote><div>No.</div></body>',
     'Hi, Yes. No.', ''),
    ('iOS', '<html><body dir="auto">Ok<br><br><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 2 Nov 2020, at 10:11, Ann &lt;ann@shop.example&gt; wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Hi</div></blockquote></body></html>',
     'Ok', 'Sent from my iPhone'),
    ('iOS ja', '<html><body dir="auto">承知しました。<br><br><div dir="ltr">iPhoneから送信</div><div dir="ltr"><br><blockquote type="cite">2020/11/02 10:11、Anna &lt;anna@mise.example&gt;のメール:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\ufeff見積</div></blockquote></body></html>',
     '承知しました。', 'iPhoneから送信'),
    ('Outlook desktop', '<body lang=EN-US><div class=WordSection1><p class=MsoNormal>Agreed.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class=MsoNormal><b>From:</b> Ann Lee &lt;ann@shop.example&gt; <br><b>Sent:</b> Monday, November 2, 2020 10:11 AM<br><b>To:</b> Budi &lt;budi@pt.example&gt;<br><b>Subject:</b> Offer<o:p></o:p></p></div><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Hi Budi<o:p></o:p></p></div></body>',
     'Agreed.', ''),
    ('Outlook de', '<div class=WordSection1><p class=MsoNormal>Einverstanden.<o:p></o:p></p><div><div style="border-top:solid #E1E1E1 1.0pt"><p class=MsoNormal><b>Von:</b> Anna &lt;anna@laden.example&gt; <br><b>Gesendet:</b> Montag, 2. November 2020 10:11<br><b>An:</b> Jan<br><b>Betreff:</b> Angebot<o:p></o:p></p></div></div><p class=MsoNormal>Hallo</p></div>',
     'Einverstanden.', ''),
    ('OWA', '<div class="elementToProof">Setuju.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri" style="font-size:11pt" color="#000000"><b>Dari:</b> Ani &lt;ani@toko.example&gt;<br><b>Dikirim:</b> Senin, 02 November 2020 10:11<br><b>Kepada:</b> Budi<br><b>Subjek:</b> Harga</font><div>&nbsp;</div></div><div>Hai</div>',
     'Setuju.', ''),
    ('Outlook mobile', '<div dir="auto">Ok<br><br></div><div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><font><b>From:</b> Ann &lt;ann@shop.example&gt;<br><b>Sent:</b> Monday, November 2, 2020 10:11:05 AM<br><b>To:</b> Budi<br><b>Subject:</b> Offer</font></div>',
     'Ok', 'Get Outlook for iOS'),
    ('Yahoo', '<div class="ydp1"><div dir="ltr">Thanks!</div></div><div id="ydp2yahoo_quoted_1" class="yahoo_quoted"><div style="font-size:13px"><div>On Monday, November 2, 2020 at 10:11:05 AM GMT+7, Ann &lt;ann@shop.example&gt; wrote:</div><div><br></div><div>Hi Budi</div></div></div>',
     'Thanks!', ''),
    ('Thunderbird', '<body><p>Danke</p><p><br></p><div class="moz-cite-prefix">Am 02.11.20 um 10:11 schrieb Anna:<br></div><blockquote type="cite" cite="mid:a@b"><p>Hallo</p></blockquote><p><br></p></body>',
     'Danke', ''),
    ('Thunderbird signature', '<body><p>Danke</p><div class="moz-signature">-- <br>Jan<br>Firma</div></body>',
     'Danke', '-- Jan Firma'),
    ('Thunderbird forward container', '<body><p>FYI</p><div class="moz-forward-container"><br><br>-------- Forwarded Message --------<table class="moz-email-headers-table"><tbody><tr><th>Subject: </th><td>Offer</td></tr><tr><th>Date: </th><td>Mon, 2 Nov 2020 10:11:00 +0000</td></tr><tr><th>From: </th><td>Ann &lt;ann@shop.example&gt;</td></tr><tr><th>To: </th><td>budi@pt.example</td></tr></tbody></table><br>Hi</div></body>',
     'FYI', ''),
    ('Proton', '<div style="font-family: Arial">Danke.</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a target="_blank" href="https://proton.me/">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">On Monday, 2 November 2020 at 10:11, Ann &lt;ann@shop.example&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">Hi</blockquote></div>',
     'Danke.', 'Sent with Proton Mail secure email.'),
    ('Zimbra', '<div style="font-family: arial">Merci<br><div><br></div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>De: </b>"Anne" &lt;anne@magasin.example&gt;<br><b>À: </b>"jean" &lt;jean@firma.example&gt;<br><b>Envoyé: </b>Lundi 2 Novembre 2020 10:11:05<br><b>Objet: </b>Offre<br></div><div data-marker="__QUOTED_TEXT__">Bonjour</div></div>',
     'Merci', ''),
    ('Zoho', '<div>Thanks<br><br><div class="zmail_extra_hr" style="border-top: 1px solid rgb(204, 204, 204);"></div><div class="zmail_extra" data-zbluepencil-ignore="true"><br><div id="Zm-_Id_-Sgn1">---- On Mon, 02 Nov 2020 10:11:05 +0700 <b>Ann &lt;ann@shop.example&gt;</b> wrote ---<br></div><br><blockquote style="margin:0px" id="blockquote_zmail"><div>Hi</div></blockquote></div></div>',
     'Thanks', ''),
    ('GMX', '<html><body><div>Danke<div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;"><b>Gesendet:</b>&nbsp;Montag, 02. November 2020 um 10:11 Uhr<br><b>Von:</b>&nbsp;"Anna" &lt;anna@laden.example&gt;<br><b>An:</b>&nbsp;jan@firma.example<br><b>Betreff:</b>&nbsp;Angebot</div><div name="quoted-content">Hallo</div></div></div></div></body></html>',
     'Danke', ''),
    ('Mail.ru', '<HTML><BODY><div>Спасибо</div><div>&nbsp;</div><div data-signature-widget="container"><div data-signature-widget="content"><div>--<br>Иван</div></div></div><blockquote style="border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px;">Понедельник, 2 ноября 2020, 10:11 +03:00 от Анна &lt;anna@lavka.example&gt;:<br>&nbsp;<div>Привет</div></blockquote></BODY></HTML>',
     'Спасибо', '-- Иван'),
    ('Yandex', '<div>Спасибо</div><div>&nbsp;</div><div>02.11.2020, 10:11, "Анна" &lt;anna@lavka.example&gt;:</div><blockquote><p>Привет</p></blockquote>',
     'Спасибо', ''),
    ('Yandex between', '<div>02.11.2020, 10:11, "Анна" &lt;anna@lavka.example&gt;:</div><blockquote><p>Привет</p></blockquote><div>Спасибо</div>',
     'Спасибо', ''),
    ('Roundcube', '<p>Baik</p><p id="reply-intro">Pada 2020-11-02 10:11, Ani menulis:</p><blockquote type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0"><p>Hai</p></blockquote>',
     'Baik', ''),
    ('QQ', '<div>好的</div><div><br></div><div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;">------------------&nbsp;原始邮件&nbsp;------------------</div><div style="font-size: 12px;background:#efefef;padding:8px;"><div><b>发件人:</b>&nbsp;"Anna" &lt;anna@shangdian.example&gt;;</div><div><b>发送时间:</b>&nbsp;2020年11月2日(星期一) 上午10:11</div><div><b>收件人:</b>&nbsp;"Li"&lt;li@gongsi.example&gt;;</div><div></div><div><b>主题:</b>&nbsp;报价</div></div><div><br></div>你好',
     '好的', ''),
    ('newsletter quotation', '<h1>Kabar</h1><blockquote style="margin:0 40px">"Layanan hebat" — Ani</blockquote><p>Terima kasih sudah membaca.</p>',
     'Kabar "Layanan hebat" — Ani Terima kasih sudah membaca.', ''),
    ('blockquote as indent (Outlook)', '<div>Poin:</div><blockquote style="margin-right: 0px;" dir="ltr"><div>satu</div><div>dua</div></blockquote><div>Salam</div>',
     'Poin: satu dua Salam', ''),
    ('blockquote plain below attribution', '<p>Ya</p><p>On 2 Nov 2020, at 10:11, Ann &lt;ann@shop.example&gt; wrote:</p><blockquote><p>Hi</p></blockquote><p>Jam 10.</p>',
     'Ya Jam 10.', ''),
    ('bordered blockquote, no attribution', '<div>Oke</div><blockquote style="border-left:1px solid #ccc;padding-left:1ex"><div>Halo</div></blockquote>',
     'Oke Halo', ''),
    ('all in a blockquote', '<blockquote type="cite"><p>Halo Budi, ini saya.</p></blockquote>',
     '', ''),
    ('Superhuman', '<div>Sounds good</div><br><div class="sh-signature">Sent via <a href="https://sprh.mn">Superhuman</a></div><br><div class="gmail_quote">On Mon, Nov 02, 2020 at 10:11 AM, Ann <span>&lt;<a>ann@shop.example</a>&gt;</span> wrote:<br><blockquote class="gmail_quote">Hi</blockquote></div>',
     'Sounds good', 'Sent via Superhuman'),
    ('HEY', '<div class="trix-content"><div>Good.<br><br>On November 2, 2020, Ann &lt;ann@shop.example&gt; wrote:<br><blockquote>Hi</blockquote></div></div>',
     'Good.', ''),
    ('Spark', '<div name="messageBodySection"><div dir="auto">Thanks</div></div><div name="messageSignatureSection"><br><div class="matchFont">Budi</div></div><div name="messageReplySection">On 2 Nov 2020, 10:11 +0700, Ann &lt;ann@shop.example&gt;, wrote:<br><blockquote type="cite" style="border-left-color: grey;">Hi</blockquote></div>',
     'Thanks Budi', ''),
]  # fmt: skip


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize(("source", "own", "signature"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_an_answer_in_html(source, own, signature):
    split = split_reply(text_of_html(source))
    assert (words(split.reply_text), words(split.signature)) == (own, signature)


def test_text_below_a_quotation_stays_the_authors():
    """A newsletter that begins with what a customer said; an answer below."""
    said = "<blockquote>Kata Ani: bagus!</blockquote><p>Kami gembira.</p>"
    assert words(split_reply(text_of_html(said)).reply_text) == "Kata Ani: bagus! Kami gembira."
    answered = "<p>02.11.2020, 10:11, Ani &lt;ani@toko.example&gt;:</p><blockquote>A<blockquote>B</blockquote></blockquote><p>Ya.</p>"
    assert split_reply(text_of_html(answered)).reply_text == "Ya."
