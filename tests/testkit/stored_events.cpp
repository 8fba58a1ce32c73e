#include "tests/testkit/stored_events.hpp"

#include "core/json.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/random.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

namespace nova::testkit {
namespace {

namespace fs = std::filesystem;
using core::Kind;

struct Line {
  std::string type, body, state;
};

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("events_v") && name.ends_with(".jsonl")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Line> lines_of(const fs::path& file) {
  std::vector<Line> lines;
  std::ifstream in(file);
  for (std::string text; std::getline(in, text);) {
    INFO(file.string() << " line " << lines.size() + 1);
    REQUIRE(core::json_valid(text));
    lines.push_back({core::json_text(text, "type").value_or(""), core::json_part(text, "body").value_or("{}"),
                     core::json_part(text, "state").value_or("{}")});
  }
  return lines;
}

// Loads a line as the store's reader does and applies it.
void fold(const Kind& kind, void* state, const Line& line) {
  const int row = kind.event_row(line.type);
  INFO("event type " << line.type);
  REQUIRE(row >= 0);
  const auto event = kind.make_event(std::size_t(row));
  const auto read = core::from_json(*kind.events[std::size_t(row)].type, event.get(), line.body, core::Reading::stored);
  if (!read) FAIL(core::to_line(read.error()));
  kind.evolve(state, std::size_t(row), event.get());
}

void check_file(const Kind& kind, const fs::path& file, std::set<std::string>& types) {
  const auto state = kind.make_state();
  std::size_t number = 0;
  for (const auto& line : lines_of(file)) {
    INFO(file.string() << " line " << ++number);
    types.insert(line.type);
    fold(kind, state.get(), line);
    // The expected state passes through today's description too: fields added since then stand at their defaults.
    const auto expected = kind.make_state();
    const auto read = core::from_json(*kind.state, expected.get(), line.state, core::Reading::stored);
    if (!read) FAIL(core::to_line(read.error()));
    const auto wanted = core::to_json(*kind.state, expected.get()), got = core::to_json(*kind.state, state.get());
    INFO("wanted " << wanted << "\ngot    " << got);
    CHECK((wanted == got));
  }
}

std::string random_body(const Kind& kind, std::size_t row) {
  Random random(row + 1);
  const auto event = kind.make_event(row);
  Generator(random).fill(*kind.events[row].type, event.get());
  return core::to_json(*kind.events[row].type, event.get());
}

// Adds what is missing: the story's events first, then random ones for types that the story leaves out.
void write_missing(const Kind& kind, const KindPromises& promises, const fs::path& folder) {
  std::set<std::string> have;
  auto files = files_of(folder);
  for (const auto& file : files)
    for (const auto& line : lines_of(file)) have.insert(line.type);
  auto story = promises.history;
  for (std::size_t row = 0; row < kind.events.size(); ++row) {
    const auto of_row = [&](const HistoryLine& line) { return line.first == row; };
    if (std::none_of(story.begin(), story.end(), of_row)) story.emplace_back(row, random_body(kind, row));
  }
  if (files.empty()) files.push_back(folder / "events_v1.jsonl");
  const auto state = kind.make_state();
  if (fs::exists(files.back()))
    for (const auto& line : lines_of(files.back())) fold(kind, state.get(), line);
  fs::create_directories(folder);
  std::ofstream out(files.back(), std::ios::app);
  for (const auto& [row, body] : story) {
    const std::string type(kind.events.at(row).name);
    if (have.contains(type)) continue;
    fold(kind, state.get(), {type, body, {}});
    std::string text;
    core::JsonWriter(text)
        .object()
        .field("type", type)
        .raw_field("body", body)
        .raw_field("state", core::to_json(*kind.state, state.get()))
        .end();
    out << text << '\n';
  }
}

}  // namespace

void check_stored_events(const Kind& kind, const KindPromises& promises) {
  const auto folder =
      promises.folder.empty() ? fs::path(NOVA_SOURCE_DIR) / "tests/actors" / kind.name : promises.folder;
  const char* write = std::getenv("NOVA_WRITE_EVENTS");
  if (write && std::string_view(write) == "1") write_missing(kind, promises, folder);
  std::set<std::string> types;
  for (const auto& file : files_of(folder)) check_file(kind, file, types);
  for (const auto& row : kind.events) {
    INFO("no line of events_v*.jsonl in " << folder.string() << " holds " << row.name
                                          << "; NOVA_WRITE_EVENTS=1 adds one");
    CHECK(types.contains(std::string(row.name)));
  }
}

}  // namespace nova::testkit
