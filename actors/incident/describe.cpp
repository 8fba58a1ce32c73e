#include "actors/incident/incident.hpp"
#include "core/authority/access.hpp"

namespace nova::incident {

using core::field;
using core::optional_field;
using core::record;

namespace {
constexpr core::Access working{.capability = "app.deploy", .permission = "platform:maintenance"};
constexpr core::Access signing{.capability = "security.manage", .permission = "platform:maintenance"};
}  // namespace

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "open", "investigating", "resolved", "false_positive"};
  return names;
}
const std::vector<std::string_view>& names_of(const Review*) {
  static const std::vector<std::string_view> names = {"none", "draft", "pending_review", "signed", "closed"};
  return names;
}

const core::Record& describe(const PostMortem*) {
  static const auto row = record<PostMortem>(
      "post_mortem", "What was learnt of it.",
      {field("summary", &PostMortem::summary, "what happened"), field("root_cause", &PostMortem::root_cause, "why"),
       field("remedies", &PostMortem::remedies, "what is done so that it does not happen again"),
       field("written_by", &PostMortem::written_by, "who wrote it"),
       field("signed_by", &PostMortem::signed_by, "who signed it"),
       field("written_at", &PostMortem::written_at, "when it was written"),
       field("signed_at", &PostMortem::signed_at, "when it was signed")});
  return row;
}
const core::Record& describe(const Open*) {
  static const auto row =
      record<Open>("open", "Something went wrong.",
                   {field("title", &Open::title, "in English"), field("title_ar", &Open::title_ar, "in Arabic"),
                    optional_field("severity", &Open::severity, "how bad it is"),
                    optional_field("description", &Open::description, "more of it"),
                    optional_field("emergency", &Open::emergency, "the control that it led to"),
                    field("down_since", &Open::down_since, "when what is down went down; none: nothing is")});
  return row;
}
const core::Record& describe(const Investigate*) {
  static const auto row = record<Investigate>("investigate", "Somebody looks into it.",
                                              {optional_field("note", &Investigate::note, "what is known")});
  return row;
}
const core::Record& describe(const Resolve*) {
  static const auto row =
      record<Resolve>("resolve", "It is over.",
                      {field("resolution", &Resolve::resolution, "how"),
                       field("back_at", &Resolve::back_at, "when what was down was up again; none: now")});
  return row;
}
const core::Record& describe(const Dismiss*) {
  static const auto row = record<Dismiss>("dismiss", "It was none.", {field("reason", &Dismiss::reason, "why")});
  return row;
}
const core::Record& describe(const WritePostMortem*) {
  static const auto row = record<WritePostMortem>(
      "write_post_mortem", "Write what was learnt, or write it anew.",
      {field("summary", &WritePostMortem::summary, "what happened"),
       field("root_cause", &WritePostMortem::root_cause, "why"),
       field("remedies", &WritePostMortem::remedies, "what is done so that it does not happen again")});
  return row;
}
const core::Record& describe(const SubmitPostMortem*) {
  static const auto row = record<SubmitPostMortem>("submit_post_mortem", "Ask for a signature.", {});
  return row;
}
const core::Record& describe(const SignPostMortem*) {
  static const auto row = record<SignPostMortem>("sign_post_mortem", "Sign it; somebody who did not write it.", {});
  return row;
}
const core::Record& describe(const ReturnPostMortem*) {
  static const auto row = record<ReturnPostMortem>("return_post_mortem", "Ask for a better one.",
                                                   {field("reason", &ReturnPostMortem::reason, "what it lacks")});
  return row;
}
const core::Record& describe(const ClosePostMortem*) {
  static const auto row = record<ClosePostMortem>("close_post_mortem", "Its remedies are in place.", {});
  return row;
}
const core::Record& describe(const Opened*) {
  static const auto row = record<Opened>(
      "opened", "Something went wrong.",
      {field("title", &Opened::title, "in English"), field("title_ar", &Opened::title_ar, "in Arabic"),
       field("severity", &Opened::severity, "how bad it is"), field("description", &Opened::description, "more of it"),
       field("emergency", &Opened::emergency, "the control that it led to"), field("by", &Opened::by, "who"),
       field("down_since", &Opened::down_since, "when what is down went down"), field("at", &Opened::at, "when")});
  return row;
}
const core::Record& describe(const Investigated*) {
  static const auto row =
      record<Investigated>("investigated", "Somebody looks into it.",
                           {field("note", &Investigated::note, "what is known"), field("by", &Investigated::by, "who"),
                            field("at", &Investigated::at, "when")});
  return row;
}
const core::Record& describe(const Resolved*) {
  static const auto row =
      record<Resolved>("resolved", "It is over.",
                       {field("resolution", &Resolved::resolution, "how"), field("by", &Resolved::by, "who"),
                        field("downtime_seconds", &Resolved::downtime_seconds, "how long something was down"),
                        field("at", &Resolved::at, "when")});
  return row;
}
const core::Record& describe(const Dismissed*) {
  static const auto row = record<Dismissed>("dismissed", "It was none.",
                                            {field("reason", &Dismissed::reason, "why"),
                                             field("by", &Dismissed::by, "who"), field("at", &Dismissed::at, "when")});
  return row;
}
const core::Record& describe(const Written*) {
  static const auto row = record<Written>(
      "written", "A post-mortem was written.",
      {field("summary", &Written::summary, "what happened"), field("root_cause", &Written::root_cause, "why"),
       field("remedies", &Written::remedies, "what is done so that it does not happen again"),
       field("by", &Written::by, "who"), field("at", &Written::at, "when")});
  return row;
}
const core::Record& describe(const Submitted*) {
  static const auto row = record<Submitted>("submitted", "It waits for a signature.",
                                            {field("by", &Submitted::by, "who"), field("at", &Submitted::at, "when")});
  return row;
}
const core::Record& describe(const Signed*) {
  static const auto row =
      record<Signed>("signed", "It was signed.", {field("by", &Signed::by, "who"), field("at", &Signed::at, "when")});
  return row;
}
const core::Record& describe(const Returned*) {
  static const auto row = record<Returned>("returned", "A better one is asked for.",
                                           {field("reason", &Returned::reason, "what it lacks"),
                                            field("by", &Returned::by, "who"), field("at", &Returned::at, "when")});
  return row;
}
const core::Record& describe(const Closed*) {
  static const auto row = record<Closed>("closed", "Its remedies are in place.",
                                         {field("by", &Closed::by, "who"), field("at", &Closed::at, "when")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "incident", "What went wrong, and what was learnt.",
      {field("status", &State::status, "where it stands"), field("title", &State::title, "in English"),
       field("title_ar", &State::title_ar, "in Arabic"), field("description", &State::description, "more of it"),
       field("emergency", &State::emergency, "the control that it led to"),
       field("opened_by", &State::opened_by, "who told of it"), field("reason", &State::reason, "of its last change"),
       field("severity", &State::severity, "how bad it is"),
       field("opened_at", &State::opened_at, "when it was told of"),
       field("ended_at", &State::ended_at, "when it was over"),
       field("down_since", &State::down_since, "when what is down went down"),
       field("downtime_seconds", &State::downtime_seconds, "how long something was down"),
       field("review", &State::review, "where its post-mortem stands"),
       field("post_mortem", &State::post_mortem, "what was learnt"),
       field("owes_post_mortem", &State::owes_post_mortem, "it is weighty, and nothing was signed")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "incident",
      .plural = "incidents",
      .doc = "What went wrong, and what was learnt of it.",
      .commands = {{.name = "open",
                    .doc = "Something went wrong.",
                    .door = assisted,
                    .impact = 3,
                    .creates = true,
                    .access = working},
                   {.name = "investigate", .doc = "Somebody looks into it.", .impact = 2, .access = working},
                   {.name = "resolve", .doc = "It is over.", .impact = 4, .access = working},
                   {.name = "dismiss", .doc = "It was none.", .impact = 5, .access = signing},
                   {.name = "write_post_mortem", .doc = "Write what was learnt.", .impact = 2, .access = working},
                   {.name = "submit_post_mortem", .doc = "Ask for a signature.", .impact = 2, .access = working},
                   {.name = "sign_post_mortem", .doc = "Sign it.", .impact = 5, .access = signing},
                   {.name = "return_post_mortem", .doc = "Ask for a better one.", .impact = 2, .access = signing},
                   {.name = "close_post_mortem", .doc = "Its remedies are in place.", .impact = 4, .access = signing}},
      .events = {{.name = "incident.opened", .doc = "Something went wrong."},
                 {.name = "incident.investigated", .doc = "Somebody looks into it."},
                 {.name = "incident.resolved", .doc = "It is over."},
                 {.name = "incident.dismissed", .doc = "It was none."},
                 {.name = "post_mortem.written", .doc = "A post-mortem was written."},
                 {.name = "post_mortem.submitted", .doc = "It waits for a signature."},
                 {.name = "post_mortem.signed", .doc = "It was signed."},
                 {.name = "post_mortem.returned", .doc = "A better one is asked for."},
                 {.name = "post_mortem.closed", .doc = "Its remedies are in place."}},
  });
  return made;
}

}  // namespace nova::incident
