// A finite universe of requests and entities, built from what two policy sets say and what the schema allows.
//
// For one environment (action, principal type, resource type) a world is a choice for each variable: which entity is
// the principal and which the resource (every id that a policy names, and one that none names), the value of each
// attribute and tag that a policy reads, and whether an entity is in each other one that it can be in. Values come from
// the literals in the policies: each one, its neighbours, and one that is none of them. Entities that are neither
// principal nor resource look alike within their type. What no policy reads is left at one value.
#pragma once
#include "governance/cedar/data/entities.hpp"
#include "governance/cedar/eval/program.hpp"
#include "governance/cedar/schema/schema.hpp"
#include "governance/cedar/syntax/ast.hpp"
#include "governance/cedar/validate/typecheck.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace nova::cedar {

/// What the policies mention.
struct Mentions {
  std::map<Kind, std::vector<Value>> literals;  ///< with neighbours; entities apart
  std::set<EntityUid> entities;
  std::set<Text> attributes;
  std::set<Text> tags;
  void add(const PolicySet& set, Arena& arena);

 private:
  void add(const Expr& expr, Arena& arena);
  void add(const Value& value, Arena& arena);
};

/// The worlds of one environment. Not for several threads at once.
class Universe final : public Entities {
 public:
  Universe(const Schema& schema, const Mentions& mentions, const Environment& environment, Arena& arena);

  /// How many worlds there are; capped at 2^63.
  std::uint64_t size() const { return size_; }
  /// Makes the world with this number; afterwards request() and find() speak of it.
  void enter(std::uint64_t number);
  /// A world at random, when there are too many to look at each.
  void enter_random(std::mt19937_64& random);

  const Request& request() const { return request_; }
  const EntityView* find(const EntityUid& uid) const override;
  /// The entities of this world that are the request's own or named by it, for people.
  std::string describe() const;

 private:
  // One of: the principal, the resource, any other entity of a type.
  struct Role final : EntityView {
    Text type;
    struct Attribute {
      Text name;
      std::vector<Value> options;
      bool may_be_absent = false;
      bool is_tag = false;
      std::size_t variable = 0;
    };
    std::vector<Attribute> attributes;
    struct Membership {
      EntityUid group;
      std::size_t variable = 0;
    };
    std::vector<Membership> memberships;
    std::vector<EntityUid> ancestors_now;
    const Universe* universe = nullptr;

    bool attribute(const Text& name, Arena&, Value& out) const override { return read(name, false, out); }
    bool tag(const Text& name, Arena&, Value& out) const override { return read(name, true, out); }
    std::span<const EntityUid> ancestors() const override { return ancestors_now; }
    bool read(const Text& name, bool is_tag, Value& out) const;
  };

  std::size_t variable(std::size_t options);
  void add_role(const Text& type);
  void add_attributes(Role& role, const Type& shape, bool is_context);
  std::vector<Value> options_of(const Type& type, std::size_t depth);
  std::vector<EntityUid> pool(const Text& type) const;
  void settle();
  std::string describe(const Role& role, const EntityUid& uid) const;

  const Schema& schema_;
  const Mentions& mentions_;
  Environment environment_;
  Arena& arena_;
  std::vector<EntityUid> principals_, resources_;
  std::vector<Role> roles_;  // principal, resource, context, then a type each
  std::vector<std::size_t> radixes_, chosen_;
  std::uint64_t size_ = 1;
  Request request_;
  Arena context_arena_;
  std::map<Text, std::vector<EntityUid>> pools_;
  std::map<Text, std::size_t> role_of_type_;
};

}  // namespace nova::cedar
