#!/usr/bin/env python3
# test_dictionary.py -- the dictionary of small frames is worth it for what it was not trained on.
# SPDX-License-Identifier: Apache-2.0
import tempfile
import unittest

import dictionary

LIMIT = 0.45


class HeldOut(unittest.TestCase):
    """Deterministic: the same captures give the same documents, dictionary and sizes."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.shares = dictionary.shares(dictionary.own(True), dictionary.train(folder))

    def test_some_captures_are_held_out_and_more_are_not(self):
        self.assertGreater(len(dictionary.own(True)), 10)
        self.assertGreater(len(dictionary.own(False)), len(dictionary.own(True)))

    def test_two_documents_take_less_than_the_limit_in_every_schema(self):
        for schema, by_count in self.shares.items():
            for count in (2, 3):
                self.assertLess(by_count[count][0], LIMIT, f"{schema}, {count} documents")

    def test_a_document_alone_takes_less_than_the_limit(self):
        for schema in ("full", "slim", "ecs"):    # lite has 80 bytes a document
            self.assertLess(self.shares[schema][1][0], LIMIT, schema)

    def test_it_halves_what_zstd_alone_makes_of_few_documents(self):
        for schema, by_count in self.shares.items():
            for count in dictionary.COUNTS:
                with_it, without = by_count[count]
                self.assertLess(with_it, without * 0.6, f"{schema}, {count} documents")

    def test_the_built_in_one_knows_its_own_captures_better(self):
        lines = dictionary.documents(dictionary.own(True), "slim")
        self.assertLess(dictionary.share(lines, 3, "built-in"), self.shares["slim"][3][0])


if __name__ == "__main__":
    unittest.main()
