// The pure parts: HAProxy's tables as text, and the configuration as a projection.
#include "drivers/edge/projection.hpp"
#include "drivers/edge/runtime.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova::edge;

namespace {

const char* const servers_answer =
    "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
    "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
    "srv_agent_addr srv_agent_port\n"
    "3 b80 1 s1 127.0.0.1 2 0 1 1 1 15 3 2 6 0 0 0 - 28001 - 0 0 - - 0\n"
    "3 b80 2 s2 127.0.0.1 2 4 1 1 0 1 3 1 6 0 0 0 - 28002 - 0 0 - - 0\n"
    "3 b80 3 s3 127.0.0.1 0 8 1 1 0 8 2 0 6 0 0 0 - 28003 - 0 0 - - 0\n"
    "3 b80 4 s4 127.0.0.1 0 5 1 1 1 1 0 0 14 0 0 0 - 1 - 0 0 - - 0\n\n";

Ground ground() {
  Ground made;
  made.run_dir = "/run/edge";
  made.bind = "127.0.0.1";
  return made;
}

Front front(std::uint16_t port, std::vector<Slot> slots) { return {port, "/health", std::move(slots)}; }

constexpr Slot unused{};
constexpr Slot serving(std::uint16_t port) { return {Slot::State::serving, port}; }
constexpr Slot leaving(std::uint16_t port) { return {Slot::State::leaving, port}; }

}  // namespace

TEST_CASE("a server counts as passed only after a check of its own, not by what its slot's last guest left") {
  const auto servers = parse_servers(servers_answer);
  REQUIRE(servers.size() == 4);
  CHECK((servers[0].port == 28001 && servers[0].up && servers[0].ready && servers[0].passed));
  CHECK((servers[1].up && servers[1].ready && !servers[1].passed));
  CHECK((servers[2].draining && !servers[2].ready && !servers[2].up));
  CHECK((!servers[3].ready && !servers[3].draining));
}

TEST_CASE("connections are counted by port over all backends") {
  const auto counted = parse_connections(
      "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim "
      "idle_cur "
      "idle_per_thr[2]\n"
      "b80/s1 3/1 127.0.0.1 28001 - 5000 2 3 1 0 0 -1 0 0 0\nd80/s1 5/1 127.0.0.1 28001 - 5000 1 1 0 0 0 -1 0 0 0\n"
      "b80/hold 3/4 - 0 - 5000 7 7 0 0 0 -1 0 0 0\n");
  CHECK(counted.at(28001) == 3);
  CHECK(counted.size() == 1);
}

TEST_CASE("the master's table names its workers, the replaced ones too") {
  const auto running = parse_processes(
      "#<PID>          <type>          <reloads>       <uptime>        <version>\n"
      "19140           master          2 [failed: 1]   0d00h00m02s     2.6.12\n# workers\n"
      "19146           worker          0               0d00h00m02s     2.6.12\n# old workers\n"
      "19100           worker          1               0d00h00m09s     2.6.12\n# programs\n");
  CHECK(running.master == 19140);
  CHECK(running.reloads_failed == 1);
  CHECK(running.workers == std::vector<std::int64_t>{19146, 19100});
}

TEST_CASE("answers that are cut short or senseless are read as nothing") {
  const std::string whole = servers_answer;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto servers = parse_servers(std::string_view(whole).substr(0, size));
    CHECK(servers.size() <= 4);
  }
  CHECK(parse_servers("#\n# \n \n1 2\n").empty());
  CHECK(parse_processes("\n#\nworker\n").master == 0);
  CHECK(parse_connections("a b c d\n").empty());
  CHECK(info_value("Name: HAProxy\ndescription: abc\n", "description") == "abc");
}

TEST_CASE("who sits in which slot is no matter of structure, all else is") {
  const auto base = structure_of(ground(), {front(80, {serving(1), unused})});
  CHECK(structure_of(ground(), {front(80, {unused, leaving(7)})}) == base);
  auto holding = front(80, {unused, unused});
  holding.hold = true;
  CHECK(structure_of(ground(), {holding}) == base);
  CHECK(structure_of(ground(), {front(80, {unused})}) != base);
  CHECK(structure_of(ground(), {front(81, {unused, unused})}) != base);
  auto other = front(80, {unused, unused});
  other.http = "";
  CHECK(structure_of(ground(), {other}) != base);
  auto slower = ground();
  slower.timings.hold = milliseconds(1);
  CHECK(structure_of(slower, {front(80, {unused, unused})}) != base);
}

TEST_CASE("a slot that leaves is unused in the file, and without servers the hold is off") {
  const auto text = config_text(ground(), {front(80, {serving(4001), leaving(4002)}), front(81, {unused})});
  CHECK(text.find("server s1 127.0.0.1:4001\n") != std::string::npos);
  CHECK(text.find("4002") == std::string::npos);
  CHECK(text.find("-81 backup no-check disabled") != std::string::npos);
  CHECK(text.find("-80 backup no-check\n") != std::string::npos);
  CHECK(text.find("bind 127.0.0.1:80\n") != std::string::npos);
  auto holding = front(81, {unused});
  holding.hold = true;
  CHECK(config_text(ground(), {holding}).find("-81 backup no-check\n") != std::string::npos);
}

TEST_CASE("health paths that could end their word in the file are refused") {
  for (const char* good : {"", "/", "/health", "/a/b?c=d&e=%20#f", "/\"quoted\""}) CHECK(is_safe_path(good));
  for (const char* bad : {"health", "/a b", "/a'b", "/a\nb", "/a\\b", "/\x7f", "/\xc3\xa4"})
    CHECK_FALSE(is_safe_path(bad));
}
