"""What the benches measure a node against: programs from npm and Debian, a load generator, a table of results.

A peer that cannot be had is left out, and `Skipped` says why."""
import ctypes
import hashlib
import itertools
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(BENCH, "..", "tests", "e2e"))  # real nodes and servers are started as the tests do it

from harness import BIN, wait
from postgres import end_with_parent, programs

SCRIPTS = os.path.join(BENCH, "peers")
INSTALL_LIMIT_S = 600
ANSWER_LIMIT_S = 150
PROGRAM_LIMIT_S = 1800
SLOW_DISK = {"LD_PRELOAD": os.path.join(BIN, "nova_slow_sync.so"), "NOVA_SYNC_DELAY_US": "1000"}


class Skipped(Exception):
    """A peer is not to be had here."""


def npm_folder():
    """Where the packages of bench/peers are installed; installs them when they are not there yet."""
    if os.environ.get("NOVA_BENCH_PEERS") == "no":
        raise Skipped("NOVA_BENCH_PEERS is no")
    folder = os.path.join(BIN, "..", "peers")
    lock = os.path.join(SCRIPTS, "package-lock.json")
    with open(lock, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    stamp = os.path.join(folder, "installed")
    if os.path.exists(stamp):
        with open(stamp, encoding="ascii") as file:
            if file.read() == digest:
                return folder
    npm = shutil.which("npm")
    if not npm:
        raise Skipped("npm is missing (./dev bench installs it)")
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(SCRIPTS, name), folder)
    print("installing the peers from npm below build/peers (two to four minutes, once)", file=sys.stderr)
    # Which packages may run scripts when they are installed is said here, not left to the npm at hand: Node itself, and better-sqlite3,
    # which is compiled for that Node. When that fails, it alone is missing.
    npm_run(npm, folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    npm_run(npm, folder, "rebuild", "node")
    headers = os.path.join(folder, "node_modules", "node", "node_modules", f"node-linux-{'arm64' if os.uname().machine == 'aarch64' else 'x64'}")
    env = {"PATH": os.path.dirname(node_in(folder)) + ":" + os.environ["PATH"], "npm_config_nodedir": os.path.abspath(headers), "npm_config_build_from_source": "true"}
    try:
        npm_run(npm, folder, "rebuild", "better-sqlite3", **env)
    except Skipped as why:
        print(f"better-sqlite3 is left out: {why}", file=sys.stderr)
    with open(stamp, "w", encoding="ascii") as file:
        file.write(digest)
    return folder


def npm_run(npm, folder, *words, **env):
    try:
        done = subprocess.run([npm, *words], cwd=folder, env={**os.environ, **env}, timeout=INSTALL_LIMIT_S, capture_output=True, text=True, check=False)
    except subprocess.TimeoutExpired as error:
        raise Skipped(f"npm {words[0]} did not end in time") from error
    if done.returncode != 0:
        raise Skipped(f"npm {' '.join(words[:2])} failed: " + (done.stderr.strip() or "no word why").splitlines()[-1])


def node_in(folder):
    return os.path.join(folder, "node_modules", "node", "bin", "node")


def node_program():
    return node_in(npm_folder())


def npm_version(package):
    with open(os.path.join(npm_folder(), "node_modules", package, "package.json"), encoding="utf-8") as file:
        return json.load(file)["version"]


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout.strip()


class Child:
    """A program of a bench, ready when `ready` is true, gone with the bench."""

    def __init__(self, command, env=None, ready=lambda: True, what="a peer", **options):
        self.process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        preexec_fn=end_with_parent, **options)
        wait(what, lambda: self.process.poll() is None and ready())

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Load:
    """wrk with one thread: the same load for every side."""

    def __init__(self):
        self.program = shutil.which("wrk")
        if not self.program:
            raise Skipped("wrk is missing (./dev bench installs it)")
        self.version = output_of(self.program, "-v").splitlines()[0].split("[")[0].strip()

    def run(self, port, seconds, connections, script, words):
        """Requests a second, p50 and p99 in microseconds. An answer that is no success is an error of the bench."""
        found = self.sent(port, seconds, connections, script, words)
        if found["failed"]:
            raise AssertionError(f"{found['failed']:.0f} of {found['requests']:.0f} requests failed: {found['said']}")
        return {name: found[name] for name in ("per_second", "p50_us", "p99_us")}

    def sent(self, port, seconds, connections, script, words):
        """The same with how many requests were sent and how many of them failed."""
        env = {**os.environ, **{"LOAD_" + name.upper(): str(value) for name, value in words.items()}}
        done = subprocess.run([self.program, "-t1", f"-c{connections}", f"-d{max(1, int(seconds))}s", "--timeout", f"{ANSWER_LIMIT_S}s", "-s", os.path.join(BENCH, "commands", script),
                               f"http://127.0.0.1:{port}"], env=env, capture_output=True, text=True, timeout=seconds + 2 * ANSWER_LIMIT_S, check=False)
        line = next((l for l in done.stdout.splitlines() if l.startswith("RESULT ")), None)
        if not line:
            raise AssertionError("wrk: " + done.stdout + done.stderr)
        requests, micros, p50, p99, wrong = (float(word) for word in line.split()[1:])
        return {"per_second": requests / micros * 1e6, "p50_us": p50, "p99_us": p99, "requests": requests, "failed": wrong, "said": done.stdout}


class Sides:
    """Measures sides in turn, round by round, and prints the medians as a table and as JSON lines."""

    def __init__(self, bench, rounds):
        self.bench, self.rounds, self.rows = bench, rounds, {}

    def measure(self, sides, **common):
        """`sides`: name -> function that measures once, a dictionary of numbers."""
        if not sides:
            usage("no side is named like this")
        results = {name: [] for name in sides}
        for _ in range(self.rounds):
            for name, once in sides.items():
                results[name].append(once())
        for name, found in results.items():
            row = {key: statistics.median(one[key] for one in found) for key in found[0]}
            row["lowest"], row["highest"] = (pick(one["per_second"] for one in found) for pick in (min, max))
            self.rows[(name, *common.values())] = row
            print(json.dumps({"bench": self.bench, "side": name, **common, "rounds": self.rounds, **{k: round(v, 1) for k, v in row.items()}}))
        head = ", ".join(f"{name} {value}" for name, value in common.items()) + f", median of {self.rounds}"
        columns = {"per_second": "per second", "lowest": "lowest", "highest": "highest", "p50_us": "p50 us", "p99_us": "p99 us", "cpu_us": "cpu us"}
        width = max(len(head), *(len(name) for name in results))
        print(f"\n{head:<{width}}" + "".join(f" {word:>11}" for word in columns.values()))
        for name in results:
            row = self.rows[(name, *common.values())]
            print(f"{name:<{width}}" + "".join(f" {row[column]:>11,.{1 if column == 'cpu_us' else 0}f}" if column in row else " " * 12 for column in columns))
        print(flush=True)
        return {name: self.rows[(name, *common.values())] for name in results}


def say_versions(bench, *packages, **more):
    """Versions and concurrency of each side, which are printed before anything is measured."""
    found = versions(*packages)
    print(", ".join(f"{name} {value}" for name, value in {**found, **more}.items()))
    print(json.dumps({"bench": bench, "versions": found, **more}), flush=True)


def rows_of(program, *words):
    """What a program of the benches prints as JSON. Whether limits are held is judged from it: the program may end with 1."""
    done = subprocess.run([os.path.join(BIN, program), *words], stdout=subprocess.PIPE, text=True, timeout=PROGRAM_LIMIT_S, check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(f"{program} ended with {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def words_of(value):
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else value


def table(bench, rows):
    """Rows of one bench, each with its columns by name, as JSON lines and for a person."""
    for row in rows:
        print(json.dumps({"bench": bench, **row}))
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = [[name.replace("_", " ") for name in columns]]
    text += [[words_of(row.get(name, "")) for name in columns] for row in rows]
    widths = [max(len(line[i]) for line in text) for i in range(len(columns))]
    print("\n" + "\n".join("  ".join(word.ljust(width) if i == 0 else word.rjust(width) for i, (word, width) in enumerate(zip(line, widths))) for line in text) + "\n", flush=True)


class Limits:
    """Ratios with their limits and aims; a limit that is not held is an error of the run, a missed aim is only said."""

    WIDTH = 96

    def __init__(self, bench):
        self.bench, self.broken, self.rows = bench, 0, []

    def at_least(self, what, value, least, aim=None, **more):
        self._say(what, value, value >= least, f"at least {least:,}", aim, aim is None or value >= aim, more)

    def at_most(self, what, value, most, aim=None, **more):
        self._say(what, value, value <= most, f"at most {most:,}", aim, aim is None or value <= aim, more)

    def told(self, what, value, **more):
        """A ratio without a limit."""
        print(f"{what:<{self.WIDTH}} {value:14,.2f}")
        self.rows.append({"bench": self.bench, "ratio": what, "value": round(value, 3), **more})

    def _say(self, what, value, held, limit, aim, aimed, more):
        self.broken += not held
        word = "held" if held else "NOT HELD"
        print(f"{what:<{self.WIDTH}} {value:14,.2f}  {limit}: {word}" + ("" if aim is None else f"; aim {aim}: {'reached' if aimed else 'missed'}"))
        self.rows.append({"bench": self.bench, "ratio": what, "value": round(value, 3), "limit": limit, "held": held, **({"aim": aim} if aim else {}), **more})

    def exit_code(self):
        """Also prints all that was said as JSON lines; to be called once, at the end."""
        for row in self.rows:
            print(json.dumps(row))
        if self.broken:
            print(f"\n{self.broken} of the limits of `{self.bench}` NOT HELD")
        return 1 if self.broken else 0


def options(argv, **defaults):
    """`--name VALUE` pairs over the defaults, of their types; --help prints what the bench's file says of itself."""
    made = dict(defaults)
    words = argv[1:]
    if "--help" in words or "-h" in words:
        print((sys.modules["__main__"].__doc__ or "").strip() + "\n\ndefaults: " + " ".join(f"--{name} {value}" for name, value in defaults.items()))
        raise SystemExit(0)
    known = "known: " + ", ".join("--" + name for name in defaults)
    for name, value in itertools.zip_longest(words[::2], words[1::2]):
        key = name[2:].replace("-", "_")
        if not name.startswith("--") or key not in made:
            usage(f"unknown option {name}; {known}")
        if value is None:
            usage(f"{name} needs a value; {known}")
        try:
            made[key] = type(defaults[key])(value)
        except ValueError:
            usage(f"{name}: `{value}` is not a number")
    return made


def usage(problem):
    print(f"{os.path.basename(sys.argv[0])}: {problem}", file=sys.stderr)
    raise SystemExit(2)


def run(main):
    """The exit code of a bench: 1 when a limit was not held, 0 when it could not be measured here, which is said."""
    try:
        return main()
    except Skipped as why:
        print(f"SKIP {os.path.basename(sys.argv[0])}: {why}")
        return 0


def sqlite_version():
    """Of the library that the node and the raw sides are linked with."""
    version = ctypes.CDLL("libsqlite3.so.0").sqlite3_libversion
    version.restype = ctypes.c_char_p
    return version().decode()


def versions(*packages):
    """Of the machine and the node, and of packages from npm where they are to be had."""
    made = {"machine": f"{os.cpu_count()} cores", "node": output_of(os.path.join(BIN, "novad"), "--version"),
            "postgresql": output_of(os.path.join(programs(), "postgres"), "--version"), "sqlite": sqlite_version()}
    if packages:
        try:
            made["nodejs"] = output_of(node_program(), "--version")
            made.update({name: npm_version(name) for name in packages})
        except Skipped:
            pass
    return made


def processor_us(pid):
    """Processor time of a process so far: it says more than the clock on a machine that is shared."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) * 1e6 / os.sysconf("SC_CLK_TCK")


def listening(port):
    """True when somebody accepts connections there."""
    def ready():
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    return ready


class Folder:
    """A folder of one side's own."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="nova-bench-")

    def close(self):
        shutil.rmtree(self.path, ignore_errors=True)
