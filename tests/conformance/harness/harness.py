"""What the Python checks share: a check is a function, registered by its promise; each prints one line."""

import os
import time
import traceback

BOOTSTRAP = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
WAIT_SECONDS = 60

_registered = []


def check(promise):
    """Registers the function that it decorates as the check of `promise`."""

    def register(function):
        _registered.append((promise, function))
        return function

    return register


def run_checks():
    """Runs what was registered, in order."""
    for promise, function in _registered:
        try:
            function()
            print(f"ok {promise}", flush=True)
        except Exception as error:  # whatever a client raises, the other checks still run
            line = traceback.extract_tb(error.__traceback__)[1].lineno
            what = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"not ok {promise}: {what} (line {line})", flush=True)


def eventually(what, probe, seconds=WAIT_SECONDS):
    """Asks `probe` again and again until it answers something true, and returns that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = probe()
        if answer:
            return answer
        time.sleep(0.05)
    raise TimeoutError(f"waited {seconds} s in vain until {what}")


def expect(wanted, got):
    """Fails unless both are equal."""
    if wanted != got:
        raise AssertionError(f"wanted {wanted!r}, got {got!r}")


def unique(name):
    """A name that no other run uses."""
    return f"{name}-{os.environ['CONFORMANCE_RUN']}"
