"""The program that people run lacks what the open one has: usage sealed.py NOVAD NOVAD_OPEN."""
import sys

MARK = b"borders_are_open"


def holds(program):
    with open(program, "rb") as file:
        return MARK in file.read()


def main(sealed, opened):
    if not holds(opened):
        print(f"{opened} lacks the mark, so this test could not fail")
        return 1
    if holds(sealed):
        print(f"{sealed} holds `{MARK.decode()}`: sources of tests/borders are linked into the product")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
