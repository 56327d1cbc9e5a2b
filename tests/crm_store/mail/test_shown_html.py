"""HTML for people: looks as it was written, runs nothing, fetches nothing, and costs what its bytes cost."""

import base64

import pytest
from cpu_cost import assert_grows_with_length, cpu_s
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_store.mail.html_tidy import tidy
from crm_store.mail.limits import Limits
from crm_store.mail.shown_html import shown_html

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
HEAD = b"Content-Type: text/html; charset=utf-8\n\n"


def shown(source: str):
    view = shown_html(HEAD + source.encode())
    assert view is not None
    return view.source.partition("<body>")[2].removesuffix("</body></html>"), view.remote


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<p>Halo <b>Budi</b>", "<p>Halo <b>Budi</b></p>", id="what is harmless"),
        pytest.param("<script>alert(1)</script><style>p{}</style>a", "a", id="scripts and style sheets"),
        pytest.param("<p onclick=alert(1) id=x class=y>a", "<p>a</p>", id="handlers and names"),
        pytest.param("<a href='javascript:alert(1)'>a</a>", None, id="a script as a link"),
        pytest.param("<a href='java&#10;script:alert(1)'>a</a>", None, id="a script as a link, in disguise"),
        pytest.param("<a href='data:text/html,x'>a</a>", None, id="a document as a link"),
        pytest.param("<a href=/login>a</a>", None, id="a link to ourselves"),
        pytest.param("<form action=//x><input name=a>a</form>", "a", id="forms"),
        pytest.param("<svg><a xlink:href='javascript:x'>b</a></svg><math><mi>a</math>", "a", id="svg and math"),
        pytest.param("<iframe srcdoc='<p>x'></iframe><object data=x></object><embed src=x>a", "a", id="frames"),
        pytest.param("<base href=//x><meta http-equiv=refresh content='0;url=//x'>a", "a", id="base and refresh"),
        pytest.param(
            "<p style='color:red; position:fixed; behavior:url(x)'>a", '<p style="color:red">a</p>', id="styles"
        ),
        pytest.param("<!--[if mso]><p>x</p><![endif]-->a", "a", id="what only Outlook shows"),
        pytest.param(
            "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
            '<p title="&lt;/noscript&gt;&lt;img src=x onerror=alert(1)&gt;"></p>',
            id="mutation: noscript",
        ),
        pytest.param("<table><tr><td>a</table>", "<table><tbody><tr><td>a</td></tr></tbody></table>", id="a table"),
        pytest.param("a<br>b &amp; &lt;i&gt;", "a<br>b &amp; &lt;i&gt;", id="references"),
    ],
)
def test_what_is_left(source, expected):
    told, _ = shown(source)
    assert expected is None or told == expected
    assert not any(word in told for word in ("script:", "<script", "data:text", "/login"))


def test_links_open_elsewhere_and_tell_nothing():
    told, _ = shown("<a href='https://toko.example/a?b=1&amp;c=2' target=_self rel=opener>Toko</a>")
    assert told == (
        '<a href="https://toko.example/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer nofollow">Toko</a>'
    )


@pytest.mark.parametrize(
    ("source", "remote"),
    [
        pytest.param("<img src='http://x/pixel.gif' width=1>", 1, id="a pixel"),
        pytest.param("<img src=//x/a><IMG SRC=HTTPS://x/b>", 2, id="without a scheme, in capitals"),
        pytest.param("<img src='&#104;ttp://x/a'>", 1, id="in references"),
        pytest.param("<table background='https://x/a'><tr><td background=//x/b>", 2, id="backgrounds"),
        pytest.param("<p style='background:url(https://x/a)'>", 1, id="in a style"),
        pytest.param("<style>@import '//x'; p{background:url(\"http://x\")}</style>", 2, id="in a style sheet"),
        pytest.param("<link rel=stylesheet href=https://x><video poster=//x></video>", 2, id="sheets and media"),
        pytest.param(
            "<img src=a.png><a href=https://x>a</a>", 0, id="nothing is fetched for links and for what is nowhere"
        ),
    ],
)
def test_what_would_be_fetched_is_out_and_counted(source, remote):
    told, counted = shown(source)
    assert "src" not in told
    assert "url(" not in told
    assert "background" not in told
    assert counted == remote


def test_pictures_that_the_mail_brings_are_in_it():
    mail = (
        b'Content-Type: multipart/related; boundary="r"\n\n--r\nContent-Type: multipart/alternative; boundary=a\n\n'
        b"--a\n\nplain\n--a\nContent-Type: text/html\n\n<img src='cid:one%40x' alt=logo><img src=cid:two><img src=CID:three>\n--a--\n"
        b"--r\nContent-Type: image/png\nContent-ID: <one@x>\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(PNG)
        + b"\n--r\nContent-Type: image/svg+xml\nContent-ID: <two>\n\n<svg/>\n--r--\n"
    )
    view = shown_html(mail)
    assert view is not None
    assert view.remote == 0
    assert view.source.count("data:image/png;base64," + base64.b64encode(PNG).decode()) == 1
    assert "svg" not in view.source
    assert "plain" not in view.source
    none_fit = shown_html(mail, Limits(inline_images_bytes=10))
    assert none_fit is not None
    assert "data:" not in none_fit.source


def test_text_beside_html_is_shown_as_text():
    mail = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1 < 2\n--b\nContent-Type: text/html\n\n<p>a\n"
        b"--b\nContent-Type: text/html\nContent-Disposition: attachment; filename=a.html\n\n<p>b\n--b--\n"
    )
    view = shown_html(mail)
    assert view is not None
    assert '<pre style="white-space:pre-wrap">1 &lt; 2</pre><hr><p>a</p>' in view.source
    assert "<p>b" not in view.source


def test_a_mail_without_html_has_none():
    assert shown_html(b"Subject: x\n\nHalo") is None


SHAPES = {
    "nested blocks": "<div>",
    "nested tables": "<table><tr><td>",
    "paragraphs": "<p>a",
    "divisions in a table": "<div>x</div>",
    "attributes": " a1=x",
    "links in links": "<a href=//x>",
    "crossed": "<b><i></b></i>",
    "comments": "<!--",
    "brackets": "<",
    "references": "&#9",
    "ends": "</div>",
    "images": "<img src=cid:a>",
    "urls": "url(",
    "sheets": "<link ",
}
BEFORE = {
    "paragraphs": "<p>" + "".join(f"<b class={i} title={i}>" for i in range(100)) + "<p>",
    "divisions in a table": "<table>",
    "attributes": "<a",
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_html_costs_grows_as_its_length_does(name):
    def cost_s(size: int) -> float:
        raw = HEAD + (BEFORE.get(name, "") + SHAPES[name] * (size // len(SHAPES[name]))).encode()
        return cpu_s(lambda: shown_html(raw))

    assert_grows_with_length(cost_s, 200_000)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<b>", "</b>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<a href=x>", "<li>", "<ul>", "x",
             "<!--", "-->", "<script>", "</script>", "<svg>", "'", '"', "<p title='", "<img src=//x onerror=alert(1)>", "&lt;",
             "<style>", "</style>", "<math>", "<noscript>", "</noscript>", "<textarea>", "<", ">", "/", "<select>", "<xmp>"]
        ),
        max_size=30,
    )
)  # fmt: skip
def test_nothing_runs_whatever_comes(pieces):
    told, _ = shown("".join(pieces))
    for tag in told.split("<")[1:]:
        inside = tag.partition(">")[0].lower()
        assert not inside.startswith(("script", "svg", "math", "style", "iframe"))
        assert "onerror" not in inside.replace("title=", "\0").partition("\0")[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<b><p>a</b>b", "<b><p>a</p></b>b"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<ul><li>a<li><ul><li>b</ul></ul>", "<ul><li>a</li><li><ul><li>b</li></ul></li></ul>"),
        ("<table><tr><td>a<td>b<tr><td>c<table><tr><td>d", "<table><tr><td>a</td><td>b</td></tr><tr><td>c"
         "<table><tr><td>d</td></tr></table></td></tr></table>"),
        ("<td>a</td></div>b", "ab"),
        ('<p title="a&quot;<b>" x=y title=z>', '<p title="a&quot;&lt;b>"></p>'),
        ("1 < 2", "1 &lt; 2"),
    ],
)  # fmt: skip
def test_it_is_well_nested(source, expected):
    assert tidy(source, 100) == expected
