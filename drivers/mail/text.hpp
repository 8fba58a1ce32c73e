// What the mails say, in English and Arabic. Pure. No word of it comes from a person, so that nobody can write to
// somebody else through this node.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace nova::mail {

struct Text {
  std::string subject, body;
};

/// `name`: "email", "password", "notice", "new_place"; another language than "ar" is answered in English. None for
/// another name. `place` is where the page answers people: "https://nova.example.org".
std::optional<Text> text_of(std::string_view name, std::string_view language, const std::string& place,
                            const std::string& token);

}  // namespace nova::mail
