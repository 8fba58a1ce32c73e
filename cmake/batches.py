#!/usr/bin/env python3
"""Which sources of a target may be compiled as one: batches.py LINES_MAX FILE... prints one line a file, `BATCH PATH`.

Sources share most of what they include, so that a batch of ten costs little more than one of them. Two sources go into one batch unless both
declare the same name in the same anonymous namespace (or as a static function): C++ would take that for one name
declared twice; an explicit instantiation stands once in a source, too. Nor do those that open different namespaces to everything that follows them. First fit, in the order given; a batch ends at LINES_MAX lines of its own sources.
"""
import re
import sys

TOKEN = re.compile(r'''
    (?P<skip>//[^\n]*|/\*.*?\*/|^[ \t]*\#[^\n]*(?:\\\n[^\n]*)*)
  | (?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
  | (?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\d[\w.']*)
  | (?P<sign>::|.)
''', re.X | re.S | re.M)


WORD = re.compile(r"[A-Za-z_]")


def tokens(text):
    for found in TOKEN.finditer(text):
        kind = found.lastgroup
        if kind == "mark":
            kind = "raw"
        if kind == "skip" or found.group().isspace():
            continue
        yield "text" if kind in ("raw", "text") else kind, found.group()


def declared(words):
    """The names that a statement at namespace scope declares: `words` are its words and signs up to `{` or `;`."""
    if words[0] == "template":
        depth = 0
        for at, word in enumerate(words):
            depth += (word == "<") - (word == ">")
            if depth == 0 and at:
                words = words[at + 1:]
                break
    if not words or words[0] in ("}", "static_assert"):
        return []
    if words[0] == "using":
        return words[1:2] if words[2:3] == ["="] else []
    if words[0] in ("struct", "class", "union", "enum"):
        return [w for w in words[1:] if WORD.match(w) and w not in ("class", "struct", "final", "alignas")][:1]
    names, last, depth = [], None, 0
    for at, word in enumerate(words + [";"]):
        if word in "([{<":
            if depth == 0 and word == "(":
                # A function; `X::f(` defines what is declared elsewhere.
                return names + ([last] if last and words[at - 2] != "::" else [])
            if depth == 0 and word in "[{" and last:
                names.append(last)
                last = None
            depth += 1
        elif word in ")]}>":
            depth -= 1
        elif depth == 0 and word in ("=", ",", ";"):
            if last:
                names.append(last)
            last = None
            if word == "=":
                last = False  # what follows is a value, up to the next comma
        elif depth == 0 and WORD.match(word) and last is not False:
            last = word
        if depth == 0 and word == ",":
            last = None
    return names


def hidden_names(text):
    """(namespace, name) of what is declared with internal linkage."""
    found = set()
    spaces = []  # of each open brace: its namespace, "" for an anonymous one, None for any other brace
    statement, parens = [], 0
    for kind, token in tokens(text):
        sign = token if kind == "sign" else ""
        outer = all(space is not None for space in spaces)  # at namespace scope
        if sign == "{":
            opens = outer and not parens
            if opens and "namespace" in statement:
                spaces.append("".join(statement[statement.index("namespace") + 1:]))
                statement = []
                continue
            if opens:
                note(found, spaces, statement)
                plain_enum = statement[:1] == ["enum"] and statement[1:2] not in (["class"], ["struct"])
            spaces.append(None)
            if opens:
                statement = ["enum of"] if plain_enum else ["}"]
        elif sign == "}":
            if statement[:1] == ["enum of"]:
                note(found, spaces[:-1], statement)
                statement = ["}"]
            if spaces:
                spaces.pop()
            if all(space is not None for space in spaces) and not parens:
                statement = []
        elif outer:
            parens += (sign == "(") - (sign == ")")
            if sign == ";" and not parens:
                note(found, spaces, statement)
                statement = []
            elif kind in ("word", "sign"):
                statement.append(token)
        elif statement[:1] == ["enum of"] and kind in ("word", "sign"):
            statement.append(token)
    return found


def note(found, spaces, statement):
    if not statement or ("" not in spaces and statement[0] != "static"):
        return
    named = "::".join(space for space in spaces if space)
    if statement[0] == "enum of":
        names = declared(["int"] + statement[1:])
    else:
        names = declared(statement)
    found.update((named, name) for name in names if WORD.match(name))


def opened_namespaces(text):
    return set(re.findall(r"^using namespace ([\w:]+);", text, re.M)) - {"nova"}


def main():
    lines_max = int(sys.argv[1])
    batches = []  # [lines, names, opened]
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        names = hidden_names(text) | {("", one) for one in re.findall(r"^template class [^;]+;", text, re.M)}
        lines, opened = text.count("\n"), opened_namespaces(text)
        for number, batch in enumerate(batches):
            if batch[0] + lines <= lines_max and batch[2] == opened and not batch[1] & names:
                break
        else:
            number = len(batches)
            batches.append([0, set(), opened])
        batches[number][0] += lines
        batches[number][1] |= names
        print(number, path)


if __name__ == "__main__":
    main()
