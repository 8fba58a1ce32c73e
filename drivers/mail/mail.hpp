// The driver "mail". Verb "send", payload {"template", "language", "letter", "message", "at"}: composes and hands over
// one mail. `letter` is a reference into the vault; what it holds ({"to", "token"}) is opened here and nowhere else,
// and erased by the driver "vault".
//
// A crash between the server's yes and its record sends the mail once more, with the same Message-ID: nobody but the
// server could tell, and a second copy is better than none.
// Errors: `mail.refused`, `mail.invalid_address`, `mail.letter_gone` for good; `mail.deferred*` for now.
#pragma once
#include "actors/host/driver.hpp"
#include "drivers/mail/smtp.hpp"

#include <functional>
#include <memory>
#include <string>

namespace nova::mail {

inline constexpr std::size_t senders = 2;           ///< mails on their way at once
inline constexpr std::uint32_t quick_attempts = 4;  ///< within two seconds; later ones are the asker's affair

struct Options {
  Server server;
  std::string from;
  std::string place;  ///< where the node's pages are reached: "https://nova.example.org"
  std::function<core::Result<std::string>(const std::string& reference)> reveal;
};

/// Owns its threads; they end within about a second of the driver's end, whatever the server does.
std::unique_ptr<host::WorkDriver> make_mail_driver(Options options);

}  // namespace nova::mail
