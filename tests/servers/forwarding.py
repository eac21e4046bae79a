"""A proxy in threads, as an environment names one for a command."""

from __future__ import annotations

import socket
import threading


class Proxy:
    """Forwards plain requests to where they are addressed, and refuses to tunnel; keeps each first line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client:
            head = b""
            while b"\r\n\r\n" not in head and (data := client.recv(65536)):
                head += data
            first, _, rest = head.partition(b"\r\n")
            self.lines.append(first.decode())
            method, url, version = first.split()
            if method == b"CONNECT":
                client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            host, _, path = url.removeprefix(b"http://").partition(b"/")
            address, _, port = host.decode().partition(":")
            with socket.create_connection((address, int(port))) as server:
                headers = b"\r\n".join(
                    [b" ".join([method, b"/" + path, version]), b"Connection: close", rest]
                )
                server.sendall(headers)
                while data := server.recv(65536):
                    client.sendall(data)
