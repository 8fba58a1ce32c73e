"""Readers of the log's stream; what each saw is compared with the log itself at the end."""
KINDS = {"sqlite": (), "postgres": ()}
