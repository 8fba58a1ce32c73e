-- One request an id that was never used before. LOAD_PATH has %s where the id stands; LOAD_KEY asks for idempotency keys.
local path, seed, body = os.getenv("LOAD_PATH"), os.getenv("LOAD_SEED"), os.getenv("LOAD_BODY")
local with_key = os.getenv("LOAD_KEY")
local headers = { ["content-type"] = "application/json", ["x-user"] = "u500", ["authorization"] = "Bearer " .. os.getenv("LOAD_TOKEN") }
local number = 0

request = function()
  number = number + 1
  local id = seed .. "-" .. number
  if with_key then headers["idempotency-key"] = id end
  return wrk.format("POST", string.format(path, id), headers, body)
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %.0f %.0f %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
