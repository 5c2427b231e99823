"""The HTTP port of an FE, as far as its health is asked for."""

import http.server
import socket
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        frontend = self.server.frontend
        if not frontend.alive:
            self.close_connection = True
            return
        if self.path != "/api/health":
            self.send_error(404)
            return
        self.send_response(500 if frontend.draining else 200)
        self.end_headers()
        self.wfile.write(b'{"online_backend_num":3,"total_backend_num":3,"status":"OK"}')

    def log_message(self, *_):
        pass


class Health(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, frontend, port):
        super().__init__((frontend.host, port), Handler)
        self.frontend = frontend
        frontend.http_port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def handle_error(self, *_):
        pass  # whoever asked has gone

    def stop(self):
        self.shutdown()
        self.server_close()


def serve(frontends):
    """One for each, on a port that all of their hosts have free; on one host each has its own."""
    if len({f.host for f in frontends}) < len(frontends):
        return [Health(f, 0) for f in frontends]
    for _ in range(50):
        with socket.create_server((frontends[0].host, 0)) as s:
            port = s.getsockname()[1]
        made = []
        try:
            for f in frontends:
                made.append(Health(f, port))
            return made
        except OSError:
            for m in made:
                m.stop()
    raise OSError("no HTTP port is free on all hosts")
