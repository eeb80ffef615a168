"""The way between a phone and the office, for tests: it can be down, slow, broken off in the middle, or bring another version."""

import contextlib
import re
import socket
import threading
import time
from urllib.parse import urlsplit

PIECE = 16_384
NAMED_VERSION = re.compile(rb'("version":"|const VERSION = ")[0-9a-f]{16}"')


class Line:
    """Passes bytes on between a port of its own and the service.

    `up` false refuses connections and ends those there are; `slow_s` waits after each piece that is sent up; `break_after`
    ends a connection after so many bytes up, once; `version` takes the place of the field app's own.
    """

    def __init__(self, service: str) -> None:
        self._target = (urlsplit(service).hostname, urlsplit(service).port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.up = True
        self.slow_s = 0.0
        self.break_after: int | None = None
        self.version: bytes | None = None
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def down(self) -> None:
        self.up = False
        for each in list(self._open):
            self._end(each)

    def close(self) -> None:
        self.down()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                phone, _ = self._listener.accept()
                if not self.up:
                    phone.close()
                    continue
                office = socket.create_connection(self._target)
                self._open |= {phone, office}
                for source, sink, change in ((phone, office, self._upward), (office, phone, self._downward)):
                    threading.Thread(target=self._pass, args=(source, sink, change), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, change) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                sink.sendall(change(piece))
        self._end(source)
        self._end(sink)

    def _upward(self, piece: bytes) -> bytes:
        if self.slow_s and len(piece) > PIECE // 2:
            time.sleep(self.slow_s)
        if self.break_after is not None:
            self.break_after -= len(piece)
            if self.break_after <= 0:
                self.break_after = None
                raise OSError
        # a name of the same length: the service then answers as it is, and its version can be read
        return piece.replace(b"Accept-Encoding:", b"X-Accept-Encode:") if self.version else piece

    def _downward(self, piece: bytes) -> bytes:
        if self.version is None:
            return piece
        return NAMED_VERSION.sub(lambda found: found[1] + self.version + b'"', piece)

    def _end(self, each: socket.socket) -> None:
        self._open.discard(each)
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
