# node.py -- asks a real server: searches, indices, templates.
# SPDX-License-Identifier: Apache-2.0
import json
import re
import urllib.error
import urllib.request

TEMPLATES = ("espcap-packets", "espcap-events", "packets_lite")
INDICES = "espcap-packets-*,espcap-events-*,packets_lite*,e2e-*"
PAGE = 5000


class Node:
    def __init__(self, url):
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @property
    def host(self):
        return self.url.removeprefix("http://")

    def ask(self, method, path, body=None):
        """(status, parsed answer)"""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with self.opener.open(request, timeout=60) as answer:
                text, code = answer.read(), answer.status
        except urllib.error.HTTPError as error:
            text, code = error.read(), error.code
        return code, json.loads(text) if text.strip() else None

    def get(self, path, body=None):
        code, answer = self.ask("POST" if body else "GET", path, body)
        if code != 200:
            raise AssertionError(f"{path}: status {code}, {answer}")
        return answer

    def indices(self):
        """index -> number of documents, of what espcap and these tests make"""
        rows = self.get(f"/_cat/indices/{INDICES}?h=index,docs.count&format=json")
        return {row["index"]: int(row["docs.count"] or 0) for row in rows}

    def templates(self):
        return [name for name in TEMPLATES
                if self.ask("GET", f"/_index_template/{name}")[0] == 200]

    def clean(self):
        for index in self.indices():
            self.ask("DELETE", f"/{index}")
        for name in self.templates():
            self.ask("DELETE", f"/_index_template/{name}")

    def refresh(self, index):
        self.ask("POST", f"/{index}/_refresh")

    def count(self, index, query=None):
        """Documents that match; 0 when there is no such index yet."""
        self.refresh(index)
        code, answer = self.ask("POST", f"/{index}/_count?ignore_unavailable=true",
                                {"query": query or {"match_all": {}}})
        return answer["count"] if code == 200 else 0

    def words(self, index, text):
        """Documents that match what a person would type."""
        return self.count(index, {"query_string": {"query": text}})

    def all(self, index, source=True):
        """Every hit of a packet index, in the order of event.sequence within each run."""
        self.refresh(index)
        hits, after = [], None
        while True:
            body = {"size": PAGE, "_source": source,
                    "sort": [{"espcap.run": "asc"}, {"event.sequence": "asc"}]}
            if after:
                body["search_after"] = after
            page = self.get(f"/{index}/_search", body)["hits"]["hits"]
            hits += page
            if len(page) < PAGE:
                return hits
            after = page[-1]["sort"]

    def runs(self, index):
        """run -> (first sequence, last sequence, documents), as anyone can ask for them"""
        self.refresh(index)
        sequence = {"field": "event.sequence"}
        body = {"size": 0, "aggs": {"runs": {
            "terms": {"field": "espcap.run", "size": 1000},
            "aggs": {"first": {"min": sequence}, "last": {"max": sequence}}}}}
        buckets = self.get(f"/{index}/_search", body)["aggregations"]["runs"]["buckets"]
        return {bucket["key"]: (int(bucket["first"]["value"]), int(bucket["last"]["value"]),
                                bucket["doc_count"]) for bucket in buckets}


def version(name):
    """(product, major, minor) of a name like elasticsearch-8.19.0"""
    product, major, minor = re.match(r"(\w+)-(\d+)\.(\d+)", name).groups()
    return product, int(major), int(minor)
