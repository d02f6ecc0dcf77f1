#!/usr/bin/env python3
# test_documents.py -- every shipped capture gives the documents and messages that are committed.
# SPDX-License-Identifier: Apache-2.0
import sys
import unittest

import golden

ADVICE = "tests/update-golden.sh makes them anew; read what it changes"


class Documents(unittest.TestCase):
    maxDiff = None

    def test_documents_are_those_committed(self):
        for name, capture, options in golden.cases():
            with self.subTest(name):
                documents, _ = golden.capture_output(capture, options)
                expected = golden.read_expected(name)
                if documents != expected:
                    lines = golden.differences(name, expected, documents)
                    self.fail("\n".join([ADVICE, *lines]))

    def test_messages_and_exit_codes_are_those_committed(self):
        said = {name: golden.capture_output(capture, options)[1]
                for name, capture, options in golden.cases()}
        self.assertEqual(golden.read_messages(), said, ADVICE)

    def test_no_expected_file_is_left_over(self):
        names = {name for name, _, _ in golden.cases()}
        kept = {path.name.split(".ndjson")[0] for path in golden.HERE.glob("*.ndjson*")}
        self.assertEqual(kept, names)

    def test_one_version_stands_in_each_document(self):
        documents, _ = golden.capture_output("arp.pcap")
        lines = documents.splitlines()
        self.assertTrue(lines)
        for line in lines:
            self.assertEqual(line.count(b'"version":"VERSION"'), 1)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
