// Whether a stable port can be had, and who has it otherwise.
#pragma once
#include <cstdint>
#include <string>

namespace nova::edge {

/// 0 when one could listen there right now, else the errno: EADDRINUSE, EACCES below 1024, EADDRNOTAVAIL.
int try_port(const std::string& address, std::uint16_t port);

/// "`nginx` (pid 812)" of the process that listens on the port of this machine; empty when /proc does not let us know.
/// Reads all of /proc: for error messages only.
std::string port_holder(std::uint16_t port);

}  // namespace nova::edge
