#!/usr/bin/python3

"""JSON values against schemas of one document, for t/lib/Cost/OpenAPI.pm.

    validate.py DOCUMENT

reads lines [pointer, value] and answers each with a line: a JSON array of
what is wrong with the value by the schema that the pointer ("/paths/...")
leads to.
"""

import json
import sys

from jsonschema import Draft202012Validator, FormatChecker, RefResolver

document = json.load(open(sys.argv[1], encoding="utf-8"))
resolver = RefResolver("", document)


def pointed(pointer):
    value = document

    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        value = value[int(part) if isinstance(value, list) else part]

    return value


for line in sys.stdin:
    pointer, value = json.loads(line)
    schema = pointed(pointer)

    # so that a schema that is none is an error, and no schema for anything
    Draft202012Validator.check_schema(schema)

    validator = Draft202012Validator(schema, resolver=resolver,
                                     format_checker=FormatChecker())
    errors = sorted(validator.iter_errors(value), key=str)

    print(json.dumps([f"{error.json_path}: {error.message}"
                      for error in errors]), flush=True)
