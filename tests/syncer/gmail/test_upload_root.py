"""Uploads go to the root that the operator set, like every other call."""

import pytest
from googleapiclient.discovery import build_from_document

from syncer.gmail.asking import document
from syncer.gmail.send import RawMail, at_root


@pytest.mark.parametrize(
    ("uri", "root", "expected"),
    [
        ("https://gmail.googleapis.com/upload/x?a=1", "https://gmail.googleapis.com", None),
        ("https://gmail.googleapis.com/upload/x?a=1", "http://proxy:1/g/", "http://proxy:1/g/upload/x?a=1"),
        ("http://proxy:1/g/upload/x?a=1", "http://proxy:1/g", None),
        ("http://elsewhere.example/upload/x?a=1", "http://127.0.0.1:4200", "http://127.0.0.1:4200/upload/x?a=1"),
    ],
)
def test_an_upload_stays_at_our_root(uri, root, expected):
    """contract.md: every call of the client goes there, upload included; and our token goes nowhere else."""
    assert at_root(uri, root) == (expected or uri)


def test_an_upload_begins_at_our_root_with_its_path():
    """facts/gmail.md 1.9: client_options.api_endpoint would keep https and lose the path."""
    service = build_from_document(document("gmail", "v1", "http://proxy:1/google"), http=object())
    request = service.users().messages().send(userId="me", media_body=RawMail(b"mail"))
    assert request.uri.startswith("http://proxy:1/google/upload/gmail/v1/users/me/messages/send?")
