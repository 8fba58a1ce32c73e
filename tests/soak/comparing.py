"""What must hold after every round: the books of the clients against the log and the documents of the node."""
import collections
import json

from book import Caller

PAGE = 1000
REPEATS = 40


class Log:
    """The whole log of a node, read in pages. What another node was answered is waited for, as `Nova-Position` says."""

    def __init__(self, node, commands=()):
        seen = max((command.answer["position"] for command in commands if command.answer), default=0)
        self.events, after, caller = [], 0, Caller(node)
        while True:
            status, headers, text = self._page(caller, after, seen)
            page = json.loads(text)
            if status != 200:
                raise AssertionError(f"the log cannot be read: {status} {page}")
            self.events += page["items"]
            if "next" not in page:
                break
            after = int(page["next"])
        self.head = int(headers["Nova-Position"])
        caller.close()

    @staticmethod
    def _page(caller, after, seen):
        """A machine that stood still for a while lets deadlines pass: that page is asked for once more."""
        ask = ("GET", f"/v1/events?after={after}&limit={PAGE}", None, {"Nova-Position": str(seen)}, 60)
        try:
            answer = caller.ask(*ask)
            return caller.ask(*ask) if answer[0] == 504 else answer
        except TimeoutError:
            return caller.ask(*ask)


def compare(node, commands, readers=(), repeats=None):
    """What is wrong, as sentences. `repeats`: a seeded random source that picks acknowledged commands to send again."""
    wrong = []
    log = Log(node, commands)
    wrong += check_order(log)
    by_token = collections.defaultdict(list)
    for event in log.events:
        if event["type"].endswith("updated"):
            by_token[event["data"]["name"]].append(event)
    wrong += check_commands(commands, by_token)
    wrong += check_documents(node, log)
    for reader in readers:
        wrong += reader.compare(log)
    if repeats is not None:
        wrong += check_repeats(node, commands, log, repeats)
    return log, wrong


def check_order(log):
    wrong, versions, ids = [], collections.defaultdict(int), set()
    for place, event in enumerate(log.events, 1):
        if event["position"] != place:
            wrong.append(f"position {place} of the log holds {event['position']}")
            break
        if event["version"] != versions[event["subject"]] + 1:
            wrong.append(f"{event['subject']} goes from version {versions[event['subject']]} to {event['version']} at {place}")
        versions[event["subject"]] = event["version"]
        if event["id"] in ids:
            wrong.append(f"event {event['id']} is there twice")
        ids.add(event["id"])
    if log.events and log.head != log.events[-1]["position"]:
        wrong.append(f"the log says it ends at {log.head}, the last event is {log.events[-1]['position']}")
    return wrong


def check_commands(commands, by_token):
    wrong, last = [], {}
    for command in commands:
        there = by_token.get(command.token, [])
        if len(there) > 1:
            wrong.append(f"doubled: {command.token} is at {[e['position'] for e in there]}")
        if command.answer is None:
            if there and command.refusal and command.sent == 1:
                wrong.append(f"refused but done: {command.token} at {there[0]['position']} as {there[0]['id']}: {command.refusal}")
            continue
        if not there:
            wrong.append(f"lost: {command.token} was acknowledged with {command.answer}")
            continue
        event, answer = there[0], command.answer
        for name in ("position", "version"):
            if event[name] != answer[name]:
                wrong.append(f"{command.token}: {name} {answer[name]} was answered, the log has {event[name]}"
                             f" ({'a repeat' if answer['replayed'] else 'at once'})")
        # A client sends one after the other, so its acknowledged commands stand in the order in which it sent them.
        client = command.token.rsplit("-", 1)[0]
        if event["position"] <= last.get(client, 0):
            wrong.append(f"out of order: {command.token} at {event['position']}, but {client} was at {last[client]} before")
        last[client] = event["position"]
    return wrong


def check_documents(node, log):
    wrong, newest, names = [], {}, {}
    for event in log.events:
        newest[event["subject"]] = event
        if event["type"].endswith(("updated", "created")) and "name" in event["data"]:
            names[event["subject"]] = event["data"]["name"]
    caller = Caller(node)
    for subject, event in newest.items():
        tenant, kind, _ = subject.split("/", 2)
        if kind != "tenant":
            continue
        status, _, text = caller.ask("GET", f"/v1/tenants/{tenant}")
        document = json.loads(text)
        if status != 200:
            wrong.append(f"{subject} cannot be read: {status} {document}")
            continue
        found = (document["version"], document["position"], document["state"]["name"])
        wanted = (event["version"], event["position"], names[subject])
        if found != wanted:
            wrong.append(f"the document of {subject} is {found}, its events say {wanted}")
    caller.close()
    return wrong


def check_repeats(node, commands, log, rng):
    """Same key, same answer, nothing written."""
    wrong, caller = [], Caller(node)
    known = [c for c in commands if c.answer is not None and c.keyed]
    for command in rng.sample(known, min(REPEATS, len(known))):
        status, _, again = caller.command(command)
        same = {**command.answer, "replayed": True}
        if status != 200 or again != same:
            differs = {k: (v, again.get(k)) for k, v in same.items() if again.get(k) != v}
            wrong.append(f"a repeat of {command.token} got {status} {again.get('code', '')}, differs from the first answer in {differs}")
    status, _, text = caller.ask("GET", "/v1/events?last=1")
    head = json.loads(text)["items"][-1]["position"]
    if head != log.head:
        wrong.append(f"repeats moved the log from {log.head} to {head}")
    caller.close()
    return wrong
