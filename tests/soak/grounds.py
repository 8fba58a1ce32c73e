"""Which ground a fault stands on."""
from ground import Ground
from ground_postgres import PostgresGround


def make_ground(store, kind, tools):
    return (Ground if store == "sqlite" else PostgresGround)(tools, kind.beneath)
