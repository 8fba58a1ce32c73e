// A gateway that listens on a free port, over a store in memory and a host without actors.
#pragma once
#include "gateway/gateway.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/gateway/client.hpp"
#include "tests/gateway/fake_host.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nova::test {

inline gateway::Options usual_options() {
  gateway::Options options;
  options.server.port = 0;
  options.server.workers = 2;
  options.tokens = {{"test-token", {"operator", "user"}}};
  return options;
}

struct House {
  explicit House(gateway::Options options = usual_options()) {
    options.server.upload_folder = folder.path().string();
    auto opened = gateway::Gateway::open(std::move(options), *store, host);
    if (!opened) throw std::runtime_error(core::to_line(opened.error()));
    gateway = std::move(*opened);
    gateway->start();
  }
  ~House() { gateway->stop(); }

  /// One request on a connection of its own.
  Answer call(std::string_view method, std::string_view target, std::string_view body = {},
              const std::vector<std::string>& headers = {}) {
    Client client(gateway->port());
    client.send(request_text(method, target, body, headers));
    return client.receive(method == "HEAD");
  }
  Answer get(std::string_view target, const std::vector<std::string>& headers = {}) {
    return call("GET", target, {}, headers);
  }
  Answer post(std::string_view target, std::string_view body = "{}", const std::vector<std::string>& headers = {}) {
    return call("POST", target, body, headers);
  }
  void tenant(const std::string& id = "clinic") { post("/v1/tenants/" + id + "/create", R"({"name":"Clinic"})"); }
  void note(const std::string& id, const std::string& text) {
    post("/v1/tenants/clinic/notes/" + id + "/write", "{\"text\":\"" + text + "\"}");
  }

  testkit::TempDir folder;
  std::unique_ptr<store::EventStore> store = store::make_memory_store(core::system_clock());
  FakeHost host{*store};
  std::unique_ptr<gateway::Gateway> gateway;
};

}  // namespace nova::test
