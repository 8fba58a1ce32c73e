#include "gateway/routes/pages.hpp"

#include "core/json.hpp"
#include "governance/credentials/encoding.hpp"
#include "store/rules.hpp"

#include <algorithm>

namespace nova::gateway {
namespace {

constexpr std::size_t page_bytes_max = 4 * 1024 * 1024;  // 64 documents of full size, thousands of usual ones
constexpr std::size_t read_items = 50;                   // of one read of the store while a page fills
constexpr std::size_t sparse_read_items = 200;           // of one that goes on after some were left out

}  // namespace

core::Result<std::string> cursor_query(const Request& request) {
  auto cursor = credentials::from_base64url(request.query_value("cursor").value_or(""));
  if (!cursor) return core::invalid_input("?cursor", "must be the `next` of an earlier page");
  return std::move(*cursor);
}

core::Result<PageAsked> page_query(const Request& request, std::size_t limit_max) {
  const auto limit = number_query(request, "limit", page_items_default, 1, limit_max);
  if (!limit) return limit.error();
  auto cursor = cursor_query(request);
  if (!cursor) return std::move(cursor).error();
  return PageAsked{std::size_t(*limit), std::move(*cursor)};
}

Item shown_item(const Behind& behind) {
  return [&behind](const store::Document& document) { return item_json(behind, document); };
}

core::Status write_page(std::string& out, core::JsonWriter& writer, const Reads& reads, store::DocumentQuery query,
                        std::size_t limit, const Item& item) {
  writer.key("items").array();
  const auto begin = out.size();
  std::string last;  // of the documents that this page has seen
  std::size_t items = 0, looked_at = 0;
  bool full = false;
  do {
    query.limit = items == looked_at ? std::min(limit - items, read_items) : sparse_read_items;
    auto page = reads.documents(query);
    if (!page) return std::move(page).error();
    for (const auto& document : page->items) {
      if (full) {
        page->next = std::move(last);
        break;
      }
      last = store::cursor_of(document.key);
      ++looked_at;
      const auto text = item(document);
      if (text.empty()) continue;
      writer.raw(text);
      ++items;
      full = items == limit || out.size() - begin >= page_bytes_max;
    }
    query.after = std::move(page->next);
  } while (!query.after.empty() && !full && looked_at < looked_at_max);
  writer.end();
  if (!query.after.empty()) writer.field("next", credentials::to_base64url(query.after));
  return core::ok();
}

void reply_page(const Reads& reads, const Request& request, const Reply& reply, store::DocumentQuery query,
                const Item& item, std::size_t limit_max) {
  auto asked = page_query(request, limit_max);
  if (!asked) return reply_error(request, reply, asked.error());
  if (query.status.empty()) query.status = std::string(request.query_value("status").value_or(""));
  query.after = std::move(asked->after);
  std::string out;
  core::JsonWriter writer(out);
  writer.object();
  if (auto written = write_page(out, writer, reads, std::move(query), asked->limit, item); !written)
    return reply_error(request, reply, written.error());
  writer.end();
  reply(json(200, std::move(out)));
}

}  // namespace nova::gateway
