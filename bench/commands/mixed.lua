-- What many clients do at once, in rounds of twenty requests: commands on new entities (half of them with an idempotency key) and on known
-- ones, one that is refused, reads of new and known entities and of one that is not there, lists. LOAD_TENANT holds the new
-- entities, tenants LOAD_KNOWN1 to LOAD_KNOWN<LOAD_COUNT> are there.
local tenant, known, count, seed = os.getenv("LOAD_TENANT"), os.getenv("LOAD_KNOWN"), tonumber(os.getenv("LOAD_COUNT")), os.getenv("LOAD_SEED")
local headers = { ["content-type"] = "application/json", ["authorization"] = "Bearer " .. os.getenv("LOAD_TOKEN") }
local providers = "/v1/tenants/" .. tenant .. "/providers"
local round = { "new", "read", "known", "new", "page", "read", "new with key", "known", "read", "gone", "new", "read known", "known", "new with key", "read", "few", "new with key", "known", "refused", "read" }
local number, made = 0, 0

local function create(key)
  made = made + 1
  local id = seed .. made
  headers["idempotency-key"] = key and id or nil
  local request = wrk.format("POST", providers .. "/" .. id .. "/add", headers, '{"kind":"local","type":"primary","name":"' .. string.rep("x", 179) .. '"}')
  headers["idempotency-key"] = nil
  return request
end

-- Written at least a thousand requests ago, so that it is there.
local function written()
  if made < 1000 then return "/v1/tenants/" .. known .. (number % count + 1) end
  return providers .. "/" .. seed .. (made - 400 - (number * 7919) % math.min(made - 500, 50000))
end

local asks = {
  ["new"] = function() return create(false) end,
  ["new with key"] = function() return create(true) end,
  ["known"] = function()
    return wrk.format("POST", "/v1/tenants/" .. known .. ((number * 7919) % count + 1) .. "/update_settings", headers, '{"name":"name ' .. number .. '"}')
  end,
  ["refused"] = function() return wrk.format("POST", providers .. "/refused" .. number .. "/add", headers, '{"kind":"no such kind","name":"x"}') end,
  ["read"] = function() return wrk.format("GET", written(), headers) end,
  ["read known"] = function() return wrk.format("GET", "/v1/tenants/" .. known .. ((number * 31) % count + 1), headers) end,
  ["gone"] = function() return wrk.format("GET", providers .. "/gone" .. number, headers) end,
  ["page"] = function() return wrk.format("GET", providers .. "?limit=20", headers) end,
  ["few"] = function() return wrk.format("GET", "/v1/tenants?limit=20&status=active", headers) end,
}

request = function()
  number = number + 1
  return asks[round[number % #round + 1]]()
end

-- Refusals and 404 are wanted; an error of the server or a full queue is not. Threads have worlds of their own, so the sums stand in
-- globals that `done` reads.
local threads = {}
function setup(thread) table.insert(threads, thread) end
function response(status)
  if status >= 500 or status == 429 then
    wrong_sum = (wrong_sum or 0) + 1
    if wrong_sum <= 20 then wrong_words = (wrong_words or "") .. " " .. status end
  elseif status < 300 then good_sum = (good_sum or 0) + 1 end
end

function done(summary, latency)
  local e, wrong, good, words = summary.errors, 0, 0, ""
  for _, thread in ipairs(threads) do
    wrong, good = wrong + (thread:get("wrong_sum") or 0), good + (thread:get("good_sum") or 0)
    words = words .. (thread:get("wrong_words") or "")
  end
  if wrong > 0 then io.write("the first answers that say so:" .. words .. "\n") end
  -- At least 85 in a hundred are answered with success when all is well.
  if good < summary.requests * 0.85 then wrong = wrong + summary.requests - good end
  io.write(string.format("RESULT %d %d %.0f %.0f %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.timeout + wrong))
end
