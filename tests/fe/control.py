"""The control port: one JSON object a line, one answer a line.  docs/fe-emulator.md lists the orders."""

import json
import socketserver
import threading


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            try:
                answer = {"ok": True, **run(self.server.emulator, json.loads(line))}
            except Exception as e:  # whatever the order was, the test has to learn of it
                answer = {"ok": False, "error": f"{type(e).__name__}: {e}"}
            self.wfile.write(json.dumps(answer).encode() + b"\n")


class Control(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True

    def __init__(self, emulator, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.emulator, self.port = emulator, self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


def _sessions(emulator, order):
    return {"sessions": [
        {"fe": s.frontend.number, "id": s.id, "user": s.user.name if s.user else None, "database": s.database,
         "catalog": s.catalog, "busy": s.busy, "text": s.text, "transaction": bool(s.transaction),
         "prepared": len(s.prepared), "variables": dict(s.values.own)}
        for s in emulator.cluster.sessions()]}


def _record(emulator, order):
    return {"statements": [s._asdict() for s in emulator.record(order.get("fe"), order.get("user"),
                                                               order.get("match", ""))]}


def _fault(emulator, order):
    return {"number": emulator.fault(**{k: v for k, v in order.items() if k != "do"})}


def _done(action):
    def run_it(emulator, order):
        action(emulator, order)
        return {}
    return run_it


ORDERS = {
    "ping": _done(lambda e, o: None),
    "frontends": lambda e, o: {"frontends": [
        {"fe": f.number, "port": f.port, "alive": f.alive, "role": f.role} for f in e.cluster.frontends.values()]},
    "record": _record,
    "clear": _done(lambda e, o: e.clear()),
    "sessions": _sessions,
    "fault": _fault,
    "faults": lambda e, o: {"faults": e.cluster.faults.all()},
    "heal": _done(lambda e, o: e.heal(o.get("number"))),
    "down": _done(lambda e, o: e.down(o["fe"])),
    "up": _done(lambda e, o: e.up(o["fe"])),
    "drain": _done(lambda e, o: e.drain(o["fe"])),
    "leader": _done(lambda e, o: setattr(e.cluster, "leader", o["fe"])),
    "limit": _done(lambda e, o: setattr(e.cluster, "max_connections", o["connections"])),
    "kill": _done(lambda e, o: e.kill(o["id"])),
    "sql": _done(lambda e, o: e.sql(*o["statements"])),
}


def run(emulator, order):
    return ORDERS[order["do"]](emulator, order)
