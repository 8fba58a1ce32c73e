#!/usr/bin/env python3
"""House rules: tidy.py ROOT prints one line a breach (`path:line: rule: what to do`) and ends with 1 when there is any."""
import os
import re
import subprocess
import sys

import tables

CPP = (".cpp", ".hpp", ".h")
TEXT = CPP + (".py", ".sh", ".cmake", ".txt", ".md", ".yaml", ".yml", ".json", ".service", "dev", "run", ".js", ".html", ".ts", ".tsx")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Tree:
    """The files that git knows or would add, read once."""

    def __init__(self, root):
        self.root = root
        self.breaches = []
        try:
            listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, check=True).stdout
            names = [n for n in listed.decode().split("\0") if n]
        except (subprocess.CalledProcessError, FileNotFoundError):
            names = []
        if not names:  # a source archive, or a test's own folder
            for folder, folders, files in os.walk(root):
                folders[:] = [f for f in folders if f not in (".git", "build", "var", "dist")]
                names += [os.path.relpath(os.path.join(folder, f), root) for f in files]
        self.names = sorted(n for n in set(names) if os.path.isfile(os.path.join(root, n)))
        self.text = {n: self.read(n).splitlines() for n in self.names if n.endswith(TEXT)}

    def read(self, name):
        with open(os.path.join(self.root, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def breach(self, name, line, rule, remedy):
        self.breaches.append(f"{name}:{line}: {rule}: {remedy}")

    def cpp(self):
        return ((n, lines) for n, lines in self.text.items() if n.endswith(CPP))


def starts(name, prefixes):
    return any(name == p or (p.endswith("/") and name.startswith(p)) for p in prefixes)


def room_of(path):
    """(floor, room) of a path by its longest matching entry, or None outside the house."""
    best = None
    for floor, rooms in enumerate(tables.FLOORS):
        for room in rooms:
            if path.startswith(room + "/") and (best is None or len(room) > len(best[1])):
                best = (floor, room)
    return best


def kind_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "actors" and len(parts) > 2 and parts[1] not in tables.NOT_KINDS else None


def code_of(line):
    """The line without its comment and the insides of its strings."""
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    return line.split("//")[0]


def check_floors(tree):
    for name, lines in tree.cpp():
        here = room_of(name)
        for number, line in enumerate(lines, 1):
            found = INCLUDE.match(line)
            if not found or found[1] != '"':
                continue
            target = found[2]
            if ".." in target.split("/"):
                tree.breach(name, number, "include", "write the path from the root of the tree")
            there = room_of(target)
            if not here or not there:
                if here and target.split("/")[0] in tables.ABOVE_ALL:
                    tree.breach(name, number, "floor", f"`{target}` is a test's: the house includes no tests")
                continue
            if kind_of(name):
                if there[1] != "core" and os.path.dirname(target) != os.path.dirname(name):
                    tree.breach(name, number, "floor", f"a kind includes core and itself, not `{target}`")
            elif here[1] != there[1] and there[0] >= here[0]:
                tree.breach(name, number, "floor", f"`{here[1]}` (floor {here[0]}) may not include `{target}` (floor {there[0]})")


def check_heavy(tree):
    """A heavy library stays in its rooms, and so does a header that brings one along: what others include is light."""
    includes = {n: [(k, m[2]) for k, line in enumerate(lines, 1) if (m := INCLUDE.match(line))] for n, lines in tree.cpp()}
    heavy = {}  # header -> library
    for name, found in includes.items():
        if name.startswith(tuple(r + "/" for r in tables.ABOVE_ALL)):
            continue
        for number, target in found:
            for library, (pattern, rooms, _) in tables.HEAVY.items():
                if target == tables.JSON_FORWARD or not re.match(pattern, target):
                    continue
                if not starts(name, rooms):
                    tree.breach(name, number, "heavy", f"{library} belongs to {', '.join(rooms)}")
                elif not name.endswith(".cpp"):
                    heavy[name] = library
    grew = True
    while grew:  # a header that includes a heavy one is heavy too
        grew = False
        for name, found in includes.items():
            if name in heavy or name.endswith(".cpp"):
                continue
            through = [t for _, t in found if t in heavy]
            if through:
                heavy[name], grew = heavy[through[0]], True
    for name, found in includes.items():
        if name.startswith(tuple(r + "/" for r in tables.ABOVE_ALL)):
            continue
        for number, target in found:
            if target not in heavy:
                continue
            if not starts(name, tables.HEAVY[heavy[target]][1]):  # else it could include the library itself
                tree.breach(name, number, "heavy", f"`{target}` brings {heavy[target]} along: only that library's rooms include it; forward-declare, or hide it behind an Impl")


def check_banned(tree):
    for name, lines in tree.text.items():
        if not name.endswith(CPP + (".py",)) or name.startswith("tests/tidy/"):
            continue
        for number, line in enumerate(lines, 1):
            code = code_of(line)
            for pattern, fine, instead, *only in tables.BANNED:
                if only and not name.startswith(only[0]):
                    continue
                if name == "tests/testkit/await.cpp" or starts(name, fine) or (name.endswith(".py") and not only):
                    continue
                if re.search(pattern, code):
                    tree.breach(name, number, "banned", f"use {instead}")


def check_unordered(tree):
    """Order of an unordered container differs between runs, so what walks it cannot be replayed."""
    declared = re.compile(r"\bunordered_(?:multi)?(?:map|set)<.*>\s+(\w+)\s*[;{=(]")
    by_stem = {}
    for name, lines in tree.cpp():
        names = by_stem.setdefault(os.path.splitext(name)[0], set())
        for line in lines:
            names.update(declared.findall(code_of(line)))
    for name, lines in tree.cpp():
        names = by_stem[os.path.splitext(name)[0]]
        if not names or starts(name, tables.ADAPTERS):
            continue
        walk = re.compile(r"for\s*\([^;:]*[^:]:\s*(?:this->|\w+[.]|\w+->)?(" + "|".join(names) + r")\s*\)|\b(" + "|".join(names) + r")\.c?begin\(")
        for number, line in enumerate(lines, 1):
            explained = number > 1 and re.search(r"// Any order: \w", lines[number - 2])
            if walk.search(code_of(line)) and not explained:
                tree.breach(name, number, "unordered", "walk a std::map, or sort what you found and say so above it: `// Any order: why`")


def check_kinds(tree):
    have = set(tree.names)
    for kind in sorted({k for k in map(kind_of, tree.names) if k}):
        for folder, files in ((f"actors/{kind}", tables.KIND_FILES), (f"tests/actors/{kind}", tables.KIND_TESTS)):
            for file in files:
                path = f"{folder}/{file.format(kind=kind)}"
                if path not in have:
                    tree.breach(f"actors/{kind}", 1, "kind", f"`{path}` is missing")


def check_built(tree):
    """Every source is named, or globbed, by a CMakeLists.txt in its folder or above."""
    builds = {os.path.dirname(n): tree.read(n) for n in tree.names if os.path.basename(n) == "CMakeLists.txt"}
    builds["cmake"] = "\n".join(tree.read(n) for n in tree.names if n.startswith("cmake/"))
    for name in tree.names:
        if not name.endswith(".cpp"):
            continue
        folder = os.path.dirname(name)
        while True:
            text = builds.get(folder, "")
            relative = os.path.relpath(name, folder or ".")
            if re.search(r"(?<![\w./-])" + re.escape(relative) + r"(?![\w.])", text) or re.search(r"GLOB[^)]*\*[^)]*\.cpp", text) or \
                    (text and re.search(r"(?<![\w./-])" + re.escape(os.path.splitext(relative)[0]) + r"(?![\w.])", text) and "foreach" in text):
                break
            if not folder:
                tree.breach(name, 1, "unbuilt", "no CMakeLists.txt names it: build it or remove it")
                break
            folder = os.path.dirname(folder)


def check_text(tree):
    for name, lines in tree.text.items():
        if name.startswith("tests/tidy/"):
            continue
        if len(lines) > tables.LINES_MAX and name.endswith(CPP + (".py", ".ts", ".tsx")):
            tree.breach(name, tables.LINES_MAX, "long", f"{len(lines)} lines: split it, it holds two ideas")
        for number, line in enumerate(lines, 1):
            if re.search(tables.LEFTOVERS, line) and not name.endswith("CHANGELOG.md"):
                tree.breach(name, number, "leftover", "finish it, or open an issue and say nothing here")
            if re.search(tables.MACHINE_PATHS, line) and not starts(name, tables.MACHINE_PATHS_FINE):
                tree.breach(name, number, "machine", "a path of one machine: take it from a variable")
    for name, lines in tree.cpp():
        if name.endswith(".hpp") and not any(line.strip() == "#pragma once" for line in lines[:40]):
            tree.breach(name, 1, "once", "a header begins with its sentence and #pragma once")
        for number, line in enumerate(lines, 1):
            if name.endswith(".hpp") and not name.startswith("tests/") and re.match(r"\s*using namespace\b", line):
                tree.breach(name, number, "using", "a header opens no namespace for others: write a using-declaration in the .cpp")
        if not re.fullmatch(r"[a-z0-9_]+", os.path.splitext(os.path.basename(name))[0]):
            tree.breach(name, 1, "name", "files are snake_case")


def check_folders(tree):
    count = {}
    for name in tree.names:
        folder = os.path.dirname(name)
        count[folder] = count.get(folder, 0) + 1
    for folder, files in sorted(count.items()):
        if folder and files > tables.FOLDER_FILES_MAX and os.path.basename(folder) not in tables.FOLDER_FINE:
            tree.breach(folder, 1, "crowded", f"{files} files: the folder holds two ideas")


def packages_of(tree, command):
    packages = set()
    for line in tree.text.get(f"deploy/packages/{command}.txt", []):
        word = line.split()[0] if line.split() else ""
        if word.startswith("@"):
            packages |= packages_of(tree, word[1:])
        elif word and not word.startswith("#"):
            packages.add(word)
    return packages


def check_packages(tree):
    """A bare machine gets from the lists all that CMake asks for and all that the sources include."""
    build, test = packages_of(tree, "build"), packages_of(tree, "test")
    for name, lines in tree.text.items():
        if os.path.basename(name) != "CMakeLists.txt" and not name.endswith(".cmake"):
            continue
        for number, line in enumerate(lines, 1):
            code = line.split("#")[0]
            for call, table in (("find_package", tables.CMAKE_PACKAGES), ("find_program", tables.CMAKE_PROGRAMS)):
                for found in re.findall(call + r"\s*\(\s*([\w-]+)(?:\s+(?:NAMES\s+)?([\w-]+))?", code):
                    wanted = found[0] if call == "find_package" else found[1]
                    if wanted not in table:
                        tree.breach(name, number, "package", f"`{wanted}` has no Debian package in tests/tidy/tables.py")
                    elif table[wanted] and table[wanted] not in (test if name.startswith(("tests/", "bench/", "cmake/")) else build):
                        tree.breach(name, number, "package", f"`{table[wanted]}` is in no package list under deploy/packages")
    for library, (pattern, _, package) in tables.HEAVY.items():
        for name, lines in tree.cpp():
            if package not in build and any((m := INCLUDE.match(line)) and re.match(pattern, m[2]) for line in lines):
                tree.breach(name, 1, "package", f"`{package}` is not in deploy/packages/build.txt")


def check_simulation(tree):
    """Bugs can be planted, marks reached and checks left out in test programs, and nowhere else."""
    for name, lines in tree.text.items():
        if starts(name, tables.SIMULATION_FINE) or not name.endswith(CPP + (".txt", ".cmake")):
            continue
        for number, line in enumerate(lines, 1):
            if re.search(tables.SIMULATION, line if name.endswith((".txt", ".cmake")) else line.split("//")[0]):
                tree.breach(name, number, "simulation", "switches of test programs stay in tests/: alter a copy (tests/simulation/planted/bugs.py)")


CHECKS = (check_floors, check_heavy, check_banned, check_unordered, check_kinds, check_built, check_text, check_folders, check_packages, check_simulation)


def main(root):
    tree = Tree(root)
    for check in CHECKS:
        check(tree)
    for line in tree.breaches:
        print(line)
    if tree.breaches:
        print(f"{len(tree.breaches)} breaches of the house rules (tests/tidy/tables.py says which)")
    return 1 if tree.breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
