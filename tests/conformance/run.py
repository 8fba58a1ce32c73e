#!/usr/bin/env python3
"""Cedar conformance: run.py PROGRAM runs `PROGRAM --batch FILE` over the cases in this folder and compares the answers.

With NOVA_CEDAR_DIR (or --upstream DIR) the upstream project's own cases are run too: DIR holds `tests/`, `sample-data/` and
`corpus-*.tar.gz` as github.com/cedar-policy/cedar-integration-tests publishes them. They are not part of this repository.
"""
import argparse
import collections
import glob
import gzip
import json
import os
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def own_cases():
    """(set, contract line, expectation), one a line of the files here."""
    for name in ("supplement.jsonl", "generated-dev.jsonl.gz"):
        path = os.path.join(HERE, name)
        with (gzip.open if name.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="\n") as file:
            for text in file.read().split("\n"):
                if text.strip():
                    case = json.loads(text)
                    yield name.split(".")[0], case["case"], case["want"]


def upstream_case(group, name, spec, read):
    requests = [{k: r[k] for k in ("principal", "action", "resource", "context")} | {"validateRequest": r.get("validateRequest", True)}
                for r in spec["requests"]]
    want = [{"decision": r["decision"].lower(), "reason": r["reason"], "errors": r["errors"]} for r in spec["requests"]]
    line = {"id": f"{group}/{name}", "policies": read(spec["policies"]), "schema": read(spec["schema"]),
            "entities": json.loads(read(spec["entities"])), "requests": requests, "validate": True}
    return group, line, {"validates": spec["shouldValidate"], "requests": want}


def upstream_cases(folder):
    def from_disk(path):
        with open(os.path.join(folder, path), encoding="utf-8", newline="") as file:
            return file.read()

    for path in sorted(glob.glob(os.path.join(folder, "tests", "*", "*.json"))):
        relative = os.path.relpath(path, folder)
        yield upstream_case("tests", relative[6:-5], json.loads(from_disk(relative)), from_disk)
    for path in sorted(glob.glob(os.path.join(folder, "corpus*.tar.gz"))):
        with tarfile.open(path, "r:gz") as archive:
            files = {m.name.removeprefix("./"): archive.extractfile(m).read() for m in archive if m.isfile()}
        for name in sorted(files):
            if name.endswith(".json") and not name.endswith(".entities.json"):
                yield upstream_case("corpus", os.path.basename(name)[:-5], json.loads(files[name]), lambda p: files[p].decode("utf-8"))


def problem(want, got):
    """What is wrong with the answer, or None."""
    if got is None:
        return "no answer"
    stage = (got.get("error") or {}).get("stage")
    if want.get("error") != stage:
        return f"refused at {stage}, expected {want.get('error')}: {got.get('error')}"
    if stage:
        return None
    validation = got.get("validation")
    if want.get("validates") is None:
        if validation is not None:
            return "validated what was not to be validated"
    elif validation["ok"] != want["validates"] or validation["ok"] != (not validation["errors"]):
        return f"validation: expected {want['validates']}, got {validation}"
    if len(got["results"]) != len(want["requests"]):
        return "wrong number of results"
    for number, (expected, result) in enumerate(zip(want["requests"], got["results"])):
        if ("error" in expected) != ("error" in result):
            return f"request {number}: expected {expected}, got {result}"
        if "error" in expected:
            continue
        for key in ("reason", "errors"):
            if sorted(result[key]) != sorted(set(expected[key])):
                return f"request {number}: {key}: expected {expected[key]}, got {result[key]}"
        if result["decision"] != expected["decision"]:
            return f"request {number}: expected {expected['decision']}, got {result['decision']}"
    return None


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("program", nargs="+", help="the command, without --batch FILE")
    options.add_argument("--upstream", default=os.environ.get("NOVA_CEDAR_DIR"))
    arguments = options.parse_args()
    cases = list(own_cases())
    if arguments.upstream:
        cases += list(upstream_cases(arguments.upstream))
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8", newline="\n") as file:
        for _, line, _ in cases:
            try:
                text = json.dumps(line, ensure_ascii=False)
                text.encode("utf-8")
            except UnicodeEncodeError:
                text = json.dumps(line)
            file.write(text + "\n")
        file.flush()
        run = subprocess.run(arguments.program + ["--batch", file.name], stdout=subprocess.PIPE, timeout=100)
    answers = [json.loads(text) for text in run.stdout.split(b"\n") if text.strip()]
    by_id = {answer["id"]: answer for answer in answers}
    passed, total, requests = collections.Counter(), collections.Counter(), 0
    for group, line, want in cases:
        wrong = problem(want, by_id.get(line["id"]))
        total[group] += 1
        requests += len(line["requests"])
        if wrong:
            print(f"FAIL {line['id']}: {wrong}")
        else:
            passed[group] += 1
    for group, count in total.items():
        print(f"{group}: {passed[group]}/{count}")
    print(f"{passed.total()} of {total.total()} cases pass, {requests} requests")
    good = passed == total and total.total() > 0 and run.returncode == 0 and len(answers) == len(cases)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
