#include "drivers/edge/projection.hpp"

#include <algorithm>
#include <cstdio>

namespace nova::edge {
namespace {

std::string ms(milliseconds time) { return std::to_string(time.count()) + "ms"; }

std::string hex16(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

// FNV-1a: tells texts of our own apart, no more is asked of it.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 14695981039346656037ull;
  for (unsigned char byte : text) hash = (hash ^ byte) * 1099511628211ull;
  return hash;
}

// An abstract socket: HAProxy's worker has another user than the folder's where the node runs as root.
std::string wait_name(const Ground& ground, const std::string& front) {
  return "nova-edge-" + hex16(hash_of(ground.run_dir.string())) + "-" + front;
}

void add_global(std::string& out, const Ground& g, const std::string& structure) {
  out += "global\n  description " + structure + "\n  nbthread 2\n  maxconn " + std::to_string(g.connections_max) +
         // Two processes that listen on one port by SO_REUSEPORT would share its traffic silently.
         "\n  noreuseport\n  hard-stop-after " + ms(g.timings.hard_stop) + "\n  stats socket " +
         (g.run_dir / "admin.sock").string() + " mode 600 level admin expose-fd listeners\n  lua-load-per-thread " +
         (g.run_dir / "hold.lua").string() + "\n";
  if (!g.user.empty()) out += "  user " + g.user + "\n  group " + g.group + "\n";
}

void add_defaults(std::string& out, const Timings& t) {
  out += "\ndefaults\n  timeout connect " + ms(t.connect) + "\n  timeout client " + ms(t.idle) + "\n  timeout server " +
         ms(t.idle) + "\n  timeout tunnel 1h\n  timeout queue " + ms(t.hold) + "\n  timeout http-request 30s\n" +
         // A reload answers the next request of an idle connection before it closes it: no client meets a closed door.
         "  option idle-close-on-response\n" +
         // Another instance at once, the same one after a pause of `timeout connect`; together longer than the checks
         // need to see that an instance is gone.
         "  option redispatch 1\n  retries 20\n";
}

std::string server_line(const Slot& slot) {
  if (slot.state == Slot::State::serving) return " 127.0.0.1:" + std::to_string(slot.port);
  if (slot.state == Slot::State::joining) return " 127.0.0.1:" + std::to_string(slot.port) + " disabled";
  return " 127.0.0.1:1 disabled";
}

void add_mode(std::string& out, const Front& front) {
  if (front.http.empty()) {
    out += "  mode tcp\n";
    return;
  }
  out +=
      "  mode http\n  http-error status 503 content-type \"text/plain; charset=utf-8\" "
      "string \"no instance of this service is ready: try again shortly\\n\" hdr Retry-After 1\n";
}

// A connection that was refused is tried again as often as it takes: nobody has seen the request. One that an instance
// took and died of is asked again only where that is harmless, and only here, not after the hold: a request that kills
// whoever reads it must not go through all instances until they are quarantined. Three: an instance that dies may drop
// what it has just accepted and what waits behind it, then refuse once, and the last try finds another one or the hold.
void add_repeat(std::string& out, const Front& front) {
  if (front.http.empty()) return;
  out +=
      "  retries 3\n  retry-on conn-failure empty-response\n"
      "  http-request disable-l7-retry unless { method GET HEAD OPTIONS }\n";
}

void add_front(std::string& out, const Ground& g, const Front& front) {
  const auto port = std::to_string(front.port);
  const auto wait = wait_name(g, port);
  const auto main = main_backend(front.port), direct = direct_backend(front.port);
  const auto& t = g.timings;

  out += "\nfrontend f" + port + "\n  bind " + g.bind + ":" + port + "\n";
  add_mode(out, front);
  if (!front.http.empty()) out += "  option forwardfor\n";
  out += "  default_backend " + main + "\n";

  out += "backend " + main + "\n";
  add_mode(out, front);
  add_repeat(out, front);
  if (!front.http.empty())
    out += "  option httpchk\n  http-check send meth GET uri '" + front.http +
           "' ver HTTP/1.1 hdr Host 127.0.0.1 hdr Connection close\n  http-check expect status 200-399\n";
  // The first refused connection puts an instance aside until a check passes: with few retries the next try must find
  // another one, or the hold.
  out += "  default-server check inter " + ms(t.check_interval) + " fastinter " + ms(t.check_fast) + " downinter " +
         ms(t.check_fast) + " rise 1 fall 2 observe layer4 error-limit 1 on-error mark-down\n";
  for (std::size_t i = 0; i < front.slots.size(); ++i)
    out += "  server " + slot_name(i) + server_line(front.slots[i]) + "\n";
  const bool anybody = front.hold || std::any_of(front.slots.begin(), front.slots.end(),
                                                 [](const Slot& slot) { return slot.state == Slot::State::serving; });
  out += "  server " + std::string(hold_name) + " abns@" + wait + " backup no-check" + (anybody ? "\n" : " disabled\n");

  out += "frontend h" + port + "\n  bind abns@" + wait + "\n  maxconn 1000\n";
  add_mode(out, front);
  if (front.http.empty())
    out += "  tcp-request inspect-delay " + ms(t.hold + milliseconds(1000)) + "\n  tcp-request content";
  else
    out += "  http-request";
  out += " lua.nova_hold " + direct + " " + std::to_string(t.hold.count()) + "\n  default_backend " + direct + "\n";

  out += "backend " + direct + "\n";
  add_mode(out, front);
  for (std::size_t i = 0; i < front.slots.size(); ++i) {
    Slot tracked = front.slots[i];
    out += "  server " + slot_name(i) +
           " 127.0.0.1:" + std::to_string(tracked.state == Slot::State::serving ? tracked.port : 1) + " track " + main +
           "/" + slot_name(i) + "\n";
  }
}

std::string text_with(const Ground& ground, const std::vector<Front>& fronts, const std::string& structure) {
  std::string out = "# Written by novad from its routes; changes by hand are lost.\n";
  add_global(out, ground, structure);
  add_defaults(out, ground.timings);
  // HAProxy refuses to run with nothing to do, which is what it has between the last route's end and the next one's
  // start.
  out +=
      "\nfrontend none\n  mode tcp\n  bind abns@" + wait_name(ground, "none") + "\n  tcp-request connection reject\n";
  for (const auto& front : fronts) add_front(out, ground, front);
  return out;
}

}  // namespace

std::string main_backend(std::uint16_t port) { return "b" + std::to_string(port); }
std::string direct_backend(std::uint16_t port) { return "d" + std::to_string(port); }
std::string slot_name(std::size_t index) { return "s" + std::to_string(index + 1); }

std::string structure_of(const Ground& ground, const std::vector<Front>& fronts) {
  auto bare = fronts;
  for (auto& front : bare) {
    front.slots.assign(front.slots.size(), Slot{});
    front.hold = false;
  }
  return hex16(hash_of(text_with(ground, bare, "")));
}

std::string config_text(const Ground& ground, const std::vector<Front>& fronts) {
  return text_with(ground, fronts, structure_of(ground, fronts));
}

std::string hold_script() {
  return R"(-- Written by novad. Keeps a request waiting while no instance can take it: a restart takes less time than a
-- person needs to be annoyed, a refused request is an error.
local pause_ms = 25

local function hold(txn, backend, limit_ms)
  local left = tonumber(limit_ms)
  -- The first pause comes before the first look: with several threads the instances' state reaches this backend a moment
  -- after the one that sent the request here.
  repeat
    core.msleep(pause_ms)
    left = left - pause_ms
  until left <= 0 or txn.sf:nbsrv(backend) ~= "0"
end

core.register_action("nova_hold", {"http-req", "tcp-req"}, hold, 2)
)";
}

bool is_safe_path(const std::string& http) {
  if (http.empty()) return true;
  return http.front() == '/' && std::all_of(http.begin(), http.end(), [](unsigned char c) {
           return c > ' ' && c < 0x7f && c != '\'' && c != '\\';
         });
}

}  // namespace nova::edge
