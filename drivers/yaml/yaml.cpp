#include "drivers/yaml/yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <set>

namespace nova::yaml {
namespace {

struct Invalid {
  std::string message;
  YAML::Mark mark;
};

Place place_of(const YAML::Mark& mark) { return mark.is_null() ? Place{} : Place{mark.line + 1, mark.column + 1}; }

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

// JSON's own number form; YAML's other spellings (0x1f, 1_000, .5) stay text and are refused where a number is needed.
bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const auto first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - first;
  };
  const auto first = at;
  const auto whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (at < text.size() && text[at] == '.' && (++at, digits() == 0)) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

class Writer {
 public:
  explicit Writer(Document& document) : document_(document) {}

  void value(const YAML::Node& node, const std::string& path, int depth) {
    if (depth > depth_max) throw Invalid{"is nested more than " + std::to_string(depth_max) + " deep", node.Mark()};
    if (++nodes_ > nodes_max) throw Invalid{"has more than " + std::to_string(nodes_max) + " values", node.Mark()};
    document_.places[path] = place_of(node.Mark());
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        document_.json += "null";
        return;
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence:
        return sequence(node, path, depth);
      case YAML::NodeType::Map:
        return map(node, path, depth);
    }
  }

 private:
  void scalar(const YAML::Node& node) {
    const auto& text = node.Scalar();
    const bool quoted = node.Tag() == "!";
    if (!quoted && (text == "true" || text == "false"))
      document_.json += text;
    else if (!quoted && (text == "null" || text == "~" || text.empty()))
      document_.json += "null";
    else if (!quoted && is_json_number(text))
      document_.json += text;
    else
      append_text(document_.json, text);
  }

  void sequence(const YAML::Node& node, const std::string& path, int depth) {
    document_.json += '[';
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (i > 0) document_.json += ',';
      value(node[i], path + "[" + std::to_string(i) + "]", depth + 1);
    }
    document_.json += ']';
  }

  void map(const YAML::Node& node, const std::string& path, int depth) {
    std::set<std::string> seen;
    document_.json += '{';
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) throw Invalid{"has a key that is not text", entry.first.Mark()};
      const auto& key = entry.first.Scalar();
      if (!seen.insert(key).second) throw Invalid{"has the key `" + key + "` twice", entry.first.Mark()};
      if (seen.size() > 1) document_.json += ',';
      append_text(document_.json, key);
      document_.json += ':';
      const auto inner = path.empty() ? key : path + "." + key;
      value(entry.second, inner, depth + 1);
      // A key is what a person looks for, and a value may stand lines below it.
      document_.places[inner] = place_of(entry.first.Mark());
    }
    document_.json += '}';
  }

  Document& document_;
  std::size_t nodes_ = 0;
};

core::Error invalid(std::string_view file, Place place, const std::string& what) {
  return core::refusal("yaml.invalid", std::string(file) + ":" + std::to_string(place.line) + ":" +
                                           std::to_string(place.column) + ": " + what)
      .with("file", std::string(file))
      .with("line", std::to_string(place.line))
      .with("column", std::to_string(place.column));
}

}  // namespace

Place Document::find(std::string path) const {
  for (;;) {
    if (const auto found = places.find(path); found != places.end()) return found->second;
    const auto cut = path.find_last_of(".[");
    if (cut == std::string::npos) return start;
    path.resize(cut);
  }
}

core::Result<std::vector<Document>> read(std::string_view text, std::string_view file) {
  if (text.size() > text_bytes_max)
    return core::refusal("input.too_large", "`" + std::string(file) + "` has more than 1 MiB");
  std::vector<Document> documents;
  try {
    for (const auto& node : YAML::LoadAll(std::string(text))) {
      if (!node || node.IsNull()) continue;
      Document document;
      document.start = place_of(node.Mark());
      Writer(document).value(node, "", 0);
      documents.push_back(std::move(document));
    }
  } catch (const Invalid& e) {
    return invalid(file, place_of(e.mark), e.message);
  } catch (const YAML::Exception& e) {
    return invalid(file, place_of(e.mark), e.msg);
  }
  return documents;
}

std::string describe_problems(const core::Error& error, const Document& document, std::string_view file) {
  std::string lines;
  for (const auto& problem : error.problems) {
    const auto place = document.find(problem.path);
    lines += std::string(file) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": `" +
             core::printable(problem.path) + "` " + core::printable(problem.message) + "\n";
  }
  if (lines.empty()) lines = std::string(file) + ": " + core::to_line(error) + "\n";
  return lines;
}

}  // namespace nova::yaml
