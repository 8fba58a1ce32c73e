// The usual answers to "who may do this" (S21, S22), by what people call the work. A kind whose commands fit none of
// them writes its own.
#pragma once
#include "core/kind.hpp"

namespace nova::core::access {

inline constexpr Access reading{
    .capability = "dashboard.view", .permission = "platform:read", .scope = "platform.read"};
/// What shows the whole installation.
inline constexpr Access operating{.permission = "platform:read"};
inline constexpr Access building{
    .capability = "builder.access", .permission = "platform:configure", .scope = "platform.write"};
inline constexpr Access deploying{
    .capability = "app.deploy", .permission = "platform:configure", .scope = "platform.write"};
inline constexpr Access deleting{
    .capability = "app.deploy", .permission = "platform:configure", .scope = "platform.delete"};
inline constexpr Access connecting{
    .capability = "connectors.manage", .permission = "platform:configure", .scope = "settings.write"};
inline constexpr Access securing{
    .capability = "security.manage", .permission = "platform:configure", .scope = "settings.write"};

}  // namespace nova::core::access
