"""Attacks on the network: servers of every kind, and the channel to the trainer as a way out."""

from attack import Attack, of_kind

from tracks.evaluation import State

CALLS_ONLY = "refused refused succeeds succeeds"
HELD = "refused refused refused succeeds"

ATTACKS = of_kind(
    "network",
    Attack("connect by TCP", HELD, """
import socket
socket.socket().connect(("127.0.0.1", PORT))
""", landlock_abi=4),
    Attack("send by UDP", CALLS_ONLY, """
import socket
socket.socket(type=socket.SOCK_DGRAM).sendto(b"stolen", ("127.0.0.1", UDP_PORT))
"""),
    Attack("connect to a socket's path", "refused refused varies succeeds", """
import socket
socket.socket(socket.AF_UNIX).connect(UNIX_PATH)
"""),
    Attack("connect to an abstract socket", HELD, """
import socket
socket.socket(socket.AF_UNIX).connect(ABSTRACT)
""", landlock_abi=6),
    Attack("serve by TCP", HELD, """
import socket
server = socket.socket()
server.bind(("127.0.0.1", 0))
gained(*server.getsockname())
""", landlock_abi=4),
    Attack("ask for a name's address", "refused refused varies varies", """
import socket
try:
    gained(socket.getaddrinfo(b"localhost", 80)[0])
except socket.gaierror:
    refuse()
"""),
    Attack("open a raw socket", "refused refused refused varies", """
import socket
socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
gained("opened")
"""),
    Attack("listen to the kernel", CALLS_ONLY, """
import socket
gained(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
"""),
    Attack("a pair of sockets", CALLS_ONLY, "import socket\ngained(*socket.socketpair())"),
    Attack("fetch a page", "refused refused varies succeeds", """
import urllib.error, urllib.request
try:
    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=0.5)
except LookupError:
    refuse()
except urllib.error.URLError as error:
    if isinstance(error.reason, TimeoutError):
        gained("connected")
    refuse()
except TimeoutError:
    gained("connected")
"""),
    Attack("send a descriptor to the trainer", "refused refused contained contained", """
import socket
channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, 3)
try:
    socket.send_fds(channel, [b"k"], [1, 2])
finally:
    channel.detach()
"""),
    Attack("send to an address by the channel", "refused refused varies varies", """
import socket
channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, 3)
try:
    channel.sendto(b"k", UNIX_PATH)
finally:
    channel.detach()
"""),
    Attack("send out of band by the channel", "refused refused varies varies", """
import socket
channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, 3)
try:
    channel.send(b"k", socket.MSG_OOB)
finally:
    channel.detach()
"""),
    Attack("receive out of band by the channel", "refused refused varies varies", """
import socket
channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, 3)
try:
    channel.recv(1, socket.MSG_OOB)
finally:
    channel.detach()
"""),
    Attack("shut the channel down", "refused refused ended ended", """
import socket

channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, 3)
try:
    channel.shutdown(socket.SHUT_RDWR)
finally:
    channel.detach()
""", states=(State.CRASH,)),
)  # fmt: skip
