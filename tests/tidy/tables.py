"""The house rules as tables: what a reader changes when the design changes."""

# Floors from the ground up. A room may include its own folder and rooms on lower floors. The longest matching path wins.
FLOORS = [
    ["core"],
    ["store"],  # the port: store/*.hpp and what it is made of
    ["governance/cedar", "governance/credentials"],  # pure; they know nothing of each other
    ["actors"],  # every kind, pure
    ["governance/gate"],  # the gate's port, which the host calls inside each turn
    ["supervisors", "actors/host", "governance"],
    ["governance/identity", "governance/approvals", "drivers", "federation", "store/memory", "store/sqlite", "store/postgres"],
    ["store/vault"],  # it keeps its secrets in a SQLite file of its own
    ["store/backup"],  # it reads whole stores and vaults
    ["gateway", "cli"],
    ["node"],
]
ABOVE_ALL = ("tests", "bench")

# Heavy libraries: what an include of one looks like, the rooms whose .cpp files may hold it, and its Debian package.
# A header that includes one, itself or through another, may be included in those rooms only; nlohmann/json_fwd.hpp is light.
HEAVY = {
    "caf": (r"caf/", ("supervisors/", "actors/host/", "governance/gate/", "federation/bus/", "node/"), "libcaf-dev"),
    "boost": (r"boost/", ("gateway/",), "libboost-dev"),
    "pqxx": (r"pqxx/", ("store/postgres/",), "libpqxx-dev"),
    "zmq": (r"zmq", ("federation/bus/",), "libzmq3-dev"),
    "spdlog": (r"spdlog/|fmt/", ("node/",), "libspdlog-dev"),
    "json": (r"nlohmann/", ("core/", "gateway/", "cli/", "node/", "store/", "drivers/", "actors/host/"), "nlohmann-json3-dev"),
    "sqlite": (r"sqlite3\.h", ("store/sqlite/",), "libsqlite3-dev"),
    "yaml": (r"yaml-cpp/", ("drivers/yaml/",), "libyaml-cpp-dev"),
    "cli11": (r"CLI/", ("cli/", "node/"), "libcli11-dev"),
    "msgpack": (r"msgpack", ("core/",), "libmsgpack-cxx-dev"),
    "curl": (r"curl/", ("drivers/", "cli/"), "libcurl4-openssl-dev"),
    "qrencode": (r"qrencode\.h", ("cli/",), "libqrencode-dev"),
    "archive": (r"archive(_entry)?\.h", ("core/", "cli/", "drivers/", "gateway/", "node/"), "libarchive-dev"),
    "openssl": (r"openssl/", ("core/", "store/", "governance/", "gateway/", "drivers/", "cli/", "node/"), "libssl-dev"),
}
JSON_FORWARD = "nlohmann/json_fwd.hpp"

# Where threads and the world live: adapters. Everything else runs on CAF's deterministic coordinator.
ADAPTERS = ("store/", "drivers/", "federation/bus/", "gateway/", "cli/", "node/", "bench/", "tests/")

# (pattern, paths where it is fine, what to use instead)
BANNED = [
    (r"\bstd::(j?thread|async)\b", ADAPTERS, "an actor, or a port with a completion; threads live in adapters"),
    (r"\bscoped_actor\b|\bblocking_actor\b|\bcaf::detached\b|spawn<\s*(caf::)?detached", ADAPTERS,
     "an event-based actor; blocking and detached actors live in adapters"),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|waitForTimeout)\b", (), "testkit::await, an event, or the virtual clock", "tests/"),
    (r"(?<![\w.:>])s?rand\s*\(", (), "core's identifiers, or a seeded std::mt19937_64"),
    (r"\bstd::system\s*\(|(?<![\w.:>])(system|popen)\s*\(", (), "the process driver (argv, never a shell)"),
    (r"(?<![\w.:>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|tmpnam|mktemp)\s*\(|\bstd::strtok\s*\(", (),
     "std::string, std::string_view, mkdtemp"),
    # The keeper is libc alone, and its driver reads only numbers that the kernel or the keeper wrote.
    (r"(?<![\w.:>])ato(i|l|ll|f)\s*\(|\bstd::ato(i|l|ll|f)\s*\(", ("drivers/process/", "tests/", "bench/"), "std::from_chars, which says when it fails"),
    (r"(?<![\w.:>])(localtime|gmtime|asctime|ctime)\s*\(|\bstd::(localtime|gmtime|asctime|ctime)\s*\(", (), "core/time"),
    (r"\bstd::random_device\b", ("core/",) + ADAPTERS, "core's identifiers"),
    (r"\bsystem_clock::now\b", ("core/",) + ADAPTERS, "the context's time or core::Clock"),
    (r"\bstore\s*\.\s*(document|documents|read|read_all|read_back|dead_letters)\s*\(", (), "gateway/reads.hpp: the store must know who asks",
     "gateway/routes/"),
    (r"\bstd::regex\b", (), "a hand-written parser; std::regex recurses on the length of its input"),
]

# Switches of the simulation and the node without checks: they live in test targets only (tests/simulation, tests/borders).
SIMULATION = r"tests/simulation|tests/borders|\bborders_are_open\b|\bnova::simulation\b|\b(planted|reached)\s*\("
SIMULATION_FINE = ("tests/", "docs/", "CHANGELOG.md", "README.md")

LEFTOVERS = r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK|not imple" r"mented|unimple" r"mented|place" r"holder(?!=))\b"  # an attribute of HTML has the last name
MACHINE_PATHS = r"(?<![\w.])/(wo" r"rk|fa" r"rm|ro" r"ot|ho" r"me)/[A-Za-z]|/tmp/te" r"am"
# Installation scripts and the sandbox words of the unit speak of such folders by right.
MACHINE_PATHS_FINE = ("dev", "deploy/", ".ci/")

LINES_MAX = 600  # a file longer than this holds two ideas
FOLDER_FILES_MAX = 25
FOLDER_FINE = ("migrations", "testdata", "fixtures", "corpus", "locales")

# What CMake asks for, and where Debian keeps it. A name that is not here must be added with its package.
CMAKE_PACKAGES = {
    "Threads": None, "Catch2": "catch2", "Boost": "libboost-dev", "CAF": "libcaf-dev", "spdlog": "libspdlog-dev", "fmt": "libfmt-dev",
    "nlohmann_json": "nlohmann-json3-dev", "SQLite3": "libsqlite3-dev", "yaml-cpp": "libyaml-cpp-dev", "CLI11": "libcli11-dev",
    "msgpack": "libmsgpack-cxx-dev", "msgpack-cxx": "libmsgpack-cxx-dev", "msgpackc-cxx": "libmsgpack-cxx-dev", "CURL": "libcurl4-openssl-dev",
    "LibArchive": "libarchive-dev", "OpenSSL": "libssl-dev", "Python3": "python3", "PkgConfig": "pkg-config", "PostgreSQL": "libpq-dev", "ZLIB": "zlib1g-dev",
}
CMAKE_PROGRAMS = {"ccache": "ccache", "mold": "mold", "python3": "python3", "systemd-analyze": "systemd", "dpkg-deb": None, "haproxy": "haproxy",
                  "bash": None, "shellcheck": "shellcheck"}
KIND_FILES = ("{kind}.hpp", "{kind}.cpp", "describe.cpp", "README.md")
KIND_TESTS = ("{kind}_test.cpp", "events_v1.jsonl")
NOT_KINDS = ("host",)
