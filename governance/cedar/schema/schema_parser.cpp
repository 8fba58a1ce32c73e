// Cedar schema syntax:
//
//   Schema    = ( Annotation* Namespace | Decl )*
//   Namespace = "namespace" Name "{" Decl* "}"
//   Decl      = Annotation* ( Entity | Action | Common )
//   Entity    = "entity" Ident ( "," Ident )* ( "in" Types )? ( "="? Record )? ( "tags" Type )? ";"
//             | "entity" Ident ( "," Ident )* "enum" "[" String ( "," String )* "]" ";"
//   Common    = "type" Ident "=" Type ";"
//   Action    = "action" Key ( "," Key )* ( "in" ( Group | "[" Group ( "," Group )* "]" ) )? Applies? ( "attributes"
//   "{" "}" )? ";" Applies   = "appliesTo" "{" Part ( "," Part )* ","? "}" Part      = "principal" ":" Types |
//   "resource" ":" Types | "context" ":" ( Name | Record ) Types     = Name | "[" ( Name ( "," Name )* )? "]" Group =
//   Key | Name "::" String Type      = Name | "Set" "<" Type ">" | Record Record    = "{" list( Annotation* Key "?"?
//   ":" Type ) "}" Key       = Ident | String
#include "governance/cedar/limits.hpp"
#include "governance/cedar/schema/raw.hpp"
#include "governance/cedar/syntax/token_stream.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace nova::cedar {
namespace {

class SchemaParser {
 public:
  explicit SchemaParser(TokenStream& tokens) : tokens_(tokens) {}

  RawSchema run() {
    RawSchema out(1);  // the empty namespace first
    while (!tokens_.at_end() && !tokens_.found().is_full()) {
      if (!annotations()) {
        skip();
      } else if (tokens_.is("namespace")) {
        RawNamespace made;
        if (!space(made)) skip();
        out.push_back(std::move(made));
      } else if (!declaration(out[0])) {
        skip();
      }
    }
    return out;
  }

 private:
  // Behind the `;` that ends the faulty declaration; whatever hangs over then is reported in its own place.
  void skip() {
    while (!tokens_.at_end() && !tokens_.is(";")) tokens_.take();
    tokens_.take_if(";");
  }

  bool annotations() {
    std::vector<std::string_view> keys;
    while (tokens_.take_if("@")) {
      if (tokens_.peek().kind != TokenKind::identifier) return tokens_.fail_expected("an annotation's name");
      const Token& key = tokens_.take();
      if (std::find(keys.begin(), keys.end(), key.text) != keys.end()) {
        return tokens_.fail_at(key.span, "the annotation `@" + std::string(key.text) + "` stands twice");
      }
      if (keys.size() == annotations_max) return tokens_.fail("too many annotations");
      keys.push_back(key.text);
      std::string value;
      if (tokens_.take_if("(") && (!string(value) || !tokens_.expect(")"))) return false;
    }
    return true;
  }

  bool space(RawNamespace& out) {
    out.place.span = tokens_.take().span;
    if (!name(out.name, false) || !tokens_.expect("{")) return false;
    while (!tokens_.is("}")) {
      if (tokens_.at_end()) return tokens_.fail_expected("`}`");
      if (!annotations() || !declaration(out)) return false;
    }
    tokens_.take();
    return true;
  }

  bool declaration(RawNamespace& out) {
    if (tokens_.is("entity")) return entity(out);
    if (tokens_.is("action")) return action(out);
    if (tokens_.is("type")) return common(out);
    return tokens_.fail_expected("`entity`, `action`, `type` or `namespace`");
  }

  bool entity(RawNamespace& out) {
    tokens_.take();
    std::vector<RawEntity> made;
    do {
      RawEntity entity;
      entity.place.span = tokens_.peek().span;
      if (!identifier(entity.name)) return false;
      made.push_back(std::move(entity));
    } while (tokens_.take_if(","));
    RawEntity shared;
    if (tokens_.take_if("enum")) {
      if (!ids(shared.ids.emplace())) return false;
    } else {
      if (tokens_.take_if("in") && !types(shared.parents, true)) return false;
      if (tokens_.is("=") || tokens_.is("{")) {
        tokens_.take_if("=");
        if (!tokens_.is("{")) return tokens_.fail_expected("a record");
        if (!type(shared.shape)) return false;
      }
      if (tokens_.take_if("tags") && !type(shared.tags)) return false;
    }
    if (!tokens_.expect(";")) return false;
    for (RawEntity& entity : made) {
      entity.parents = shared.parents;
      entity.shape = shared.shape;
      entity.tags = shared.tags;
      entity.ids = shared.ids;
      out.entities.push_back(std::move(entity));
    }
    return true;
  }

  bool ids(std::vector<std::string>& out) {
    if (!tokens_.expect("[")) return false;
    do {
      if (!string(out.emplace_back())) return false;
    } while (tokens_.take_if(","));
    return tokens_.expect("]");
  }

  bool common(RawNamespace& out) {
    tokens_.take();
    RawCommon made;
    made.place.span = tokens_.peek().span;
    if (!identifier(made.name) || !tokens_.expect("=") || !type(made.type) || !tokens_.expect(";")) return false;
    out.commons.push_back(std::move(made));
    return true;
  }

  bool action(RawNamespace& out) {
    tokens_.take();
    std::vector<RawAction> made;
    do {
      RawAction action;
      action.place.span = tokens_.peek().span;
      if (!key(action.id)) return false;
      made.push_back(std::move(action));
    } while (tokens_.take_if(","));
    RawAction shared;
    if (tokens_.take_if("in") && !groups(shared.groups)) return false;
    if (tokens_.take_if("appliesTo") && !applies_to(shared)) return false;
    if (tokens_.take_if("attributes") && (!tokens_.expect("{") || !tokens_.expect("}"))) return false;
    if (!tokens_.expect(";")) return false;
    for (RawAction& action : made) {
      shared.id = action.id;
      shared.place = action.place;
      out.actions.push_back(shared);
    }
    return true;
  }

  bool groups(std::vector<RawGroup>& out) {
    if (!tokens_.take_if("[")) return group(out);
    do {
      if (!group(out)) return false;
    } while (tokens_.take_if(","));
    return tokens_.expect("]");
  }

  bool group(std::vector<RawGroup>& out) {
    RawGroup made;
    if (tokens_.peek().kind == TokenKind::identifier && tokens_.peek(1).is("::")) {
      if (!name(made.type.emplace(), false) || !tokens_.expect("::") || !string(made.id)) return false;
    } else if (!key(made.id)) {
      return false;
    }
    out.push_back(std::move(made));
    return true;
  }

  bool applies_to(RawAction& out) {
    if (!tokens_.expect("{")) return false;
    bool has_principal = false, has_resource = false;
    const Span begin = tokens_.previous().span;
    while (!tokens_.is("}")) {
      const Token word = tokens_.take();
      bool* const seen = word.is("principal") ? &has_principal : word.is("resource") ? &has_resource : nullptr;
      if (seen == nullptr && !word.is("context")) {
        return tokens_.fail_at(word.span,
                               "expected `principal`, `resource` or `context`, found " + in_backticks(word.text));
      }
      if (seen != nullptr ? *seen : out.context != nullptr) {
        return tokens_.fail_at(word.span, in_backticks(word.text) + " stands twice");
      }
      if (!tokens_.expect(":")) return false;
      if (seen != nullptr) {
        *seen = true;
        if (!types(word.is("principal") ? out.principals : out.resources, false)) return false;
      } else {
        if (tokens_.is("Set") && tokens_.peek(1).is("<")) return tokens_.fail_expected("a record");
        if (!type(out.context)) return false;
      }
      if (!tokens_.take_if(",")) break;
    }
    if (!tokens_.expect("}")) return false;
    if (!has_principal || !has_resource) return tokens_.fail_at(begin, "`appliesTo` needs `principal` and `resource`");
    out.has_applies_to = true;
    return true;
  }

  bool types(std::vector<std::string>& out, bool may_be_empty) {
    if (!tokens_.take_if("[")) return name(out.emplace_back(), true);
    if (tokens_.is("]")) {
      if (!may_be_empty) return tokens_.fail_expected("an entity type");
      tokens_.take();
      return true;
    }
    do {
      if (!name(out.emplace_back(), true)) return false;
    } while (tokens_.take_if(","));
    return tokens_.expect("]");
  }

  bool type(std::shared_ptr<const RawType>& out) {
    auto made = std::make_shared<RawType>();
    if (!type(*made)) return false;
    out = std::move(made);
    return true;
  }

  bool type(RawType& out) {
    if (depth_ >= nesting_max) return tokens_.fail("more than " + std::to_string(nesting_max) + " levels of nesting");
    ++depth_;
    const Span begin = tokens_.peek().span;
    const bool is_good = type_within(out);
    out.span = {begin.begin, tokens_.previous().span.end};
    --depth_;
    return is_good;
  }

  bool type_within(RawType& out) {
    if (tokens_.is("{")) {
      out.kind = RawType::Kind::record;
      return record(out);
    }
    if (tokens_.is("Set") && tokens_.peek(1).is("<")) {
      tokens_.take();
      tokens_.take();
      out.kind = RawType::Kind::set;
      out.element = std::make_unique<RawType>();
      return type(*out.element) && tokens_.expect(">");
    }
    return name(out.name, true);
  }

  bool record(RawType& out) {
    tokens_.take();
    while (!tokens_.is("}")) {
      if (!annotations()) return false;
      RawAttribute made;
      made.span = tokens_.peek().span;
      if (!key(made.name)) return false;
      made.is_required = !tokens_.take_if("?");
      made.type = std::make_unique<RawType>();
      if (!tokens_.expect(":") || !type(*made.type)) return false;
      out.attributes.push_back(std::move(made));
      if (!tokens_.take_if(",")) break;
    }
    return tokens_.take_if("}") || tokens_.fail_expected("`,` or `}`");
  }

  bool identifier(std::string& out) {
    const Token& token = tokens_.peek();
    if (token.kind != TokenKind::identifier || is_reserved(token.text)) return tokens_.fail_expected("a name");
    out = tokens_.take().text;
    return true;
  }

  // `__cedar::` may begin a reference to a built-in type.
  bool name(std::string& out, bool may_be_built_in) {
    std::string part;
    if (may_be_built_in && tokens_.is("__cedar") && tokens_.peek(1).is("::")) {
      out = tokens_.take().text;
    } else if (!identifier(out)) {
      return false;
    }
    while (tokens_.is("::") && tokens_.peek(1).kind != TokenKind::string) {
      tokens_.take();
      if (!identifier(part)) return false;
      out += "::" + part;
    }
    return true;
  }

  bool key(std::string& out) { return tokens_.peek().kind == TokenKind::string ? string(out) : identifier(out); }

  bool string(std::string& out) {
    if (tokens_.peek().kind != TokenKind::string) return tokens_.fail_expected("a string in quotes");
    auto text = unescape(tokens_.take(), tokens_.found());
    if (text) out = std::move(*text);
    return text.has_value();
  }

  static constexpr std::size_t annotations_max = 1000;

  TokenStream& tokens_;
  std::size_t depth_ = 0;
};

}  // namespace

RawSchema parse_raw_schema(std::string_view text, Diagnostics& found) {
  TokenStream tokens(tokenize(text, found), found);
  if (!found.is_empty()) return {};
  return SchemaParser(tokens).run();
}

}  // namespace nova::cedar
