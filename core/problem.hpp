// Errors on HTTP: application/problem+json (RFC 9457), out of the node and back into a client.
#pragma once
#include "core/error.hpp"

#include <string>
#include <string_view>

namespace nova::core {

/// {"type","title","status","detail","code","remedy","retryable","request_id","errors":[{"path","message"}],"details":{}};
/// empty members are left out.
std::string to_problem_json(const Error& error, std::string_view request_id = {});

/// The error that a problem document describes. What is no such document becomes `upstream.failed` with `status` in its
/// details, so a client always has one error to show.
Error parse_problem(std::string_view json, int http_status);

/// The reason phrase of an HTTP status (RFC 9110): "Conflict". "Error" for ones not in use here.
std::string_view status_title(int status);

}  // namespace nova::core
