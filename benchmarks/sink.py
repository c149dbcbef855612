"""A mail server that takes everything and keeps nothing but a count: `python -m benchmarks.sink`.

It prints its port, and for each line on standard input how many letters it has taken so far. Plain sockets and
no library: it shares the machine with what is measured, so it must cost next to nothing.
"""

from __future__ import annotations

import socket
import sys
import threading

TAKEN = [0]


def _converse(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(b"220 sink\r\n")
    buffer = b""
    with connection:
        while received := connection.recv(65536):
            buffer += received
            buffer = _answered(connection, buffer)


def _answered(connection: socket.socket, buffer: bytes) -> bytes:
    """Answer every whole command in the buffer; what is left of it."""
    while b"\r\n" in buffer:
        line, _end, buffer = buffer.partition(b"\r\n")
        verb = line[:4].upper()
        if verb == b"EHLO":
            connection.sendall(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
        elif verb == b"DATA":
            connection.sendall(b"354 go on\r\n")
            while b"\r\n.\r\n" not in buffer:
                more = connection.recv(65536)
                if not more:
                    return b""
                buffer += more
            buffer = buffer.partition(b"\r\n.\r\n")[2]
            TAKEN[0] += 1
            connection.sendall(b"250 2.0.0 taken\r\n")
        elif verb == b"QUIT":
            connection.sendall(b"221 bye\r\n")
        else:
            connection.sendall(b"250 OK\r\n")
    return buffer


def _accept(server: socket.socket) -> None:
    while True:
        connection, _address = server.accept()
        threading.Thread(target=_converse, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listening,), daemon=True).start()
    print(listening.getsockname()[1], flush=True)
    for _line in sys.stdin:
        print(TAKEN[0], flush=True)
