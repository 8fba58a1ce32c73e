#include "node/enrolment.hpp"

#include "node/token_file.hpp"

#include <filesystem>

namespace nova::node {

core::Status open_enrolment(Parts& parts, identity::Parts& made) {
  const auto file = (parts.state_dir() / "enrolment.token").string();
  const auto remove = [file] {
    std::error_code gone;
    std::filesystem::remove(file, gone);
  };
  if (!parts.book.root_owner().empty()) {
    remove();
  } else {
    if (written_at(file) + enrolment_life <= core::system_clock().now()) remove();
    auto token = token_file(file, enrolment_prefix);
    if (!token) return std::move(token).error();
    parts.enrolment = std::move(*token);
  }
  made.enrolment_token = parts.enrolment;
  made.enrolment_until = written_at(file) + enrolment_life;
  made.enrolled = remove;
  made.enrolment_refused = [&parts](const core::Error& told) {
    parts.denials->note({{"anonymous", "anonymous"},
                         "system",
                         "user.enrol_owner",
                         {},
                         told.code,
                         {"enrolment." + told.code},
                         parts.constitution->now()->version});
  };
  return core::ok();
}

}  // namespace nova::node
