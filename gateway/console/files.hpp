// The built console as a node serves it: read once, never written, nothing of anybody in it.
#pragma once
#include "core/result.hpp"
#include "gateway/http.hpp"
#include "gateway/router.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace nova::gateway::console {

/// Files below one folder: `index.<en|ar>.<auto|light|dark>.html` for every page, `assets/` for what they load; beside
/// a file may lie `<file>.br` and `<file>.gz`. Immutable after `open`; any thread.
class Files {
 public:
  /// Reads the folder: at most 64 MiB, 2,000 files. Errors: `console.incomplete` (a variant of the page is missing),
  /// `console.unreadable`. None when the folder is not there.
  static core::Result<std::shared_ptr<const Files>> open(const std::string& folder);

  /// Whether a path without a route of its own is one of the console's: a file of it, or a page for a browser that asks
  /// for HTML. Microseconds.
  bool serves(const Request& request) const;
  /// 200 with an ETag, 304 when the caller has it; encoded as it accepts.
  Response answer(const Request& request) const;

 private:
  struct Content {
    std::string plain, brotli, gzip;
    std::string tag;  ///< of the plain bytes, without quotes
    std::string_view media_type;
  };
  const Content* find(const Request& request) const;

  std::map<std::string, Content, std::less<>> files_;  // "assets/index-1a2b.js"
};

/// A row for all of it, outside the table of routes.
Route route_of(std::shared_ptr<const Files> files);

}  // namespace nova::gateway::console
