#!/usr/bin/env python3
"""seeds.py CASES.jsonl FOLDER writes what the fuzzers begin with: policies, schemas, entities and whole lines of the cases."""
import json
import os
import sys


def main(cases, folder):
    for part in ("policies", "schemas", "entities", "lines"):
        os.makedirs(os.path.join(folder, part), exist_ok=True)
    with open(cases, encoding="utf-8", newline="\n") as file:
        lines = [json.loads(text)["case"] for text in file.read().split("\n") if text.strip()]
    for number, case in enumerate(lines):
        schema = case.get("schema")
        texts = {"policies": case["policies"], "entities": json.dumps(case["entities"]), "lines": json.dumps(case),
                 "schemas": schema if isinstance(schema, str) else json.dumps(schema)}
        for part, text in texts.items():
            # Many cases share their schema and their entities.
            if part in ("schemas", "entities") and number % 7:
                continue
            with open(os.path.join(folder, part, str(number)), "wb") as out:
                out.write(text.encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main(*sys.argv[1:])
