#!/usr/bin/env python3
# test_tls.py -- every way in which TLS fails: one sentence, nothing lost, and on when it is mended.
# SPDX-License-Identifier: Apache-2.0
import os
import re
import sys

import case
import certs
import programs
import tls_case

sys.path.append(os.path.join(programs.ROOT, "tests", "fault"))
from time_clock import Clock  # noqa: E402

TRIES = 3
NO_SETUP = ("--setup", "never")
OTHER_NAME = "the server's certificate is for another name; --node has to name the server"
BROKEN = "the TLS connection breaks off before there is an answer"
UNTRUSTED = "of an authority that is not trusted here; --ca-file names one to trust"


class Trial:
    """One espcap-ship against one trouble."""

    def __init__(self, test, name, sentence, target, *options, scheme="https", host="localhost",
                 context=None, clock=None):
        self.test, self.name, self.sentence, self.clock = test, name, sentence, clock
        # a connection that the relay gives up when the target changes may be told of, too
        self.unsaid, self.tries = "\n" if sentence == BROKEN else BROKEN, 0
        self.spool, self.index = test.capture(name), "e2e-" + name
        self.relay = certs.Relay(test, target, context,
                                 "127.0.0.1" if host == "localhost" else host)
        self.ship = test.start(
            "espcap-ship", "--spool", self.spool, "--setup", "install", "--backoff-max", "500ms",
            "--index", self.index, "--node", f"{scheme}://{host}:{self.relay.port}",
            "--ca-file", test.ca.pem, *options, before=["env", *(f"{k}={v}" for k, v in (clock.env if clock else {}).items())])

    def said(self):
        try:
            self.ship.says(self.sentence)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says {self.ship.said()}") from None
        self.tries = self.relay.count

    def check_paused(self, tries=TRIES):
        programs.wait_for(lambda: self.relay.count >= self.tries + tries, f"tries of {self.name}")
        self.test.check_conservation(self.test.status(self.spool), committed=297, backlog=297)
        self.test.assertEqual(self.test.stored(self.index), 0)

    def mend(self, target):
        if self.clock:
            self.clock.put(0, 0)
        self.relay.mend(target)

    def check_mended(self):
        programs.wait_for(lambda: self.test.status(self.spool)["indexed"] == 297, self.name)
        ended = self.ship.stop()
        self.test.assertEqual(ended.code, 0, str(ended))
        self.test.assertEqual(self.test.stored(self.index), 297)
        warnings = [line for line in ended.lines() if ": warning: " in line or "error" in line]
        told = [line for line in warnings if self.sentence in line]
        self.test.assertEqual(len(told), 1, str(ended))
        self.test.assertEqual([line for line in warnings if self.unsaid not in line], told,
                              str(ended))
        self.test.assertRegex(told[0], rf"^espcap-ship: warning: https?://\S+:\d+: .*"
                              rf"{re.escape(self.sentence)}.*; nothing is lost, trying again$")


class Failures(tls_case.TlsCase):
    def setUp(self):
        super().setUp()
        other, mine = certs.Authority(self.folder, "other"), self.ca.issue
        alone = certs.selfsigned(self.folder)
        self.front(
            good=mine("better", names="DNS:localhost,IP:127.0.0.2"), first=self.good, unknown=other.issue("unknown"), selfsigned=alone,
            expired=mine("expired", end="20210101"), future=mine("future", begin="20980101"),
            named=mine("named", names="DNS:other.example"),
            client=mine("client", lines="extendedKeyUsage=clientAuth\n"),
            chained=other.chain("unknown", other.pem),
            old=(*self.good, "ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"),
            twelve=(*self.good, "ssl_protocols TLSv1.2;"),
            wants=(*self.good, f"ssl_client_certificate {self.ca.pem}; ssl_verify_client on;"))
        self.stranger = other.issue("stranger")
        self.late = mine("late", end="20210101")

    def clock_in_1970(self):
        clock = Clock(self.path("clock"))
        clock.set(3600 * 10**9)
        return clock

    def trials(self):
        p, wants = self.ports, certs.context(self.good, self.ca.pem)
        with_cert = [(*("--cert", pem), *("--key", key)) for pem, key in (self.stranger, self.late)]

        def trial(*arguments, **named):
            return Trial(self, *arguments, **named)
        yield trial("expired", "has expired; renew it there, unless the clock here", p["expired"])
        yield trial("future", "is not yet valid; set the clock here", p["future"])
        yield trial("y1970", "set the clock here, unless it is right (it says 1970-01-01)",
                    p["good"], clock=self.clock_in_1970())
        yield trial("named", OTHER_NAME, p["named"])
        yield trial("address", OTHER_NAME, p["first"], host="127.0.0.2")
        yield trial("unknown", UNTRUSTED, p["unknown"])
        yield trial("chained", UNTRUSTED, p["chained"])
        yield trial("selfsigned", "is self-signed; --ca-file with that", p["selfsigned"])
        yield trial("client", "is not one for servers", p["client"])
        yield trial("old", "the TLS versions that --tls-min-version allows", p["old"])
        yield trial("twelve", "the TLS versions that --tls-min-version allows", p["twelve"],
                    "--tls-min-version", "1.3")
        yield trial("plain", "speaks no TLS there; --node has to say http://", self.es.port)
        yield trial("closed", BROKEN, 0)
        yield trial("wants", "wants a certificate of ours; --cert and --key", p["wants"])
        yield trial("requires", "wants a certificate of ours; --cert and --key", self.es.port,
                    context=wants)
        yield trial("stranger", "does not trust the authority of our certificate", self.es.port,
                    *with_cert[0], context=wants)
        yield trial("late", "our certificate has expired", self.es.port, *with_cert[1],
                    context=wants)
        # the same in a request of bulk, where a status of 400 would mean the documents
        yield trial("bulk", "has expired; renew it there", p["expired"], *NO_SETUP)
        yield trial("bulk_wants", "wants a certificate of ours; --cert and", p["wants"], *NO_SETUP)
        yield trial("late_too", "does not take our certificate", p["wants"], *with_cert[1])

    def each(self, trials, *step):
        for trial in trials:
            with self.subTest(trial.name):
                getattr(trial, step[0])(*step[1:])

    def through(self, trials, target):
        self.each(trials, "said")
        self.each(trials, "check_paused")
        self.each(trials, "mend", target)
        self.each(trials, "check_mended")

    def test_every_failure_pauses_with_one_sentence_and_goes_on(self):
        stalled = [Trial(self, "stalled", "the server does not go on with the TLS handshake",
                         None)]
        self.through(list(self.trials()), self.ports["good"])
        self.each(stalled, "said")
        self.each(stalled, "mend", self.ports["good"])
        self.each(stalled, "check_mended")

    def test_a_bad_node_holds_up_nobody(self):
        """Which node is asked first is drawn: most are bad."""
        nodes = [word for name in ["expired", "unknown", "named", "old"] * 2 + ["good"]
                 for word in ("--node", f"https://localhost:{self.ports[name]}")]
        self.capture()
        ship = self.start("espcap-ship", "--spool", self.spool, "--setup", "install", *nodes,
                          "--ca-file", self.ca.pem)
        programs.wait_for(lambda: self.status()["indexed"] == 297, "all indexed by the good one")
        self.assertEqual(ship.stop().code, 0)

    def test_http_to_a_port_of_tls(self):
        self.through([
            Trial(self, "page", "speaks TLS there; --node has to say https://",
                  self.ports["good"], scheme="http"),
            Trial(self, "bare", "--node has to say https://", self.es.port, scheme="http",
                  context=certs.context(self.good))], self.es.port)


if __name__ == "__main__":
    case.main()
