#include "drivers/data/data.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"
#include "drivers/workers/workers.hpp"

#include <system_error>

namespace nova::data {
namespace {

host::WorkEnd failed(std::string code, std::string message, bool retry) {
  return drivers::failed(core::refusal(std::move(code), std::move(message)), retry);
}

class DataDriver final : public host::WorkDriver {
 public:
  explicit DataDriver(std::filesystem::path dir) : dir_(std::move(dir)) {}

  std::string_view name() const override { return "data"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }
  host::Reach reach(const host::Work&) const override { return host::local_reach(); }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    workers_.start(std::move(work), std::move(done));
  }

 private:
  host::WorkEnd purge(const std::string& payload) const {
    auto path = dir_;
    for (const char* part : {"tenant", "platform", "environment"}) {
      const auto name = core::json_text(payload, part);
      // A name that is none could lead out of the folder.
      if (!name || !core::is_name(*name))
        return failed("data.invalid_name", std::string(part) + " is not a name", false);
      path /= *name;
    }
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return failed("data.purge_failed", "`" + path.string() + "`: " + error.message(), true);
    return {};
  }

  const std::filesystem::path dir_;
  drivers::Workers workers_{1, [this](const host::Work& work) { return purge(work.ask.payload); }};
};

}  // namespace

std::unique_ptr<host::WorkDriver> make_data_driver(std::filesystem::path data_dir) {
  return std::make_unique<DataDriver>(std::move(data_dir));
}

}  // namespace nova::data
