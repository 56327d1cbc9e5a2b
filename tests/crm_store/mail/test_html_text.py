"""Words out of HTML."""

import pytest

from crm_store.mail.html_text import text_of_html


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<p>Halo</p><p>Budi</p>", "Halo\n\nBudi", id="paragraphs"),
        pytest.param("<div>Halo</div><div>Budi</div>", "Halo\nBudi", id="blocks"),
        pytest.param("<div><div>Halo</div></div>", "Halo", id="nested blocks leave no empty lines"),
        pytest.param("Halo<br>Budi<br/>\n<br>Salam", "Halo\nBudi\n\nSalam", id="br"),
        pytest.param("Halo \n\t  <b>Budi</b>\n!", "Halo Budi !", id="white space"),
        pytest.param("<style>p {}</style><script>x<y</script><title>t</title>Halo", "Halo", id="what is not shown"),
        pytest.param("<html><head><meta x><TITLE>t</TITLE></head><body>Halo</body>", "Halo", id="head"),
        pytest.param("Halo<!-- <p>bukan</p> --> Budi", "Halo Budi", id="comment"),
        pytest.param("<![if !mso]>Halo<![endif]>", "Halo", id="Outlook's conditions"),
        pytest.param("Rp&nbsp;1&amp;2 &eacute; &#233; &#xe9;", "Rp 1&2 é é é", id="references"),
        pytest.param("&#99999999999999;&#xfffffffffff;&#0;", "\ufffd" * 3, id="references beyond Unicode"),
        pytest.param("&#" + "9" * 5000 + ";", "\ufffd", id="a reference of 5,000 digits: html.unescape raises on it"),
        pytest.param('<a href="x" title="a>b">Halo</a>', "Halo", id="a bracket in an attribute"),
        pytest.param("1 < 2 dan 3 > 2", "1 < 2 dan 3 > 2", id="brackets that open nothing"),
        pytest.param("<ul><li>satu</li><li>dua</li></ul>", "* satu\n* dua", id="list"),
        pytest.param("<ul><li><p>satu</p>lagi<li></ul>dua", "* satu\n\nlagi\n\ndua", id="a list of paragraphs"),
        pytest.param(
            "<div style='color:red; Display : None'>a<div>b</div>c</div>Halo", "Halo", id="a hidden preheader"
        ),
        pytest.param("<span style=display:none>Halo", "", id="hidden to the end, as browsers do"),
        pytest.param(
            'Ya<blockquote type=cite>a<p>b</p><blockquote class="gmail_quote">c</blockquote></blockquote>d',
            "Ya\n\n> a\n>\n> b\n>\n> > c\n\nd",
            id="quotations",
        ),
        pytest.param("a<blockquote style='margin:0'>b</blockquote>", "a\n\nb", id="a blockquote that indents"),
        pytest.param("<blockquote type='cite'>" * 90 + "a", "> " * 5 + "a", id="deep quotations"),
        pytest.param("Ya<hr>Dari: Budi", "Ya\n" + "_" * 32 + "\nDari: Budi", id="a rule"),
        pytest.param("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc", id="table"),
        pytest.param("<pre>a\nb</pre>", "a\nb", id="pre"),
        pytest.param("Halo<script>never closed", "Halo", id="an element never closed"),
        pytest.param("Halo<!-- never closed", "Halo", id="a comment never closed"),
        pytest.param('Halo <a href="never closed', 'Halo "never closed', id="a tag never closed"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_the_words_of_a_page(source, expected):
    assert text_of_html(source) == expected
