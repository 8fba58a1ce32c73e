#!/usr/bin/env python3
"""plant.py SOURCE_ROOT TARGET_FOLDER: writes the altered copies of production sources that bugs.py describes."""
import os
import sys

import bugs


def alter(text, place, instead, what, asks):
    if text.count(place) != 1:
        raise SystemExit(f"bugs.py: the place of {what} was found {text.count(place)} times")
    for word, meaning in asks.items():
        instead = instead.replace(word, meaning)
    return text.replace(place, instead.replace("OLD", place))


def main(root, target):
    names = [bug[0] for bug in bugs.BUGS]
    if len(set(names)) != len(names):
        raise SystemExit("bugs.py: two bugs have one name")
    copies = {}
    # Each place is looked for in the source as it is, so that a row cannot hide another's place.
    for name, file, place, instead in [(b[0], *b[2:]) for b in bugs.BUGS] + list(bugs.UNDEFENDED) + list(bugs.MARKS):
        with open(os.path.join(root, file), encoding="utf-8") as source:
            original = source.read()
        if original.count(place) != 1:
            raise SystemExit(f"bugs.py: the place of {name} stands {original.count(place)} times in {file}")
        text = copies.get(file, original)
        planted = " || ".join(f'::nova::simulation::planted("{one}")' for one in ([name] if isinstance(name, str) else name))
        copies[file] = alter(text, place, instead, name, {"BUG": f"({planted})", "REACHED": f'::nova::simulation::reached("{name}")'})
    os.makedirs(target, exist_ok=True)
    for file, text in copies.items():
        with open(os.path.join(target, file.replace("/", "_")), "w", encoding="utf-8") as copy:
            copy.write('#include "tests/simulation/ground/marks.hpp"\n#include <map>\n#include <utility>\n' + f'#line 1 "{file} (altered)"\n' + text)
    with open(os.path.join(target, "bugs.cpp"), "w", encoding="utf-8") as table:
        rows = "".join(f'  {{"{name}", "{what}"}},\n' for name, what, *_ in bugs.BUGS)
        table.write('#include "tests/simulation/ground/marks.hpp"\nnamespace nova::simulation {\nconst std::vector<Bug>& bugs() {\n'
                    "  static const std::vector<Bug> all = {\n" + rows + "  };\n  return all;\n}\n}  // namespace nova::simulation\n")


if __name__ == "__main__":
    main(*sys.argv[1:3])
