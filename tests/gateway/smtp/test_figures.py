"""From the receivers to /metrics, over files."""

from prometheus_client import CollectorRegistry, generate_latest

from gateway.intake.acceptor import Acceptor
from gateway.smtp import figures, replies
from gateway.smtp.figures import Figures
from gateway.smtp.refusals import Refusals
from gateway.web.metrics import ReceiverCollector


def shown(folder):
    registry = CollectorRegistry()
    registry.register(ReceiverCollector(folder))
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_each_living_receiver_is_shown_with_its_figures(tmp_path):
    one, two, silent = (Acceptor(tmp_path, name) for name in ("one", "two", "silent"))
    for acceptor in (one, two, silent):
        acceptor.ensure()
    figures.tell(one.folder, Figures(3, {"errors": 2}))
    figures.tell(two.folder, Figures(0, {}))
    assert shown(tmp_path) == [
        'sunnyday_smtp_connections{receiver="one"} 3.0',
        'sunnyday_smtp_connections{receiver="two"} 0.0',
        'sunnyday_smtp_limits_reached_total{limit="errors",receiver="one"} 2.0',
    ]
    one.release()
    two.release()
    silent.release()
    assert shown(tmp_path) == []


def test_without_receivers_nothing_is_shown(tmp_path):
    assert shown(tmp_path / "none") == []
    figures.tell(tmp_path / "none", Figures(0, {}))


def test_limits_are_counted_by_the_reply_that_tells_of_them(capsys):
    refusals = Refusals()
    for reply in (replies.OK, replies.TOO_LARGE, replies.TOO_LARGE, replies.LOOPED):
        refusals.note(reply)
    assert refusals.counts == {"mail_size": 2, "loop": 1}
    refusals.log_news()
    refusals.log_news()
    assert capsys.readouterr().out.count("smtp_limits_reached") == 1
