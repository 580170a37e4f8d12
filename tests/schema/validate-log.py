#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Validates audit logs and result files against docs/schema.

usage: validate-log.py FILE...      a name in .jsonl is a log, any other a result

For logs it also recomputes the hash chain and checks that every sequence number of a run is
there exactly once, as a line or inside a lost record. It shares no code with the verifier in C.
Needs python3-jsonschema.
"""

import hashlib
import json
import pathlib
import re
import sys

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "schema"
ZERO = "0" * 64


def validator(name):
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def schema_faults(checker, value):
    for error in checker.iter_errors(value):
        # The branch that came furthest says more than "is not valid under any of the schemas".
        best = jsonschema.exceptions.best_match([error])
        yield f"{best.json_path}: {best.message}"


class Run:
    """Sequence numbers of one run."""

    def __init__(self, counters=None):
        self.next, self.lines, self.lost, self.limited = 1, 0, set(), 0
        self.late, self.open = None, True
        self.lost_before = 0  # in a file that this one continues
        if counters:
            self.lines, self.lost_before = counters["lines"], counters["lost"]
            self.limited = counters["limited"]
            self.next = self.lines + self.lost_before + 1

    def add(self, record):
        kind = record["type"]
        if kind in ("violation", "escape"):
            self.lines += 1
            seq, late, self.late = record["seq"], self.late, None
            if late is not None:
                return None if seq == late else f"seq {seq} where the late {late} was announced"
            expected, self.next = self.next, max(self.next, seq + 1)
            return None if seq == expected else f"seq {seq} where {expected} was expected"
        if self.late is not None:
            return f"the announced late seq {self.late} does not follow"
        if kind == "lost" and record["count"] == -1:
            if record["from"] not in self.lost or record["from"] != record["to"]:
                return "corrects a loss that was not declared"
            self.lost.remove(record["from"])
            self.late = record["from"]
        elif kind == "lost":
            expected, self.next = self.next, record["to"] + 1
            self.lost.update(range(record["from"], record["to"] + 1))
            if record["from"] != expected or record["count"] != record["to"] - record["from"] + 1:
                return f"lost from {record['from']} where {expected} was expected"
        elif kind == "summary":
            self.limited += record["limited"]
        elif record.get("event") == "end":
            self.open = False
            counted = record["counters"]
            found = {"lines": self.lines, "lost": len(self.lost) + self.lost_before, "limited": self.limited,
                     "seq": self.next - 1}
            wrong = {k: v for k, v in found.items() if counted.get(k, v) != v}
            return f"the end record counts otherwise than {wrong}" if wrong else None
        return None


def log_faults(path):
    checker, run, prev, chained = validator("event.schema.json"), None, ZERO, None
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        yield "the last line is cut off"
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        def at(text):
            return f"line {number}: {text}"  # consumed before the next round
        try:
            record = json.loads(line)
        except ValueError as error:
            yield at(f"no JSON: {error}")
            continue
        faults = list(schema_faults(checker, record))
        yield from map(at, faults)
        if faults:
            continue
        if re.search(rb"[\x00-\x1f\x7f]", line):
            yield at("raw control characters")
        chained = "hash" in record if chained is None else chained
        if chained != ("hash" in record):
            yield at("chained and unchained records are mixed")
        if chained and "hash" in record:
            body = re.sub(rb',"hash":"[0-9a-f]{64}"}$', b"}", line)
            continued = number == 1 and record.get("event") == "continued"
            if record["prev"] != prev and not continued:
                yield at("prev is not the hash of the line before")
            if hashlib.sha256(record["prev"].encode() + body).hexdigest() != record["hash"]:
                yield at("hash is not that of the line")
            prev = record["hash"]
        if record["type"] == "lifecycle" and record["event"] == "start":
            run = Run()
        elif record.get("event") == "continued" and number == 1:
            run = Run(record["counters"]) if "counters" in record else run
        elif run is None or not run.open:
            yield at("belongs to no run")
        else:
            fault = run.add(record)
            if fault:
                yield at(fault)
    if run is None:
        yield "no run in it"
    elif run.open:
        yield "the last run has no end record"


def result_faults(path):
    try:
        value = json.loads(path.read_bytes())
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    yield from schema_faults(validator("result.schema.json"), value)


def main(names):
    if not names or names[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if names else 2
    failed = False
    for name in names:
        path = pathlib.Path(name)
        faults = log_faults(path) if path.suffix == ".jsonl" else result_faults(path)
        for fault in faults:
            print(f"{name}: {fault}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
