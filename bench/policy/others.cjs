// others.cjs DIR: cedar-wasm and casbin on the requests that policy_bench exported to DIR; a JSON line a measurement.
// cedar-wasm has its policy set parsed beforehand and takes entities as objects on every call, which is all that its API
// offers. casbin speaks another language: its model below says the same of roles, folders, attributes and owners, with
// the address left out of the forbids, so its figures are for scale and its answers are not compared.
const fs = require("fs");
const path = require("path");
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const casbin = require("casbin");

const folder = process.argv[2];
const secondsEach = 2;
const actions = ["view", "edit", "share", "delete"];

const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");

function measure(engine, policies, count, decide, expected) {
  let wrong = 0;
  const times = [];
  const begin = process.hrtime.bigint();
  let done = 0;
  while (Number(process.hrtime.bigint() - begin) / 1e9 < secondsEach) {
    const at = done % count;
    const start = process.hrtime.bigint();
    const allowed = decide(at);
    times.push(Number(process.hrtime.bigint() - start) / 1000);
    if (expected && allowed !== (expected[at] === "1")) wrong += 1;
    done += 1;
  }
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ engine, policies, decisions_per_second: Math.round(done / seconds), p50_us: times[Math.floor(times.length / 2)],
    p99_us: times[Math.floor(times.length * 0.99)], wrong }));
}

function wasm(policies, requests, expected) {
  const id = `set${policies}`;
  const made = cedar.preparsePolicySet(id, { staticPolicies: read(`${policies}.cedar`) });
  if (made.type !== "success") throw new Error(JSON.stringify(made.errors));
  const calls = requests.map((r) => ({ principal: r.principal, action: r.action, resource: r.resource, context: r.context,
    entities: r.entities, preparsedPolicySetId: id }));
  measure("cedar-wasm", policies, calls.length, (i) => cedar.statefulIsAuthorized(calls[i]).response.decision === "allow", expected);
}

const model = `
[request_definition]
r = sub, obj, act, ctx
[policy_definition]
p = kind, sub, obj, act, eft
[role_definition]
g = _, _
g2 = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.act == "*" || p.act == r.act) && (p.kind == "role" && g(r.sub.id, p.sub) && g2(r.obj.id, p.obj) || p.kind == "attributes" && g2(r.obj.id, p.obj) && r.sub.department == r.obj.department && r.sub.level >= r.obj.level || p.kind == "owner" && g(r.sub.id, p.sub) && r.obj.owner == r.sub.id || p.kind == "mfa" && g(r.sub.id, p.sub) && g2(r.obj.id, p.obj) && !r.ctx.mfa)
`;

function casbinRules(policies) {
  const roles = Math.max(4, Math.floor(policies / 4));
  const rules = [];
  for (let i = 0; i < policies; i += 1) {
    const role = `r${i % roles}`, place = `f${i % roles}`, action = actions[i % 4];
    switch (i % 10) {
      case 0: case 1: rules.push(["attributes", "-", place, action, "allow"]); break;
      case 2: rules.push(["owner", role, "-", "*", "allow"]); break;
      case 3: rules.push(["mfa", role, place, action, "deny"]); break;
      default: for (const one of new Set(["view", action])) rules.push(["role", role, place, one, "allow"]);
    }
  }
  return rules;
}

async function withCasbin(policies, requests) {
  const enforcer = await casbin.newEnforcer(casbin.newModelFromString(model));
  enforcer.enableAutoSave(false);
  await enforcer.addPolicies(casbinRules(policies));
  const entities = JSON.parse(read(`${policies}.entities.json`));
  const pairs = { g: [], g2: [] };
  for (const entity of entities) {
    for (const parent of entity.parents) pairs[parent.type === "Group" ? "g" : "g2"].push([entity.uid.id, parent.id]);
  }
  await enforcer.addNamedGroupingPolicies("g", pairs.g);
  await enforcer.addNamedGroupingPolicies("g2", pairs.g2);
  const owner = (attrs) => ({ ...attrs, owner: attrs.owner && attrs.owner.__entity.id });
  const calls = requests.map((r) => [{ id: r.principal.id, ...r.entities[0].attrs }, { id: r.resource.id, ...owner(r.entities[1].attrs) }, r.action.id, r.context]);
  measure("casbin", policies, calls.length, (i) => enforcer.enforceSync(...calls[i]), null);
}

(async () => {
  for (const policies of [10, 100, 1000, 10000]) {
    const requests = read(`${policies}.requests.jsonl`).trim().split("\n").map((line) => JSON.parse(line));
    wasm(policies, requests, read(`${policies}.decisions`));
    await withCasbin(policies, requests);
  }
})();
