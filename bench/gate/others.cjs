// others.cjs DIR: cedar-wasm and casbin on the gate's requests that gate_bench exported to DIR; a JSON line a measurement.
// cedar-wasm has the same policies, parsed beforehand. casbin speaks another language: its rules below are the shipped
// forbids by who, what and a condition, so its figures are for scale and its answers are not compared.
const fs = require("fs");
const path = require("path");
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const casbin = require("casbin");

const folder = process.argv[2];
const secondsEach = 2;
const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");
const requests = read("gate.jsonl").trim().split("\n").map((line) => JSON.parse(line));
const expected = read("gate.answers");

function measure(engine, decide, compares) {
  let wrong = 0;
  const times = [];
  const begin = process.hrtime.bigint();
  for (let done = 0; Number(process.hrtime.bigint() - begin) / 1e9 < secondsEach; done += 1) {
    const at = done % requests.length;
    const start = process.hrtime.bigint();
    const allowed = decide(at);
    times.push(Number(process.hrtime.bigint() - start) / 1000);
    if (compares && allowed !== (expected[at] === "1")) wrong += 1;
  }
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ engine, p50_us: times[Math.floor(times.length / 2)], p99_us: times[Math.floor(times.length * 0.99)], wrong }));
}

const made = cedar.preparsePolicySet("gate", { staticPolicies: read("gate.cedar") });
if (made.type !== "success") throw new Error(JSON.stringify(made.errors));
const calls = requests.map((r) => ({ ...r, preparsedPolicySetId: "gate" }));
measure("cedar-wasm", (i) => cedar.statefulIsAuthorized(calls[i]).response.decision === "allow", true);

const model = `
[request_definition]
r = sub, act, obj
[policy_definition]
p = type, act, when, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.type == "*" || p.type == r.sub.type) && (p.act == "*" || g(r.act, p.act)) && (p.when == "always" || p.when == "stranger" && r.obj.tenant != "system" && r.sub.tenant_role == "" || p.when == "system" && r.obj.tenant == "system" || p.when == "inactive" && r.obj.status != "active" || p.when == "self" && r.sub.id == r.obj.id || p.when == "law" && r.obj.law)
`;
const rules = ["User", "ApiKey", "Service", "Runtime", "Anonymous"].map((type) => [type, "*", "always", "allow"]);
for (const group of ["kind.user", "kind.membership", "kind.api_key", "kind.session", "destructive", "impact.critical", "impact.high", "kind.secret"]) rules.push(["Ai", group, "always", "deny"]);
rules.push(["Ai", "*", "inactive", "deny"], ["User", "*", "stranger", "deny"], ["ApiKey", "*", "system", "deny"], ["Anonymous", "impact.high", "always", "deny"], ["Anonymous", "impact.critical", "always", "deny"],
  ["ApiKey", "impact.critical", "always", "deny"], ["User", "user.change_role", "self", "deny"], ["User", "user.set_permissions", "self", "deny"], ["*", "api_key.create", "law", "deny"],
  ["*", "webhook_endpoint.create", "law", "deny"], ["*", "tenant.set_data_region", "law", "deny"], ["ApiKey", "kind.membership", "law", "deny"], ["ApiKey", "kind.secret", "law", "deny"], ["ApiKey", "destructive", "law", "deny"]);

(async () => {
  const enforcer = await casbin.newEnforcer(casbin.newModelFromString(model));
  await enforcer.addPolicies(rules);
  const groups = new Map();
  for (const r of requests) for (const parent of r.entities[1].parents) groups.set(`${r.action.id} ${parent.id}`, [r.action.id, parent.id]);
  await enforcer.addGroupingPolicies([...groups.values()]);
  const asked = requests.map((r) => [{ type: r.principal.type, id: r.principal.id, tenant_role: r.context.caller.tenant_role }, r.action.id,
    { tenant: r.entities[0].attrs.tenant, id: r.entities[0].attrs.id, status: r.context.tenant_status, law: r.context.compliance.length > 0 }]);
  measure("casbin", (i) => enforcer.enforceSync(...asked[i]), false);
})();
