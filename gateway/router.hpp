// The table of routes: rows by area, found by walking the path's segments. The same rows make the OpenAPI document.
#pragma once
#include "core/authority/access.hpp"
#include "core/result.hpp"
#include "gateway/http.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nova::gateway {

struct QueryParam {
  std::string_view name;
  std::string_view doc;
  std::string_view type = "string";  ///< string | integer | boolean
};

enum class Body : std::uint8_t { none, json, file };

struct Route {
  std::string method;  ///< GET also serves HEAD, unless HEAD has a row of its own
  /// "/v1/tenants/{tenant}/deployments/{id}"; a last segment `{path*}` takes all that is left, with its slashes.
  std::string pattern;
  std::string summary;
  std::string tag;                ///< its area, for the document
  std::vector<QueryParam> query;  ///< others are refused: a misspelt `dry_run` must not act
  bool any_query = false;         ///< what it does not know is ignored: somebody else chooses them
  Body body = Body::none;
  std::size_t body_bytes_max = 0;
  std::string body_schema;  ///< JSON Schema of a JSON body that is no kind's command; empty: any object
  bool open = false;        ///< needs no token, and any Host may ask
  bool anonymous = false;   ///< needs no token: who has none comes here to get one
  /// Who may read here, in the tenant that the path or the query names. None: whoever is signed in, since the handler
  /// judges what it reads, or every command behind it passes the gate.
  std::optional<core::Access> access = core::access::operating;
  /// What is here belongs to no tenant: the right is enough in any one of the caller's.
  bool anywhere = false;
  /// Also for who must enrol a second factor before anything else.
  bool enrolling = false;
  bool vault = false;                ///< cannot be answered while the vault is sealed
  bool hidden = false;               ///< not in the document: answers what has no route of its own
  const core::Kind* kind = nullptr;  ///< of a row made from a kind's description
  const core::CommandRow* command = nullptr;
  std::string answer;  ///< media type of the good answer; empty: application/json
  /// The handler waits for nothing and reads nothing from the disk: with a small body it runs on the I/O thread, which
  /// saves a change of threads.
  bool at_once = false;
  std::function<void(Request, Reply)> handle;  ///< else on a worker; must not block for long
};

class Router {
 public:
  /// Rows are added once, before the server starts; two rows of one method and pattern are our bug and throw.
  void add(Route route);

  struct Found {
    const Route* route = nullptr;
    Fields params;
    std::set<std::string> allowed;  ///< methods of the path, when only the method is wrong
  };
  /// Literal segments win over parameters, and these over what takes all that is left. A path may reach several rows:
  /// the first of its method wins. Bounded by the path.
  Found find(std::string_view method, const std::vector<std::string>& segments) const;

  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literal;
    std::unique_ptr<Node> any;
    std::string any_name;
    std::unique_ptr<Node> rest;  ///< of a last `{path*}`
    std::string rest_name;
    std::map<std::string, const Route*, std::less<>> methods;
  };
  static Node& below(Node& node, const std::string& segment, const std::string& pattern);
  static void end_at(const Node& node, std::string_view method, const Fields& params, Found& found);
  void walk(const Node& node, std::string_view method, const std::vector<std::string>& segments, std::size_t at,
            Fields& params, Found& found) const;

  std::vector<std::unique_ptr<Route>> routes_;
  Node root_;
};

/// "/v1/tenants/{tenant}" -> {"v1", "tenants", "{tenant}"}.
std::vector<std::string> pattern_segments(std::string_view pattern);
/// "{tenant}" -> "tenant", "{path*}" -> "path"; empty for a literal segment.
std::string_view param_name(std::string_view segment);

}  // namespace nova::gateway
