#include "core/kind.hpp"

namespace nova::core {
namespace {

template <class Row>
int row_of(const std::vector<Row>& rows, std::string_view name) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].name == name) return int(i);
  return -1;
}

}  // namespace

int Kind::command_row(std::string_view command_name) const { return row_of(commands, command_name); }
int Kind::event_row(std::string_view event_name) const { return row_of(events, event_name); }

}  // namespace nova::core
