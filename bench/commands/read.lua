-- Reads of LOAD_COUNT ids one after the other, far apart. LOAD_PATH has %s where the id stands.
local path, seed, count = os.getenv("LOAD_PATH"), os.getenv("LOAD_SEED"), tonumber(os.getenv("LOAD_COUNT"))
local headers = { ["x-user"] = "u500", ["authorization"] = "Bearer " .. os.getenv("LOAD_TOKEN") }
local number = 0

request = function()
  number = (number + 7919) % count
  return wrk.format("GET", string.format(path, seed .. (number + 1)), headers)
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %.0f %.0f %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
