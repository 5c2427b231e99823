"""Faults that a test orders: where an FE hangs, lies or goes away.

A fault is a dictionary: {"kind": …, optional "fe", "user", "match" (a regular expression on the statement),
"times" (how often, default always), and what the kind needs}.

  at connect    freeze (no greeting), refuse_login (errno, message), too_many (ERR 1064), drop
  at statement  hang (until healed or killed), close, garbage, delay (ms), error (errno, sqlstate, message)
  in a result   slow (ms before each batch of `rows` rows), die (close after `rows` rows),
                fail (ERR after `rows` rows)
"""

import re
import threading
import time

CONNECT = ("freeze", "refuse_login", "too_many", "drop")
STATEMENT = ("hang", "close", "garbage", "delay", "error")
RESULT = ("slow", "die", "fail")


class Faults:
    def __init__(self):
        self._faults, self._number = {}, 0
        self._lock = threading.Lock()

    def add(self, fault):
        if fault.get("kind") not in CONNECT + STATEMENT + RESULT:
            raise ValueError(f"unknown kind of fault: {fault.get('kind')!r}")
        re.compile(fault.get("match", ""))
        with self._lock:
            self._number += 1
            self._faults[self._number] = dict(fault)
            return self._number

    def heal(self, number=None):
        with self._lock:
            if number is None:
                self._faults.clear()
            else:
                self._faults.pop(int(number), None)

    def all(self):
        with self._lock:
            return {n: dict(f) for n, f in self._faults.items()}

    def active(self, number):
        return number in self._faults

    def take(self, kinds, frontend, user="", text=""):
        """The first fault that fits: (number, fault), counted as used; or (0, None)."""
        if not self._faults:
            return 0, None
        with self._lock:
            for number, fault in self._faults.items():
                if fault["kind"] not in kinds or fault.get("fe", frontend) != frontend:
                    continue
                if fault.get("user", user) != user or not re.search(fault.get("match", ""), text):
                    continue
                if "times" in fault:
                    if fault["times"] <= 0:
                        continue
                    fault["times"] -= 1
                return number, fault
        return 0, None

    def wait_for_healing(self, number, ended):
        """Hangs until the fault is healed or ended() says so."""
        while self.active(number) and not ended():
            time.sleep(0.005)
