// What a policy reads: the attributes that an approval of an act which it holds is bound to.
#pragma once
#include "governance/cedar/eval/authorizer.hpp"

#include <string>
#include <vector>

namespace nova::constitution {

/// A chain of attributes from `resource` or `context`: {context, ["caller", "role"]}. The longest of each: what is read
/// only to reach further is not one.
struct Path {
  cedar::Variable root = cedar::Variable::resource;
  std::vector<cedar::Text> names;
};

/// Every path that the policy's conditions may read, in the order of the text. `context.now` is left out: time goes on
/// in every case, and a deadline binds it.
std::vector<Path> paths_of(const cedar::Policy& policy);

/// The path with its value, or that it is not there, as text; two values have two texts.
std::string text_of(const Path& path, const cedar::Value& context, const cedar::EntityView& resource,
                    cedar::Arena& arena);

}  // namespace nova::constitution
