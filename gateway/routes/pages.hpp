// Pages of documents: one way to ask for one, and one way to answer.
#pragma once
#include "core/result.hpp"
#include "gateway/http.hpp"
#include "gateway/reads.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace nova::core {
class JsonWriter;
}

namespace nova::gateway {

/// `?cursor`, the `next` of an earlier page; empty for the first. Errors: `input.invalid`.
core::Result<std::string> cursor_query(const Request& request);

/// `?limit` and `?cursor`. Errors: `input.invalid` naming the parameter.
struct PageAsked {
  std::size_t limit = page_items_default;
  std::string after;
};
core::Result<PageAsked> page_query(const Request& request, std::size_t limit_max = page_items_max);

/// An item of a page; empty leaves the document out.
using Item = std::function<std::string(const store::Document&)>;
/// As anyone who may read the kind sees it.
Item shown_item(const Behind& behind);

/// Documents that one page looks at before it is cut.
inline constexpr std::size_t looked_at_max = 5000;

/// Writes `items` and `next` into an open object of `writer`, which writes to `out`. What `item` leaves out is made up
/// for by further reads: the store knows statuses and no other fields, so those are looked for in steps. A page that
/// grew too long, or looked at `looked_at_max` documents, is short and has a `next`. Blocks as the store does. Errors:
/// the store's.
core::Status write_page(std::string& out, core::JsonWriter& writer, const Reads& reads, store::DocumentQuery query,
                        std::size_t limit, const Item& item);

/// The page that `?limit`, `?cursor` and, unless the query names one, `?status` ask for.
void reply_page(const Reads& reads, const Request& request, const Reply& reply, store::DocumentQuery query,
                const Item& item, std::size_t limit_max = page_items_max);

}  // namespace nova::gateway
