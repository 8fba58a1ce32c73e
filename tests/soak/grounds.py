"""Which ground a fault stands on."""
from ground import Ground


def make_ground(store, kind, tools):
    if store == "sqlite":
        return Ground(tools, kind.beneath)
    raise ValueError(store)
