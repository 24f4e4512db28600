"""A local HTTP server that answers as told, for the tests of downloads."""

import contextlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer:
    """What to answer to one request; `announced` None leaves the length out, `stall` waits within the body."""

    def __init__(self, body=b"", status=200, announced="right", stall=0.0, location=None):
        self.body, self.status, self.stall, self.location = body, status, stall, location
        self.announced = len(body) if announced == "right" else announced


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.paths.append(self.path)
        answer = server.answers[min(len(server.paths), len(server.answers)) - 1]
        self.send_response(answer.status)
        if answer.announced is not None:
            self.send_header("Content-Length", str(answer.announced))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        half = len(answer.body) // 2
        with contextlib.suppress(OSError):  # the client may have given up
            self.wfile.write(answer.body[:half])
            self.wfile.flush()
            time.sleep(answer.stall)
            self.wfile.write(answer.body[half:])

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def serving(*answers):
    """A server that gives these answers one after the other, the last one again and again; yields it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answers, server.paths = list(answers), []
    server.url = f"http://127.0.0.1:{server.server_port}/folder/data.bin"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
