#include "governance/audit/denials.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"
#include "governance/credentials/digest.hpp"

#include <algorithm>

namespace nova::audit {
namespace {

constexpr std::chrono::seconds command_limit{10};

std::string cut(std::string text, std::size_t most) {
  if (text.size() > most) text.resize(most);
  return text;
}

std::string body_of(const Denial& denial, std::uint64_t count, core::Timestamp first, core::Timestamp last,
                    const std::string& batch) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("who", denial.who.id)
      .field("who_type", denial.who.type)
      .field("act", denial.act)
      .field("resource", denial.resource)
      .field("code", denial.code)
      .key("rules")
      .array();
  for (const auto& rule : denial.rules) writer.value(rule);
  writer.end()
      .field("constitution", denial.constitution)
      .field("count", count)
      .field("first_at", core::to_rfc3339(first))
      .field("last_at", core::to_rfc3339(last))
      .field("batch", batch);
  if (!denial.read.empty()) writer.key("read").raw(denial.read);
  writer.end();
  return out;
}

}  // namespace

std::string denial_id(const Denial& denial) {
  std::string text = denial.tenant + '\n' + denial.who.type + '\n' + denial.who.id + '\n' + denial.act;
  for (const auto& rule : denial.rules) text += '\n' + rule;
  const auto digest = credentials::sha256(text);
  return credentials::to_hex(digest).substr(0, 32);
}

Denials::Denials(Parts parts) : parts_(std::move(parts)) {}

void Denials::note(const Denial& given) {
  auto denial = given;
  if (!parts_.tenant_exists(denial.tenant)) denial.tenant = "system";
  denial.who.id = cut(denial.who.id.empty() ? "?" : denial.who.id, 255);
  denial.who.type = cut(denial.who.type.empty() ? "?" : denial.who.type, 32);
  denial.act = cut(denial.act.empty() ? "?" : denial.act, 255);
  denial.resource = core::printable(cut(denial.resource, 200));
  denial.code = cut(denial.code, 64);
  if (denial.read.size() > read_bytes_max) denial.read.clear();
  for (auto& rule : denial.rules) rule = cut(rule.empty() ? "?" : rule, 128);
  const auto now = parts_.clock->now();
  std::lock_guard lock(book_->mutex);
  auto id = denial_id(denial);
  auto at = book_->lines.find(id);
  if (at == book_->lines.end() && book_->lines.size() >= denials_max) {
    denial = {{"?", "?"}, "system", "?", "", "", {std::string(rules_overflow)}, denial.constitution};
    id = denial_id(denial);
    at = book_->lines.find(id);
  }
  if (at == book_->lines.end()) {
    at = book_->lines.try_emplace(id).first;
    at->second.due_at = now;
  }
  auto& line = at->second;
  if (line.count++ == 0) line.first_at = now;
  line.last_at = now;
  line.denial = std::move(denial);
}

void Denials::flush(bool at_once) {
  const auto now = parts_.clock->now();
  struct Due {
    std::string id;
    Denial denial;
    std::uint64_t count;
    core::Timestamp first_at, last_at;
  };
  std::vector<Due> due;
  {
    std::lock_guard lock(book_->mutex);
    // Any order: each is an entity of its own.
    for (auto line = book_->lines.begin(); line != book_->lines.end();) {
      auto& [id, l] = *line;
      if (l.count == 0 && !l.on_its_way && l.last_at + memory < now) {
        line = book_->lines.erase(line);
        continue;
      }
      if (l.count != 0 && !l.on_its_way && (at_once || l.due_at <= now)) {
        due.push_back({id, l.denial, l.count, l.first_at, l.last_at});
        l.count = 0;
        l.on_its_way = true;
        l.due_at = now + l.gap;
        l.gap = std::min(l.gap * 2, gap_max);
        ++book_->on_its_way;
      }
      ++line;
    }
  }
  for (auto& one : due) {
    core::CommandEnvelope command;
    command.id = core::new_uuid(now);
    command.target = {one.denial.tenant, "denial", one.id};
    command.name = "note";
    command.body = body_of(one.denial, one.count, one.first_at, one.last_at, command.id);
    command.principal = core::system_principal();
    command.correlation = command.id;
    command.deadline = now + command_limit;
    parts_.submit(std::move(command), [book = book_, id = one.id, count = one.count, first = one.first_at](
                                          core::Status outcome) { book->written(id, count, first, outcome); });
  }
}

void Denials::Book::written(const std::string& id, std::uint64_t count, core::Timestamp first_at,
                            const core::Status& outcome) {
  std::lock_guard lock(mutex);
  if (const auto line = lines.find(id); line != lines.end()) {
    line->second.on_its_way = false;
    if (!outcome) {
      line->second.count += count;
      line->second.first_at = first_at;
    }
  }
  --on_its_way;
  changed.notify_all();
}

void Denials::finish(std::chrono::milliseconds limit) {
  flush(true);
  std::unique_lock lock(book_->mutex);
  book_->changed.wait_for(lock, limit, [this] { return book_->on_its_way == 0; });
}

std::uint64_t Denials::waiting() const {
  std::lock_guard lock(book_->mutex);
  std::uint64_t sum = 0;
  // Any order: a sum.
  for (const auto& [id, line] : book_->lines) sum += line.count;
  return sum;
}

}  // namespace nova::audit
