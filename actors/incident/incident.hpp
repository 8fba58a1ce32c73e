// Incident (S09): what went wrong, for how long, and the post-mortem that people sign. In the tenant that it befell, or
// in `system`.
#pragma once
#include "core/ai/execution.hpp"
#include "core/kind.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nova::incident {

enum class Status : std::uint8_t { absent, open, investigating, resolved, false_positive };
enum class Review : std::uint8_t { none, draft, pending_review, signed_, closed };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Review*);

using Title = core::Text<1, 160>;
using Words = core::Text<1, 4000, core::Shape::any>;
using core::Impact;

struct PostMortem {
  std::string summary, root_cause, remedies;
  std::string written_by, signed_by;
  core::Timestamp written_at, signed_at;
};

// ---- commands

struct Open {
  Title title, title_ar;
  Impact severity = Impact::medium;
  core::Text<0, 4000, core::Shape::any> description;
  core::Text<0, 128> emergency;               ///< the control that it led to
  std::optional<core::Timestamp> down_since;  ///< none: nothing was down
};
struct Investigate {
  core::Prose note;
};
/// `back_at`: when what was down was up again; none: now, if anything was down.
struct Resolve {
  core::Reason resolution;
  std::optional<core::Timestamp> back_at;
};
struct Dismiss {
  core::Reason reason;
};
struct WritePostMortem {
  Words summary, root_cause, remedies;
};
struct SubmitPostMortem {};
/// Somebody who did not write it.
struct SignPostMortem {};
struct ReturnPostMortem {
  core::Reason reason;
};
struct ClosePostMortem {};
using Command = std::variant<Open, Investigate, Resolve, Dismiss, WritePostMortem, SubmitPostMortem, SignPostMortem,
                             ReturnPostMortem, ClosePostMortem>;

// ---- events: stored for ever

struct Opened {
  std::string title, title_ar;
  Impact severity = Impact::medium;
  std::string description, emergency, by;
  std::optional<core::Timestamp> down_since;
  core::Timestamp at;
};
struct Investigated {
  std::string note, by;
  core::Timestamp at;
};
struct Resolved {
  std::string resolution, by;
  std::int64_t downtime_seconds = 0;
  core::Timestamp at;
};
struct Dismissed {
  std::string reason, by;
  core::Timestamp at;
};
struct Written {
  std::string summary, root_cause, remedies, by;
  core::Timestamp at;
};
struct Submitted {
  std::string by;
  core::Timestamp at;
};
struct Signed {
  std::string by;
  core::Timestamp at;
};
struct Returned {
  std::string reason, by;
  core::Timestamp at;
};
struct Closed {
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Opened, Investigated, Resolved, Dismissed, Written, Submitted, Signed, Returned, Closed>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string title, title_ar, description, emergency, opened_by, reason;
  Impact severity = Impact::medium;
  core::Timestamp opened_at, ended_at;
  std::optional<core::Timestamp> down_since;
  std::int64_t downtime_seconds = 0;
  Review review = Review::none;
  PostMortem post_mortem;
  bool owes_post_mortem = false;  ///< it is weighty, and none was signed
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const PostMortem*);
const core::Record& describe(const Open*);
const core::Record& describe(const Investigate*);
const core::Record& describe(const Resolve*);
const core::Record& describe(const Dismiss*);
const core::Record& describe(const WritePostMortem*);
const core::Record& describe(const SubmitPostMortem*);
const core::Record& describe(const SignPostMortem*);
const core::Record& describe(const ReturnPostMortem*);
const core::Record& describe(const ClosePostMortem*);
const core::Record& describe(const Opened*);
const core::Record& describe(const Investigated*);
const core::Record& describe(const Resolved*);
const core::Record& describe(const Dismissed*);
const core::Record& describe(const Written*);
const core::Record& describe(const Submitted*);
const core::Record& describe(const Signed*);
const core::Record& describe(const Returned*);
const core::Record& describe(const Closed*);
const core::Record& describe(const State*);

}  // namespace nova::incident
