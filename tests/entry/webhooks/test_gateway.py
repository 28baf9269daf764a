"""Whom the gateway calls, and whom it never calls."""

import socket
import threading
import time
from ipaddress import ip_address

import pytest

from services.entry.webhooks.gateway.addresses import is_public
from services.entry.webhooks.gateway.sender import HttpSender, ReceiverIsUnavailable
from services.entry.webhooks.gateway.urls import Target, UrlIsRefused
from tests.entry.webhooks.receivers import Receiver, certificates

PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001:82a::200e"]
NEVER = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:a00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NEVER)
def test_an_address_of_nobody_or_of_a_neighbour_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://portal.example/hooks", "https"),
        ("ftp://portal.example/hooks", "https"),
        ("//portal.example/hooks", "https"),
        ("https:///hooks", "no host"),
        ("https://me:secret@portal.example/", "user or password"),
        ("https://@portal.example/", "user or password"),
        ("https://portal.example/#there", "after #"),
        ("https://portal.example:99999/", "not a URL"),
        ("https://[::1/", "not a URL"),
        ("https://portal.example/a b", "no spaces"),
        ("https://portal.example/\r\nX-Evil: 1", "ASCII"),
        ("https://портал.example/", "ASCII"),
        ("https://portal.example/" + "a" * 500, "500"),
        ("https://localhost/", "full domain name"),
        ("https://broker/", "full domain name"),
        ("https://2130706433/", "full domain name"),
        ("https://0177.0.0.1/", "full domain name"),
        ("https://0x7f.0.0.1/", "full domain name"),
        ("https://0x7f000001/", "full domain name"),
        ("https://127.1/", "full domain name"),
        ("https://127.0.0.1./", "full domain name"),
        *((f"https://{address}/", "public internet") for address in NEVER if "." in address[:4]),
        *((f"https://[{address}]/", "public internet") for address in NEVER if ":" in address),
    ],
)
def test_a_url_that_could_lead_astray_is_refused_before_any_name_is_resolved(url, why):
    with pytest.raises(UrlIsRefused, match=why):
        HttpSender(resolve=never_asked).post(url, headers={}, body=b"")


def never_asked(host, _port):
    pytest.fail(f"{host} was resolved")


@pytest.mark.parametrize("port", ["", ":8443"])
def test_a_url_keeps_its_port_its_path_and_its_query(port):
    target = Target.of(f"https://Portal.Example{port}/hooks/1?for=iisgd")
    assert (target.authority, target.path) == (f"portal.example{port}", "/hooks/1?for=iisgd")


@pytest.mark.parametrize("address", NEVER)
def test_a_name_that_leads_to_such_an_address_is_not_called(address):
    with pytest.raises(UrlIsRefused, match="not an address of the public internet"):
        HttpSender(resolve=lambda _host, _port: [address]).post(
            "https://portal.example/", headers={}, body=b""
        )


def test_one_bad_address_among_good_ones_is_enough_to_refuse():
    with pytest.raises(UrlIsRefused):
        HttpSender(resolve=lambda _host, _port: ["93.184.215.14", "10.0.0.1"]).post(
            "https://portal.example/", headers={}, body=b""
        )


def test_this_machine_is_called_only_where_a_setting_allows_it_and_its_neighbours_never():
    with Receiver() as receiver:
        with pytest.raises(UrlIsRefused):
            HttpSender().post(receiver.url, headers={}, body=b"")
        assert HttpSender(may_be_local=True).post(receiver.url, headers={}, body=b"{}") == 204
    with pytest.raises(UrlIsRefused):
        HttpSender(may_be_local=True).post("https://10.0.0.1/", headers={}, body=b"")
    assert [taken.path for taken in receiver.taken] == ["/hooks?for=iisgd"]


def test_a_name_is_resolved_once_and_the_call_goes_where_it_led(tmp_path):
    server, trusting = certificates(tmp_path, "portal.example")
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with Receiver(secure=server) as receiver:
        poster = HttpSender(may_be_local=True, resolve=lambda _host, _port: next(answers), secure=trusting)
        status = poster.post(f"https://portal.example:{receiver.port}/", headers={}, body=b"{}")
    (taken,) = receiver.taken
    assert (status, taken.headers["host"]) == (204, f"portal.example:{receiver.port}")
    assert next(answers) == ["10.0.0.1"], "nobody asked a second time"


def test_a_certificate_for_another_name_is_not_good_enough(tmp_path):
    server, trusting = certificates(tmp_path, "another.example")
    with Receiver(secure=server) as receiver:
        poster = HttpSender(may_be_local=True, resolve=lambda _host, _port: ["127.0.0.1"], secure=trusting)
        with pytest.raises(ReceiverIsUnavailable, match="certificate"):
            poster.post(f"https://portal.example:{receiver.port}/", headers={}, body=b"{}")
    assert receiver.taken == []


def test_a_certificate_that_nobody_vouches_for_is_not_good_enough(tmp_path):
    server, _ = certificates(tmp_path, "127.0.0.1")
    with Receiver(secure=server) as receiver, pytest.raises(ReceiverIsUnavailable, match="certificate"):
        HttpSender(may_be_local=True).post(receiver.url, headers={}, body=b"{}")
    assert receiver.taken == []


def test_an_address_in_the_url_is_called_with_a_certificate_for_it(tmp_path):
    server, trusting = certificates(tmp_path, "127.0.0.1")
    with Receiver(secure=server) as receiver:
        poster = HttpSender(may_be_local=True, resolve=never_asked, secure=trusting)
        assert poster.post(receiver.url, headers={}, body=b"{}") == 204


def test_of_several_addresses_the_next_is_tried_where_one_is_silent():
    with Receiver() as receiver:
        poster = HttpSender(may_be_local=True, resolve=lambda _host, _port: ["127.0.0.2", "127.0.0.1"])
        url = receiver.url.replace("127.0.0.1", "localhost")
        assert poster.post(url, headers={}, body=b"{}") == 204


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(status):
    with Receiver() as elsewhere, Receiver(usually=status) as receiver:
        receiver.headers["Location"] = elsewhere.url
        assert HttpSender(may_be_local=True).post(receiver.url, headers={}, body=b"{}") == status
    assert (len(receiver.taken), elsewhere.taken) == (1, [])


def test_no_proxy_of_the_environment_and_no_cookie_comes_along(monkeypatch):
    with Receiver() as proxy, Receiver() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        receiver.headers["Set-Cookie"] = "session=1"
        poster = HttpSender(may_be_local=True)
        for _ in range(2):
            poster.post(receiver.url, headers={}, body=b"{}")
    assert proxy.taken == []
    assert [taken.headers.get("cookie") for taken in receiver.taken] == [None, None]


def test_of_a_long_answer_little_is_read_and_its_status_holds():
    with Receiver(content=b"x" * 20_000_000) as receiver:
        began = time.monotonic()
        assert HttpSender(may_be_local=True).post(receiver.url, headers={}, body=b"{}") == 204
    assert time.monotonic() - began < 2


def test_nobody_there_is_told_in_our_words():
    with Receiver() as receiver:
        url = receiver.url
    with pytest.raises(ReceiverIsUnavailable, match="No connection could be made"):
        HttpSender(may_be_local=True).post(url, headers={}, body=b"{}")


def test_a_name_without_an_address_is_told_in_our_words():
    def resolve(_host, _port):
        raise OSError("Name or service not known")

    with pytest.raises(ReceiverIsUnavailable, match="no address"):
        HttpSender(resolve=resolve).post("https://portal.example/", headers={}, body=b"{}")


@pytest.mark.parametrize("said", [b"H", b"HTTP/1.1 200 OK\r\nX-A: "])
def test_an_answer_that_drips_ends_with_the_whole_time(said):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            line, _ = server.accept()
            with line:
                line.sendall(said)
                for _ in range(100):
                    time.sleep(0.05)
                    try:
                        line.sendall(b"a")
                    except OSError:
                        return

        dripping = threading.Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(ReceiverIsUnavailable, match="No response in time"):
            HttpSender(may_be_local=True, total_seconds=0.4).post(url, headers={}, body=b"{}")
        assert 0.3 < time.monotonic() - began < 2
    dripping.join()


def test_what_is_no_http_is_told_in_our_words():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk():
            line, _ = server.accept()
            with line:
                line.recv(65_536)
                line.sendall(b"220 mail.example ESMTP\r\n")

        talking = threading.Thread(target=talk)
        talking.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(ReceiverIsUnavailable, match="not HTTP"):
            HttpSender(may_be_local=True).post(url, headers={}, body=b"{}")
        talking.join()
