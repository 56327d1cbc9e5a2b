"""Where a signature stands: below one's own words, above what they quote."""

import pytest

from crm_store.mail.compose.signature import sign_html, sign_text

SIGNATURE = "Ani\nToko Ani"
BLOCK = f"-- \n{SIGNATURE}"
HTML_BLOCK = '<div class="gmail_signature">-- <br>Ani<br>Toko Ani</div>'
QUOTE = "On Mon, Nov 23, 2026 at 10:00 AM Budi <budi@toko.id> wrote:\n> lama\n> sekali\n"
OUTLOOK = "From: Budi <budi@toko.id>\nSent: Monday, November 23, 2026 10:00 AM\nTo: Ani <ani@kantor.id>\nSubject: Kopi\n\nlama\n"


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        pytest.param("Halo\n", False, f"Halo\n\n{BLOCK}\n", id="below a letter"),
        pytest.param("", False, f"{BLOCK}\n", id="alone"),
        pytest.param(f"Halo\n\n{QUOTE}", True, f"Halo\n\n{BLOCK}\n\n{QUOTE}", id="above a quotation"),
        pytest.param(f"Halo\n\n{OUTLOOK}", True, f"Halo\n\n{BLOCK}\n\n{OUTLOOK}", id="above a quotation without marks"),
        pytest.param(
            "Halo\n> lama\n", True, f"Halo\n\n{BLOCK}\n\n> lama\n", id="above marked lines that nobody is named for"
        ),
        pytest.param("> lama?\nBaru.\n", True, f"> lama?\nBaru.\n\n{BLOCK}\n", id="below answers between quoted lines"),
        pytest.param(
            "Halo\n\n> puisi\n", False, f"Halo\n\n> puisi\n\n{BLOCK}\n", id="below all where nothing is answered"
        ),
    ],
)
def test_in_text(text, answers, expected):
    assert sign_text(text, SIGNATURE, answers=answers) == expected


@pytest.mark.parametrize(
    ("source", "answers", "expected"),
    [
        pytest.param("<p>Halo</p>", False, f"<p>Halo</p>{HTML_BLOCK}", id="below a letter"),
        pytest.param("<body>Halo</body></html>", False, f"<body>Halo{HTML_BLOCK}</body></html>", id="inside the page"),
        pytest.param("Halo<blockquote>x</blockquote>", True, f"Halo{HTML_BLOCK}<blockquote>x</blockquote>", id="above a quotation"),
        pytest.param('Halo<div dir="ltr" class="gmail_quote"><div>B wrote:</div><blockquote>x</blockquote></div>', True, f'Halo{HTML_BLOCK}<div dir="ltr" class="gmail_quote"><div>B wrote:</div><blockquote>x</blockquote></div>', id="above Gmail's"),
        pytest.param("İİ<blockquote>x?</blockquote>Ya.", True, f"İİ<blockquote>x?</blockquote>Ya.{HTML_BLOCK}", id="below answers between quotations"),
        pytest.param("Halo<blockquote>x</blockquote>", False, f"Halo<blockquote>x</blockquote>{HTML_BLOCK}", id="below all where nothing is answered"),
    ],
)  # fmt: skip
def test_in_html(source, answers, expected):
    assert sign_html(source, SIGNATURE, answers=answers) == expected


def test_a_signature_is_words_and_no_mark_up():
    assert "&lt;script&gt;" in sign_html("", "<script>", answers=False)


def test_without_a_signature_nothing_changes():
    assert sign_text("Halo", "", answers=True) == "Halo"
    assert sign_html("Halo", "", answers=True) == "Halo"
