"""A server on this machine that misbehaves on demand, and the certificates that it makes for itself."""

import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Play = Callable[["Line"], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One connection after its request was read. `over` is set when the server ends."""

    socket: socket.socket
    over: threading.Event

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def pause(self, seconds: float) -> bool:
        """Wait; True when there is no more use in going on."""
        return self.over.wait(seconds)

    def reset(self) -> None:
        """End with RST instead of FIN, as a machine that falls over does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


@dataclass
class Server:
    """Plays a script for each path: one play for each request, the last one for all further ones."""

    port: int
    scripts: dict[str, list[Play]] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    names: list[str | None] = field(default_factory=list)

    def play(self, path: str, *plays: Play) -> str:
        """Set the script of a path; gives its address."""
        self.scripts[path] = list(plays)
        return self.url(path)

    def url(self, path: str, host: str = "localhost") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def asked(self, path: str) -> int:
        return sum(request.startswith(f"GET {path} ".encode()) for request in self.requests)

    def header(self, name: str, request: int = -1) -> str | None:
        """What a request said under that name."""
        for line in self.requests[request].decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(": ")
            if key.lower() == name.lower():
                return value
        return None


def answer(body: bytes = b"", *, status: str = "200 OK", headers: tuple[str, ...] = ()) -> Play:
    """A proper answer."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers)
    return raw("\r\n".join((*lines, "", "")).encode("latin-1") + body)


def raw(data: bytes) -> Play:
    return lambda line: line.send(data)


def packed(body: bytes, *, keep: int | None = None) -> Play:
    """A gzip answer, its body cut to `keep` bytes and truthfully measured."""
    return answer(gzip.compress(body, mtime=0)[:keep], headers=("Content-Encoding: gzip",))


def reset_after(data: bytes) -> Play:
    def play(line: Line) -> None:
        line.send(data)
        line.pause(0.05)  # so that the bytes arrive before the reset discards them
        line.reset()

    return play


def drip(head: bytes, drop: bytes, *, every: float, pieces: int = 1_000_000) -> Play:
    """`drop` again and again, with a pause after each."""

    def play(line: Line) -> None:
        line.send(head)
        for _ in range(pieces):
            line.send(drop)
            if line.pause(every):
                return

    return play


def hush(line: Line) -> None:
    """Never answer."""
    line.over.wait()


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A running server; on leaving, all of its connections end."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(port=listener.getsockname()[1], tls=tls)
    over = threading.Event()
    if tls:
        tls.sni_callback = lambda _socket, name, _context: server.names.append(name)
    threads: list[threading.Thread] = []

    def attend(connection: socket.socket) -> None:
        try:
            with server.tls.wrap_socket(connection, server_side=True) if server.tls else connection as line:
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    piece = line.recv(4096)
                    if not piece:
                        return
                    request += piece
                server.requests.append(request)
                script = server.scripts.get(request.split(b" ")[1].decode(), [answer(status="404 Not Found")])
                (script.pop(0) if len(script) > 1 else script[0])(Line(line, over))
        except OSError:
            return  # the client has had enough; that is what most plays are about

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=attend, args=(connection,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (accepting, *threads):
            thread.join(2)


def certify(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A self-signed certificate for these names: the server's side, and the file that a client would have to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / f"{names[0]}.crt", folder / f"{names[0]}.key"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return context, trusted
