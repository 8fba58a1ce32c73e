#include "tests/core/sample/everything.hpp"

namespace nova::sample {

using core::field;
using core::optional_field;
using core::record;

const core::Record& describe(const Inner*) {
  static const auto row =
      record<Inner>("inner", "A part.",
                    {field("level", &Inner::level, "how much"), optional_field("note", &Inner::note, "in words")});
  return row;
}

const core::Record& describe(const Everything*) {
  static const auto row =
      record<Everything>("everything", "A field of every sort.",
                         {optional_field("flag", &Everything::flag), field("count", &Everything::count, "how many"),
                          optional_field("small", &Everything::small), optional_field("ratio", &Everything::ratio),
                          optional_field("text", &Everything::text), optional_field("slug", &Everything::slug),
                          optional_field("label", &Everything::label), optional_field("colour", &Everything::colour),
                          optional_field("at", &Everything::at), optional_field("wait", &Everything::wait),
                          optional_field("raw", &Everything::raw), optional_field("platform", &Everything::platform),
                          field("list", &Everything::list), field("map", &Everything::map),
                          field("variables", &Everything::variables), field("names", &Everything::names),
                          field("maybe", &Everything::maybe), optional_field("inner", &Everything::inner)});
  return row;
}

const core::Record& describe(const Tree*) {
  static const auto row =
      record<Tree>("tree", "A tree.", {field("name", &Tree::name), field("children", &Tree::children)});
  return row;
}

const core::Record& describe(const Secrets*) {
  static const auto row = record<Secrets>(
      "secrets", "What must not be written.",
      {optional_field("token", &Secrets::token), field("by_name", &Secrets::by_name), field("list", &Secrets::list),
       field("maybe", &Secrets::maybe), optional_field("who", &Secrets::who)});
  return row;
}

}  // namespace nova::sample
