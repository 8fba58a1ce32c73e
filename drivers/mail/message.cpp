#include "drivers/mail/message.hpp"

#include "core/ids.hpp"
#include "core/text.hpp"
#include "governance/credentials/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace nova::mail {
namespace {

constexpr std::size_t address_bytes_max = 254;  // RFC 5321, 4.5.3.1.3
constexpr std::size_t local_bytes_max = 64;     // 4.5.3.1.1
constexpr std::size_t label_bytes_max = 63;     // RFC 1035
constexpr std::size_t line_bytes = 57;          // of the body: 76 characters of base64 (RFC 2045, 6.8)
constexpr std::size_t word_bytes = 42;          // of a subject: an encoded word has at most 75 characters (RFC 2047, 2)
constexpr std::size_t id_bytes_max = 128;

bool is_letter(unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_atom_char(unsigned char c) {
  return is_letter(c) || c >= 0x80 || std::string_view("!#$%&'*+-/=?^_`{|}~").find(char(c)) != std::string_view::npos;
}

// Parts between dots, none of them empty.
template <class Good>
bool are_parts(std::string_view text, std::size_t part_max, Good good) {
  for (;;) {
    const auto dot = text.find('.');
    const auto part = text.substr(0, dot);
    if (part.empty() || part.size() > part_max || !std::all_of(part.begin(), part.end(), good)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// RFC 5322, 3.3; no locale has a part in it.
std::string date_of(core::Timestamp at) {
  using namespace std::chrono;
  static constexpr std::array<const char*, 7> week = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_time<milliseconds> time{milliseconds(at.ms)};
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(floor<seconds>(time - midnight));
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d +0000", week[weekday(midnight).c_encoding()],
                unsigned(date.day()), months[unsigned(date.month()) - 1], int(date.year()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()));
  return text;
}

// Cut between characters, never within one (RFC 2047, 5).
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto size = std::min(word_bytes, text.size());
    while (size < text.size() && size > 1 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + credentials::to_base64(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return out;
}

std::string body_of(std::string_view text) {
  std::string lines;
  for (const char c : text) {
    if (c == '\n') lines += '\r';
    lines += c;
  }
  std::string out;
  for (std::size_t at = 0; at < lines.size(); at += line_bytes)
    out += credentials::to_base64(std::string_view(lines).substr(at, line_bytes)) + "\r\n";
  return out;
}

core::Error invalid(std::string what) { return core::refusal("mail.invalid_message", std::move(what)); }

}  // namespace

bool is_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > address_bytes_max || !core::is_utf8(text)) return false;
  const auto local = text.substr(0, at), domain = text.substr(at + 1);
  if (local.size() > local_bytes_max || !are_parts(local, local_bytes_max, is_atom_char)) return false;
  const auto in_label = [](unsigned char c) { return is_letter(c) || c == '-' || c >= 0x80; };
  return domain.front() != '-' && are_parts(domain, label_bytes_max, in_label);
}

std::string_view domain_of(std::string_view address) { return address.substr(address.rfind('@') + 1); }

core::Result<std::string> compose(const Message& m) {
  if (!is_address(m.to)) return core::refusal("mail.invalid_address", "the address is none that a mail can go to");
  if (!is_address(m.from)) return invalid("the sender's address is none");
  if (!core::is_name(m.id, id_bytes_max)) return invalid("the message has no name");
  if (!core::is_utf8(m.subject) || !core::is_utf8(m.body)) return invalid("the text is no UTF-8");
  if (!core::is_name(m.language, 8)) return invalid("the language has no name");
  std::string out;
  const auto line = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  line("Date", date_of(m.at));
  line("From", "WebNova <" + m.from + ">");
  line("To", "<" + m.to + ">");
  line("Message-ID", "<" + m.id + "@" + std::string(domain_of(m.from)) + ">");
  line("Subject", encoded_words(m.subject));
  line("MIME-Version", "1.0");
  line("Content-Type", "text/plain; charset=utf-8");
  line("Content-Transfer-Encoding", "base64");
  line("Content-Language", m.language);
  // No holiday notes in return (RFC 3834).
  line("Auto-Submitted", "auto-generated");
  return out + "\r\n" + body_of(m.body);
}

}  // namespace nova::mail
