#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks the policy language's JSON Schema against the same cases as the parser.

Every built-in policy and every good golden case must fit the schema, every case with a structural
fault must not.  Faults that a schema cannot express are listed; a case that has only those may
fit.  The guards and rights that the schema lists must be those of the contract headers.
"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "policies/policy.schema.json").read_text())

# Codes of faults that lie in the meaning, or that a YAML reader has swallowed before.
SEMANTIC = {
    "alias", "bad-address", "bad-key", "bad-path", "bad-port", "bad-set", "bad-size", "bad-variable",
    "contradiction", "documents", "duplicate-key", "duplicate-rule", "empty", "extends-cycle",
    "extends-depth", "file", "host-bits", "no-effect", "tag", "too-deep", "too-many-ranges",
    "unknown-policy", "unknown-variable", "unsupported", "wildcard",
}


class Loader(yaml.SafeLoader):
    """Numbers and booleans as the policy language reads them: no octal, no `yes`, no dates."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:int", r"^(?:0|[1-9][0-9]*)$", "0123456789"),
    ("tag:yaml.org,2002:float", r"^[0-9]+\.[0-9]+$", "0123456789"),
):
    Loader.add_implicit_resolver(tag, re.compile(pattern), list(first))


def fits(text):
    """None when the document fits the schema, else why it does not."""
    try:
        document = yaml.load(text, Loader=Loader)
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
    except (yaml.YAMLError, jsonschema.ValidationError, ValueError, UnicodeDecodeError) as fault:
        return str(fault).splitlines()[0]
    return None


def check_policy(path):
    why = fits(path.read_text())
    return f"{path}: must fit: {why}" if why else None


def check_case(path):
    expected = path.with_suffix(".expected").read_text()
    # Faults of a base that the case extends are not the case's own.
    own = [line for line in expected.splitlines() if line.startswith(path.name)]
    codes = {match[1] for line in own if (match := re.search(r": error: .*\[([a-z0-9-]+)\]$", line))}
    why = fits(path.read_bytes())
    if not codes:
        good = "exit 0" in expected
        return f"{path.name}: must fit: {why}" if good and why else None
    if codes - SEMANTIC and why is None:
        return f"{path.name}: must not fit, the parser finds {sorted(codes)}"
    return None


def check_words():
    guards = re.findall(r'^SBX_GUARD\(\w+, "(\w+)"', (ROOT / "include/sbx/guards.def").read_text(), re.M)
    known = SCHEMA["properties"]["guards"]["propertyNames"]["enum"]
    if set(known) != {"default", *guards}:
        return f"guards.def and the schema differ: {sorted(set(known) ^ {'default', *guards})}"
    return None


def main():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    cases = sorted((ROOT / "tests/golden").glob("*.yaml"))
    policies = sorted((ROOT / "policies").glob("*.yaml"))
    faults = [check_policy(path) for path in policies] + [check_case(path) for path in cases]
    faults = [fault for fault in [*faults, check_words()] if fault]
    for fault in faults:
        print(fault)
    print(f"schema: {len(policies)} policies, {len(cases)} cases, {len(faults)} faults")
    return 1 if faults or not cases or not policies else 0


if __name__ == "__main__":
    sys.exit(main())
