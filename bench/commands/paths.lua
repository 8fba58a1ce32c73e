-- Reads the paths of LOAD_FILE, one a line, again and again in an order that is far from theirs.
local paths = {}
for line in io.lines(os.getenv("LOAD_FILE")) do paths[#paths + 1] = line end
local headers = { ["authorization"] = "Bearer " .. os.getenv("LOAD_TOKEN") }
local function common(a, b) while b > 0 do a, b = b, a % b end return a end
local at, step = 0, math.floor(#paths * 0.618) + 1
while common(step, #paths) > 1 do step = step + 1 end

request = function()
  at = (at + step) % #paths
  return wrk.format("GET", paths[at + 1], headers)
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %.0f %.0f %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
