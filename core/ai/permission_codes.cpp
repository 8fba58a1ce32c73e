#include "core/ai/permission_codes.hpp"

#include <algorithm>

namespace nova::core {
namespace {

constexpr PermissionCode codes[] = {{"execute_nodejs", "code_execution", Safety::medium, true},
                                    {"execute_python", "code_execution", Safety::medium, true},
                                    {"execute_shell", "code_execution", Safety::medium, false},
                                    {"install_packages", "code_execution", Safety::medium, false},
                                    {"create_files", "file_operations", Safety::high, true},
                                    {"read_files", "file_operations", Safety::high, true},
                                    {"edit_files", "file_operations", Safety::high, true},
                                    {"delete_files", "file_operations", Safety::medium, false},
                                    {"upload_files", "file_operations", Safety::medium, true},
                                    {"db_read", "database_operations", Safety::high, true},
                                    {"db_write", "database_operations", Safety::medium, true},
                                    {"db_delete", "database_operations", Safety::medium, false},
                                    {"db_schema", "database_operations", Safety::danger, false},
                                    {"api_read", "api_integrations", Safety::high, true},
                                    {"api_write", "api_integrations", Safety::medium, false},
                                    {"api_oauth", "api_integrations", Safety::medium, false},
                                    {"deploy_preview", "deployment", Safety::medium, true},
                                    {"deploy_production", "deployment", Safety::low, false},
                                    {"deploy_vercel", "deployment", Safety::medium, false},
                                    {"deploy_netlify", "deployment", Safety::medium, false},
                                    {"deploy_github", "deployment", Safety::medium, false},
                                    {"ai_chat", "ai_capabilities", Safety::high, true},
                                    {"ai_code_generation", "ai_capabilities", Safety::high, true},
                                    {"ai_vision", "ai_capabilities", Safety::high, true},
                                    {"ai_autonomous", "ai_capabilities", Safety::low, false},
                                    {"infra_servers", "infrastructure", Safety::danger, false},
                                    {"infra_domains", "infrastructure", Safety::low, false},
                                    {"infra_ssl", "infrastructure", Safety::medium, false},
                                    {"infra_monitoring", "infrastructure", Safety::high, true},
                                    {"payment_read", "payment_billing", Safety::high, true},
                                    {"payment_process", "payment_billing", Safety::danger, false},
                                    {"payment_refund", "payment_billing", Safety::danger, false},
                                    {"users_read", "user_management", Safety::high, true},
                                    {"users_create", "user_management", Safety::medium, false},
                                    {"users_modify", "user_management", Safety::low, false},
                                    {"users_delete", "user_management", Safety::danger, false},
                                    {"config_read", "system_config", Safety::high, true},
                                    {"config_modify", "system_config", Safety::danger, false},
                                    {"secrets_read", "system_config", Safety::low, false},
                                    {"secrets_modify", "system_config", Safety::danger, false},
                                    {"navigate_pages", "navigation_access", Safety::high, true},
                                    {"access_architecture", "navigation_access", Safety::high, true},
                                    {"invoke_pages", "navigation_access", Safety::medium, true},
                                    {"develop_pages", "navigation_access", Safety::medium, true},
                                    {"access_components", "navigation_access", Safety::high, true},
                                    {"access_routes", "navigation_access", Safety::medium, true},
                                    {"access_layouts", "navigation_access", Safety::medium, true},
                                    {"access_styles", "navigation_access", Safety::high, true},
                                    {"build_execute_any", "build_operations", Safety::danger, false},
                                    {"build_modify_any_file", "build_operations", Safety::danger, false},
                                    {"build_create_components", "build_operations", Safety::high, true},
                                    {"build_delete_components", "build_operations", Safety::danger, false},
                                    {"build_refactor_code", "build_operations", Safety::high, true},
                                    {"build_install_deps", "build_operations", Safety::medium, true},
                                    {"build_manage_db", "build_operations", Safety::danger, false},
                                    {"build_manage_env", "build_operations", Safety::danger, false},
                                    {"build_manage_secrets", "build_operations", Safety::danger, false},
                                    {"build_git_operations", "build_operations", Safety::high, true},
                                    {"build_deploy_anywhere", "build_operations", Safety::danger, false},
                                    {"build_run_tests", "build_operations", Safety::medium, true},
                                    {"build_manage_workflows", "build_operations", Safety::high, true},
                                    {"build_access_logs", "build_operations", Safety::high, true},
                                    {"build_network_access", "build_operations", Safety::medium, true},
                                    {"build_system_config", "build_operations", Safety::danger, false},
                                    {"ai_nlp_analysis", "ai_advanced", Safety::high, true},
                                    {"ai_requirements_analysis", "ai_advanced", Safety::high, true},
                                    {"ai_architecture_design", "ai_advanced", Safety::high, true},
                                    {"ai_code_review", "ai_advanced", Safety::high, true},
                                    {"ai_debugging", "ai_advanced", Safety::high, true},
                                    {"ai_optimization", "ai_advanced", Safety::high, true},
                                    {"ai_testing_generation", "ai_advanced", Safety::high, true},
                                    {"ai_documentation", "ai_advanced", Safety::high, true},
                                    {"ai_translation", "ai_advanced", Safety::high, true},
                                    {"ai_security_scan", "ai_advanced", Safety::high, true},
                                    {"ai_cost_estimation", "ai_advanced", Safety::high, true},
                                    {"ai_complexity_analysis", "ai_advanced", Safety::high, true},
                                    {"blueprint_parse", "blueprint_compiler", Safety::high, true},
                                    {"blueprint_generate_schema", "blueprint_compiler", Safety::high, true},
                                    {"blueprint_generate_backend", "blueprint_compiler", Safety::high, true},
                                    {"blueprint_generate_frontend", "blueprint_compiler", Safety::high, true},
                                    {"blueprint_generate_infra", "blueprint_compiler", Safety::medium, true},
                                    {"blueprint_build_complete", "blueprint_compiler", Safety::danger, false},
                                    {"deploy_hetzner", "external_deployment", Safety::danger, false},
                                    {"deploy_aws", "external_deployment", Safety::danger, false},
                                    {"deploy_gcp", "external_deployment", Safety::danger, false},
                                    {"deploy_digitalocean", "external_deployment", Safety::danger, false},
                                    {"deploy_onprem", "external_deployment", Safety::danger, false},
                                    {"deploy_estimate_costs", "external_deployment", Safety::high, true},
                                    {"monitor_cpu", "monitoring", Safety::high, true},
                                    {"monitor_memory", "monitoring", Safety::high, true},
                                    {"monitor_disk", "monitoring", Safety::high, true},
                                    {"monitor_network", "monitoring", Safety::high, true},
                                    {"monitor_alerts", "monitoring", Safety::medium, true},
                                    {"version_rollback", "version_control", Safety::danger, false},
                                    {"version_update", "version_control", Safety::medium, true},
                                    {"version_changelog", "version_control", Safety::high, true},
                                    {"version_schedule", "version_control", Safety::medium, true},
                                    {"import_replit", "import_export", Safety::medium, true},
                                    {"import_github", "import_export", Safety::medium, true},
                                    {"export_project", "import_export", Safety::medium, true},
                                    {"sync_reverse", "import_export", Safety::medium, true},
                                    {"detach_platform", "import_export", Safety::danger, false},
                                    {"governance_rules", "governance", Safety::danger, false},
                                    {"governance_compliance", "governance", Safety::high, true},
                                    {"governance_audit", "governance", Safety::high, true},
                                    {"governance_policies", "governance", Safety::danger, false},
                                    {"integration_stripe", "integrations", Safety::danger, false},
                                    {"integration_sendgrid", "integrations", Safety::medium, true},
                                    {"integration_twilio", "integrations", Safety::medium, true},
                                    {"integration_openai", "integrations", Safety::high, true},
                                    {"integration_anthropic", "integrations", Safety::high, true},
                                    {"integration_storage", "integrations", Safety::medium, true},
                                    {"session_manage", "session_management", Safety::danger, false},
                                    {"session_impersonate", "session_management", Safety::danger, false},
                                    {"session_2fa", "session_management", Safety::medium, true},
                                    {"system_restart", "system_control", Safety::danger, false},
                                    {"system_shutdown", "system_control", Safety::danger, false},
                                    {"system_maintenance", "system_control", Safety::medium, true},
                                    {"system_backup", "system_control", Safety::medium, true},
                                    {"system_restore", "system_control", Safety::danger, false}};

constexpr std::string_view restrictive[] = {"ai_chat", "ai_code_generation", "read_files", "config_read"};
constexpr std::string_view balanced[] = {
    "ai_chat",        "ai_code_generation", "ai_vision",      "create_files", "read_files",      "edit_files",
    "upload_files",   "execute_nodejs",     "execute_python", "db_read",      "db_write",        "api_read",
    "deploy_preview", "users_read",         "config_read",    "payment_read", "infra_monitoring"};

}  // namespace

const std::vector<std::string_view>& names_of(const Safety*) {
  static const std::vector<std::string_view> names = {"high", "medium", "low", "danger"};
  return names;
}

const std::vector<std::string_view>& permission_categories() {
  static const std::vector<std::string_view> names = {
      "code_execution",     "file_operations",  "database_operations", "api_integrations",   "deployment",
      "ai_capabilities",    "infrastructure",   "payment_billing",     "user_management",    "system_config",
      "navigation_access",  "build_operations", "ai_advanced",         "blueprint_compiler", "external_deployment",
      "monitoring",         "version_control",  "import_export",       "governance",         "integrations",
      "session_management", "system_control"};
  return names;
}

std::span<const PermissionCode> permission_codes() { return codes; }

const PermissionCode* find_permission_code(std::string_view code) {
  const auto* found =
      std::find_if(std::begin(codes), std::end(codes), [&](const auto& one) { return one.code == code; });
  return found == std::end(codes) ? nullptr : found;
}

const std::vector<PermissionPreset>& permission_presets() {
  static const auto presets = [] {
    std::vector<PermissionPreset> made{{"restrictive", {std::begin(restrictive), std::end(restrictive)}},
                                       {"balanced", {std::begin(balanced), std::end(balanced)}},
                                       {"full_access", {}}};
    for (const auto& one : codes) made.back().codes.push_back(one.code);
    return made;
  }();
  return presets;
}

}  // namespace nova::core
