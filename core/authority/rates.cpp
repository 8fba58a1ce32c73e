#include "core/authority/rates.hpp"

#include <algorithm>

namespace nova::core {

const std::vector<std::string_view>& names_of(const RateKey*) {
  static const std::vector<std::string_view> names = {"ip", "tenant_user", "token"};
  return names;
}

const std::vector<RateDefault>& rate_defaults() {
  using enum RateKey;
  static const std::vector<RateDefault> rows = {
      {"auth", "", 60, 10},
      {"api", "", 60, 100},
      {"search", "", 60, 30},
      {"ai", "", 60, 20},
      {"upload", "", 3600, 50},
      {"default", "", 60, 200},
      {"auth.login", "auth/login", 300, 10, ip},
      {"auth.register", "auth/register", 600, 5, ip},
      {"builder.draft", "builder/draft", 3600, 20},
      {"builder.run", "builder/run", 3600, 10},
      {"builder.approve", "builder/approve", 3600, 30},
      {"preview.validate", "preview/validate", 300, 120, ip},
      {"preview.create", "preview/create", 3600, 30},
      {"billing.checkout", "billing/checkout", 3600, 10},
      {"payments.manual", "payments/manual", 86400, 20},
      {"payments.approve", "payments/approve", 3600, 60},
      {"ai.assistant", "ai/assistant", 3600, 60},
  };
  return rows;
}

const RateDefault* find_rate_default(std::string_view id) {
  const auto& rows = rate_defaults();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.id == id; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace nova::core
