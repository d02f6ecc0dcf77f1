# verdict_case.py -- every row of shipper/verdict.def as an answer that a server gives.
# SPDX-License-Identifier: Apache-2.0
"""Each row: the rules of fake-es that give the answer, and what must have become of RECORDS."""
import os
import re

import programs

RECORDS = 12
BAD = 5          # the record that is refused where only one is
PAGE = "<html><body>no</body></html>"
DEF = os.path.join(programs.ROOT, "shipper", "verdict.def")
WAITS = {"AGAIN", "PAUSE_INDEX", "PAUSE_ALL", "FOREIGN"}
ILLEGAL = "illegal_argument_exception"
BLOCK = "cluster_block_exception"


def rows():
    """{name: verdict} of the table, in its order."""
    with open(DEF, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
    found = {}
    for name, rest in re.findall(r"^(?:ITEM|WHOLE)\((\w+),(.*?)\)$", text, re.MULTILINE | re.DOTALL):
        found[name] = re.findall(r"\b(INDEXED|ALREADY_THERE|AGAIN|ALONE|DEAD_TIME|DEAD|PAUSE_INDEX|"
                                 r"PAUSE_ALL|SPLIT|FOREIGN)\b", rest)[-1]
    return found


def bulk(action, **match):
    return {"match": {"path": "*/_bulk", **match}, "action": action}


def item(status, kind="", reason="", which=f"seq_mod:{RECORDS}:{BAD}", **more):
    items = {"status": status, "which": which, **more}
    return {"items": items | ({"type": kind} if kind else {}) | ({"reason": reason} if reason else {})}


def error(status, kind, reason="x"):
    """A whole answer as Elasticsearch gives it."""
    told = {"type": kind, "reason": reason}
    return {"status": status, "body": {"error": {"root_cause": [told], **told}, "status": status}}


def page(status, **headers):
    return {"status": status, "body": PAGE, "headers": {"Content-Type": "text/html", **headers}}


UNTOLD = {"create": {"status": 409}}
LOST = bulk({"cut": "before_answer"}, times=1)    # all is stored, nobody hears of it

ITEMS = {
    "indexed": [],
    "taken": [bulk(item(200), times=1)],
    "already_there": [LOST],
    "already_there_untold": [LOST, bulk({"status": 200, "body": {"items": [UNTOLD] * RECORDS}})],
    "other_conflict": [bulk(item(409, "resource_already_exists_exception"), times=1)],
    "flood_stage": [bulk(item(429, BLOCK, "index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage "
                              "exceeded flood-stage watermark];"), times=1)],
    "index_block": [bulk(item(403, BLOCK, "index [a] blocked by: [FORBIDDEN/8/index write (api)];"),
                         times=1)],
    "cluster_block": [bulk(item(403, BLOCK, "blocked by: [FORBIDDEN/6/cluster read-only (api)];"),
                           times=1)],
    "busy": [bulk(item(429, "es_rejected_execution_exception", which="half:7"), times=3)],
    "unknown_user": [bulk(item(401, "security_exception"), times=1)],
    "no_right_on_index": [bulk(item(403, "security_exception", "action [indices:data/write/bulk[s]] is "
                                    "unauthorized for user [x] on indices [a]"), times=1)],
    "no_right": [bulk(item(403, "security_exception", "no permissions for [indices:data/write]"),
                      times=1)],
    "forbidden": [bulk(item(403, "forbidden_exception"), times=1)],
    "no_index": [bulk(item(404, "index_not_found_exception"), times=1)],
    "no_data_stream": [bulk(item(404, "resource_not_found_exception", "The bulk request failed, [a] is "
                                 "not a data stream"), times=1)],
    "no_shard": [bulk(item(404, "shard_not_found_exception"), times=1)],
    "time_out": [bulk(item(408, "x"), times=1)],
    "closed": [bulk(item(400, "index_closed_exception", "closed"), times=1)],
    "bad_index_name": [bulk(item(400, "invalid_index_name_exception"), times=1)],
    "wants_routing": [bulk(item(400, "routing_missing_exception"), times=1)],
    "shard_limit": [bulk(item(400, "validation_exception", "Validation Failed: 1: this action would "
                              "add [2] shards"), times=1)],
    "no_pipeline": [bulk(item(400, ILLEGAL, "pipeline with id [x] does not exist"), times=1)],
    "no_template": [bulk(item(400, ILLEGAL, "no matching index template found for data stream [a]"),
                         times=1)],
    "other_template": [bulk(item(400, ILLEGAL, "cannot create index with name [a], because"), times=1)],
    "no_write_index": [bulk(item(400, ILLEGAL, "no write index is defined for alias [a]."), times=1)],
    "index_race": [bulk(item(400, "resource_already_exists_exception"), times=1)],
    "outside_window": [bulk(item(400, ILLEGAL, "the document timestamp [2020] is outside of ranges"))],
    "outside_bounds": [bulk(item(400, "document_parsing_exception", "[1:9] failed to parse: time series "
                                 "index @timestamp value [2020] must be larger than 2026"))],
    "poison": [bulk(item(400, "document_parsing_exception", "[1:9] failed to parse"))],
    "pipeline_fails": [bulk(item(500, "fail_processor_exception", "not wanted"))],
    "not_implemented": [bulk(item(501, "x"))],
    "trouble": [bulk(item(503, "unavailable_shards_exception"), times=2)],
    "odd": [bulk(item(418, "x"))],
}

WHOLES = {
    "items": [],
    "no_items": [bulk(page(code), times=1) for code in (201, 202, 206)],
    "redirect": [bulk(page(code, Location="/_fake/redirected"), times=1) for code in (301, 307)],
    "whole_unknown_user": [bulk(error(401, "security_exception"), times=1)],
    "whole_flood_stage": [bulk(error(429, BLOCK, "index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage "
                                     "exceeded flood-stage watermark];"), times=1)],
    "whole_index_block": [bulk(error(403, BLOCK, "index [a] blocked by: [FORBIDDEN/8/x];"), times=1)],
    "whole_cluster_block": [bulk(error(403, BLOCK, "blocked by: [FORBIDDEN/6/x];"), times=1)],
    "whole_no_right": [bulk(error(403, "security_exception"), times=1)],
    "forbidden_on_the_way": [bulk(page(403), times=1)],
    "proxy_user": [bulk(page(407), times=1)],
    "too_large": [bulk({"limit_body_bytes": 700, "html": True})],
    "whole_busy": [bulk(error(429, "circuit_breaking_exception"), times=2)],
    "whole_time_out": [bulk(page(408), times=1)],
    "whole_no_index": [bulk(error(404, "index_not_found_exception"), times=1)],
    "whole_no_data_stream": [bulk(error(404, "resource_not_found_exception", "[a] is not a data stream"),
                                  times=1)],
    "whole_closed": [bulk(error(400, "index_closed_exception"), times=1)],
    "whole_bad_index_name": [bulk(error(400, "invalid_index_name_exception"), times=1)],
    "whole_shard_limit": [bulk(error(400, "validation_exception", "Validation Failed: 1: this action "
                                     "would add [2] shards"), times=1)],
    "whole_no_pipeline": [bulk(error(400, ILLEGAL, "pipeline with id [x] does not exist"), times=1)],
    "whole_no_template": [bulk(error(400, ILLEGAL, "no matching index template found for"), times=1)],
    "garbled": [bulk(error(400, ILLEGAL, "Malformed action/metadata line [3], expected one of"), times=1)],
    "cut_on_the_way": [bulk(error(400, ILLEGAL, "The bulk request must be terminated by a newline [\\n]"),
                            times=1)],
    "lost_on_the_way": [bulk(error(400, "parse_exception", "request body is required"), times=1)],
    "not_unpacked": [bulk(error(400, "json_parse_exception", "Illegal character ((CTRL-CHAR, code 31))"),
                          times=1)],
    "unknown_parameter": [bulk(error(400, ILLEGAL, "request [/a/_bulk] contains unrecognized parameter"),
                               times=1)],
    "whole_poison": [bulk({"poison_whole_body": f'"event.sequence":{BAD},'})],
    "no_bulk": [bulk({"status": code, "body": {"error": "no", "status": code}}, times=1)
                for code in (405, 406)],
    "whole_odd": [bulk({"status": 400, "body": {"error": "no handler found", "status": 400}}, times=1)],
    "alien": [bulk(page(code), times=1) for code in (400, 404, 411, 414, 431)],
    "portal": [bulk(page(511), times=1)],
    "whole_not_implemented": [bulk(page(501), times=1)],
    "bad_gateway": [bulk(page(code), times=1) for code in (502, 503, 504)],
    "whole_trouble": [bulk(error(503, "master_not_discovered_exception"), times=1),
                      bulk(error(500, "x"), times=1)],
}

POISON = item(400, "document_parsing_exception", "no")
TWICE = {"times": 2}

# Answers that no table can help: what they say, and whether the one record stays refused.
SHAPES = {
    "reordered": [bulk(POISON | {"answer": "reordered"}, **TWICE), bulk(POISON)],
    "reordered_for_ever": [bulk(POISON | {"answer": "reordered"})],
    "missing_item": [bulk(POISON | {"answer": "missing_item"}, **TWICE), bulk(POISON)],
    "extra_item": [bulk(POISON | {"answer": "extra_item"}, **TWICE), bulk(POISON)],
    "other_op": [bulk(POISON | {"answer": "other_op"}, **TWICE), bulk(POISON)],
    "status_string": [bulk({"answer": "status_string"}, **TWICE)],
    "status_missing": [bulk({"answer": "status_missing"}, **TWICE)],
    "status_negative": [bulk({"answer": "status_negative"}, **TWICE)],
    "errors_false_with_failures": [bulk(POISON | {"answer": "errors_false_with_failures"})],
    "errors_true_without": [bulk({"answer": "errors_true_without"})],
    "pretty": [bulk(POISON | {"answer": "pretty"})],
    "truncated_json": [bulk({"answer": "truncated_json"}, **TWICE)],
    "html200": [bulk({"answer": "html200"}, **TWICE)],
    "empty200": [bulk({"answer": "empty200"}, **TWICE)],
    "http10": [bulk(POISON | {"answer": "http10"})],
    "content_length_long": [bulk({"answer": "content_length_long"}, times=1)],
    "content_length_short": [bulk({"answer": "content_length_short"}, **TWICE)],
    "chunked_trailers": [bulk(POISON | {"answer": "chunked_trailers"})],
    "bad_gzip": [bulk({"answer": "bad_gzip"}, **TWICE)],
    "cut": [bulk({"cut": n, "rst": n % 2 == 0}, times=1) for n in (1, 17, 150, 170, 200, 300)],
    "garbage64m": [bulk({"answer": "garbage64m"}, times=1)],
    "long_reason": [bulk(item(400, "mapper_parsing_exception", "x" * 90000))],
    "failure_store_used": [bulk(item(201, failure_store="used"))],
    "failure_store_failed": [bulk(item(400, "mapper_parsing_exception", failure_store="failed"))],
}
REFUSED = {"reordered", "reordered_for_ever", "missing_item", "extra_item", "other_op",
           "errors_false_with_failures", "pretty", "http10", "chunked_trailers", "long_reason",
           "failure_store_failed"}
