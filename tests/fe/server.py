"""The listening side of one FE: a thread for every client."""

import select
import socket
import ssl
import threading
import time

from .packets import Gone
from .session import Session


def tls_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Server:
    """Accepts clients of one frontend until stop(); up() and down() end and begin its service meanwhile."""

    def __init__(self, frontend, host="127.0.0.1", tls=None, tls_quirks=True):
        self.frontend, self.host, self.tls, self.tls_quirks = frontend, host, tls, tls_quirks
        self.stopping, self.threads, self._timers = False, set(), []
        self._listener = None
        self.up()

    def up(self):
        if self._listener:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.host, self.frontend.port))
        listener.listen(1024)
        self.frontend.port = listener.getsockname()[1]
        self.frontend.alive, self.frontend.draining, self.frontend.started = True, False, time.time()
        self._listener = listener
        self._start(self._accept, listener)

    def down(self):
        """As if the process were killed: connections are reset, new ones refused."""
        listener, self._listener = self._listener, None
        self.frontend.alive = False
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for session in list(self.frontend.sessions.values()):
            session.shutdown()

    def stop(self):
        self.stopping = True
        self.down()
        for timer in self._timers:
            timer.cancel()
        deadline = time.monotonic() + 5
        for thread in list(self.threads):
            if thread.ident:  # else it is only being started
                thread.join(max(0, deadline - time.monotonic()))

    def later(self, seconds, action):
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        self._timers = [t for t in self._timers if t.is_alive()] + [timer]
        timer.start()

    def _start(self, work, *arguments):
        def body():
            try:
                work(*arguments)
            finally:
                self.threads.discard(threading.current_thread())
        thread = threading.Thread(target=body, daemon=True)
        self.threads.add(thread)
        thread.start()

    def _accept(self, listener):
        while self._listener is listener:
            try:
                sock, address = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._start(self._client, sock, address)

    def _client(self, sock, address):
        try:
            if self._struck(sock):
                return
            session = Session(self, sock, address)
            self.frontend.sessions[session.id] = session
            try:
                session.serve()
            except Gone:
                pass
            finally:
                self.frontend.sessions.pop(session.id, None)
                session.close()
                sock = session.channel.sock
        finally:
            sock.close()

    def _struck(self, sock):
        """Faults before the greeting."""
        faults = self.frontend.cluster.faults
        number, fault = faults.take(("freeze", "drop"), self.frontend.number)
        if not fault:
            return False
        if fault["kind"] == "drop":
            return True
        faults.wait_for_healing(number, lambda: self.stopping or gone(sock))
        return self.stopping or gone(sock)


def gone(sock):
    """Has the client closed its end?"""
    poll = select.poll()
    poll.register(sock, select.POLLIN | select.POLLHUP)
    try:
        return bool(poll.poll(0)) and not sock.recv(1, socket.MSG_PEEK)
    except OSError:
        return True
