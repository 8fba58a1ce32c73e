// Made by scripts/types.mjs from the OpenAPI document that novad serves; a test compares it with a running node's.
export interface States {
  abuse_block: { status: "absent" | "active" | "expired" | "lifted"; subject: string; keyed_by: "ip" | "tenant_user" | "token"; policy: string; name: string; reason: string; by: string; at: string; until: string; ended_at: string; times: number }
  ai_access: { status: "absent" | "active" | "suspended"; tier: string; day: { period: string; spent: number; uses: number; held: ({ id: string; amount: number; at: string; expires_at: string })[]; ended: (string)[]; earlier: ({ period: string; spent: number; uses: number })[] }; minute: { since: string; requests: number }; breached_limit: string; breached_at: string; breaches: number; reason: string; changed_by: string; changed_at: string }
  ai_agent: { status: "absent" | "pending" | "active" | "inactive" | "removed"; settings: { name: string; name_ar: string; layer: string; provider: string; model: string; system_prompt: string; temperature: number; max_tokens: number; available_to_subscribers: boolean; requires_sovereign_approval: boolean }; preamble: string; work: string; asked: number; reason: string; created_by: string; created_at: string; changed_by: string; changed_at: string }
  ai_execution: { status: "absent" | "requested" | "held" | "allowed" | "running" | "refused" | "succeeded" | "failed" | "killed" | "expired"; request: { action: "generate" | "analyze" | "decide" | "execute" | "suggest"; layer: string; agent: string; provider: string; task_type: string; impact: "low" | "medium" | "high" | "critical"; tokens: number; needs: (string)[]; asks_approval: boolean; takes_final_decision: boolean; ambiguous: boolean; payload_digest: string | null; requester: { user: string; agent: string; subscriber: boolean; tier: string }; switches: { no_ai_without_layer: boolean; no_ai_without_limits: boolean; no_undefined_power: boolean; no_external_without_approval: boolean; no_subscriber_access_without_decision: boolean; enforcement: "strict" | "warning" | "permissive" }; killed_by: string }; violations: ({ code: string; rule: string; severity: "block" | "warning" | "log"; message: string })[]; held_by: (string)[]; approval_id: string; decided_by: string; ledgers: (string)[]; reserving: string; code: string; reason: string; result_digest: string; requested_by: string; requested_at: string; expires_at: string; ended_at: string }
  ai_layer: { status: "absent" | "active" | "suspended" | "disabled" | "emergency_stopped" | "deleted"; profile: { name: string; name_ar: string; purpose: string; purpose_ar: string; priority: number; allowed_for_subscribers: boolean; subscriber_visibility: "hidden" | "limited" | "full" }; type: "INTERNAL_SOVEREIGN" | "EXTERNAL_MANAGED" | "HYBRID" | "SUBSCRIBER_RESTRICTED"; power_set: boolean; power: { level: number; max_tokens_per_request: number; max_requests_per_minute: number; max_concurrent_requests: number; cpu_allocation: "minimal" | "standard" | "high" | "maximum"; memory_allocation: "minimal" | "standard" | "high" | "maximum"; cost_per_request: number; monthly_budget_limit: number | null; subscriber_can_see_cost: boolean; owner_can_see_real_cost: boolean } | null; stopped_from: "absent" | "active" | "suspended" | "disabled" | "emergency_stopped" | "deleted"; reason: string; used_by: (string)[]; budget: { period: string; spent: number; uses: number; held: ({ id: string; amount: number; at: string; expires_at: string })[]; ended: (string)[]; earlier: ({ period: string; spent: number; uses: number })[] }; minute: { since: string; requests: number }; told_spent: string; created_by: string; created_at: string; changed_by: string; changed_at: string }
  api_key: { status: "absent" | "active" | "suspended" | "revoked" | "expired"; name: string; user: string; mark: { prefix: string; last_four: string }; grace_until: string; scopes: (string)[]; rate_tier: "standard" | "premium" | "unlimited"; limits: { per_minute: number; per_hour: number; per_day: number }; expires_at: string | null; reason: string; created_by: string; created_at: string; changed_by: string; changed_at: string; rotated_at: string; last_used_at: string; last_used_from: string; uses: number; agent: string }
  approval: { status: "pending" | "approved" | "rejected" | "expired" | "cancelled" | "executed" | "execution_failed"; act: { target: { tenant: string; kind: string; id: string }; command: string; impact: number; by: { id: string; type: string }; person: string; shown: unknown; digest: string; constitution: string; version: number; intent_version: number; expected_version: number; expected_intent_version: number; correlation: string; request_id: string; budget: string }; rules: ({ id: string; en: string; ar: string; gate: string })[]; groups: ({ name: string; quorum: number; roles: (string)[]; permissions: (string)[] })[]; escalation: ({ level: number; role: string; timeout: string })[]; called: (string)[]; second_factor: boolean; reminder: string; level: number; votes: ({ user: string; group: string; reason: string; factor: "none" | "totp" | "recovery" | "passkey"; owner_confirmed: boolean; at: string; remedy: string })[]; owner_confirmed: boolean; requested_at: string; expires_at: string; decided_by: string; decision_reason: string; decided_at: string; work: string; outcome_code: string; outcome_message: string; outcome_version: number; outcome_position: number; ended_at: string; remedies: ({ name: string; en: string; ar: string; body: unknown })[]; refusal: string; remedy: string }
  auth_method: { status: "open" | "closed"; reason: string; by: string; at: string }
  blueprint: { status: "absent" | "draft" | "approved" | "rejected" | "generating" | "completed" | "archived"; version: number; environment: string; content: { definition: { name: string; description: string; version: string; context: { domain: string; industry: string; target_platform: "web" | "mobile" | "desktop" | "api" | "fullstack"; language: "en" | "ar" | "both" }; intents: ({ id: string; type: "feature" | "page" | "component" | "integration" | "workflow"; description: string; priority: "critical" | "high" | "medium" | "low"; dependencies: (string)[]; acceptance: (string)[] })[] | null; constraints: ({ type: "technical" | "business" | "security" | "compliance" | "performance"; description: string; enforcement: "strict" | "preferred" | "optional" })[]; outputs: ({ type: "code" | "documentation" | "api" | "database" | "deployment"; format: string; destination: string })[]; compliance: (string)[]; targets: (string)[]; metadata: Record<string, string>; unified: unknown | null } | null; services: Record<string, { source: { path: string; digest: string }; run: (string)[]; port: number; health: { http: string; tcp: boolean; exec: (string)[]; interval: string; timeout: string; healthy: number; unhealthy: number; start_timeout: string }; env: Record<string, string>; secrets: Record<string, string>; needs: (string)[]; scale: number; limits: { memory_mb: number; cpu_millis: number; processes: number; open_files: number }; restart: { mode: "always" | "on_failure" | "never"; intensity: number; period: string; backoff: string; backoff_max: string }; every: string; stop_timeout: string }> }; report: { errors: (string)[]; warnings: (string)[]; suggestions: (string)[]; complexity: "simple" | "moderate" | "complex" | "enterprise"; hours: number; tokens: number }; submitted: boolean; reason: string; versions: ({ version: number; status: "absent" | "draft" | "approved" | "rejected" | "generating" | "completed" | "archived"; by: string; at: string })[]; provisions: Record<string, { version: number; work: string; code: string; message: string }>; works: number }
  constitution: { status: "absent" | "active"; active: { version: string; digest: string; step: "genesis" | "tightening" | "loosening" | "recovery"; first: number; parts: number; by: string; at: string }; draft: { digest: string; of: number; have: number; first: number; by: string; at: string } | null; superseded: ({ version: string; digest: string; step: "genesis" | "tightening" | "loosening" | "recovery"; first: number; parts: number; by: string; at: string })[]; amendments: number }
  decision: { status: "absent" | "analysis" | "pending_approval" | "approved" | "executing" | "completed" | "rejected" | "killed"; subject: { type: "governance" | "policy" | "resource" | "security" | "financial" | "operational" | "strategic" | "emergency"; title: string; title_ar: string; description: string; description_ar: string; target_platform: string; target_resource: string; urgency: "normal" | "urgent" | "critical"; facts: { amount_micros: number; scope: "resource" | "platform" | "tenant" | "installation"; users_affected: number; data_class: "public" | "internal" | "personal" | "sensitive"; reversible: boolean } }; risk_level: "low" | "medium" | "high" | "critical" | "sovereign"; required_approval: "automatic" | "standard" | "elevated" | "sovereign" | "owner_only"; feasibility: number; analysis: string; violations: ({ policy: string; name: string; message: string; denies: boolean })[]; steps: ({ plan: { title: string; impact: string; rollback_plan: string; requires_approval: boolean; approval_level: "automatic" | "standard" | "elevated" | "sovereign" | "owner_only" }; status: "pending" | "in_progress" | "completed" | "failed" | "skipped"; approved_by: string; by: string; note: string; started_at: string; ended_at: string })[]; requested_by: { id: string; type?: string }; analyzed_by: { id: string; type?: string }; proposed_by: { id: string; type?: string }; analysts: (string)[]; decided_by: string; reason: string; factor: string; owner_confirmed: boolean; rollback_offered: string; requested_at: string; proposed_at: string; decided_at: string; ended_at: string }
  denial: { who: string; who_type: string; act: string; resource: string; code: string; rules: (string)[]; constitution: string; count: number; first_at: string; last_at: string; batches: (string)[] }
  deployment: { platform: string; environment: string; status: "pending" | "building" | "deploying" | "verifying" | "running" | "failed" | "stopping" | "stopped" | "deleting" | "deleted"; reason: string; health: "unknown" | "healthy" | "degraded"; health_reason: string; current: number; candidate: number; serving: boolean; last_revision: number; serial: number; purge: boolean; purged: boolean; revisions: ({ number: number; state: "pending" | "building" | "deploying" | "verifying" | "running" | "failed" | "rolled_back" | "superseded" | "stopped" | "cancelled"; services: Record<string, { source: { path: string; digest: string }; run: (string)[]; port: number; health: { http: string; tcp: boolean; exec: (string)[]; interval: string; timeout: string; healthy: number; unhealthy: number; start_timeout: string }; env: Record<string, string>; secrets: Record<string, string>; needs: (string)[]; scale: number; limits: { memory_mb: number; cpu_millis: number; processes: number; open_files: number }; restart: { mode: "always" | "on_failure" | "never"; intensity: number; period: string; backoff: string; backoff_max: string }; every: string; stop_timeout: string }>; bytes: number; blueprint_version: number; equals: number; ran: boolean; by: string; reason: string; at: string })[]; scales: Record<string, number>; instances: Record<string, { service: string; revision: number; index: number; phase: "starting" | "ready" | "unready" | "backoff" | "quarantined" | "failed" | "stopped"; port: number; restarts: number; attempt: number; wanted: boolean; admitted: boolean; left: number; code: string; message: string; timer: string }>; routes: Record<string, { revision: number; port: number; backends: ({ id: string; port: number })[]; hold: boolean; generation: number; applied: number; drained: number; kept: boolean; overdue: boolean; failed: string; route_timer: string; drain_timer: string }>; escalations: Record<string, string>; restart_queue: (string)[]; draining: string; restarting: string; restart_timer: string; rollout_timer: string; stop_timer: string; fetch: string; works: Record<string, { job: "fetch" | "purge" | "escalate" | "withdraw" | "tell"; about: string; service: string; revision: number }>; timers: Record<string, { wait: "rollout" | "route" | "drain" | "stop" | "restart" | "forget"; about: string; at: string }> }
  device_login: { status: "absent" | "pending" | "approved" | "denied" | "redeemed" | "expired"; device: string; user: string; started_at: string; expires_at: string; answered_at: string; ended_at: string }
  emergency: { active: ({ id: string; action: "ai_suspension" | "platform_lockdown" | "feature_disable" | "HALT_ALL_PLATFORMS" | "FREEZE_ALL_SUBSCRIPTIONS" | "STOP_ALL_OPERATIONS" | "LOCKDOWN_SYSTEM"; scope: "global" | "feature" | "plan" | "user"; target: string; reason: string; reason_ar: string; incident_id: string; by: string; at: string; until?: string | null; switches?: (string)[]; ending: "none" | "lifted" | "expired"; ended_by: string; ended_reason: string; ended_at: string })[]; ended: ({ id: string; action: "ai_suspension" | "platform_lockdown" | "feature_disable" | "HALT_ALL_PLATFORMS" | "FREEZE_ALL_SUBSCRIPTIONS" | "STOP_ALL_OPERATIONS" | "LOCKDOWN_SYSTEM"; scope: "global" | "feature" | "plan" | "user"; target: string; reason: string; reason_ar: string; incident_id: string; by: string; at: string; until?: string | null; switches?: (string)[]; ending: "none" | "lifted" | "expired"; ended_by: string; ended_reason: string; ended_at: string })[]; held: (string)[]; works: Record<string, string>; problems: (string)[]; controls: number; work_count: number; halted: number; restored: number; halt: string }
  escalation: { status: "open" | "answered" | "withdrawn"; subject_kind: string; subject_id: string; service: string; title: string; code: string; message: string; options: ("retry" | "rollback" | "stop")[]; opened_at: string; decision: "retry" | "rollback" | "stop"; reason: string; by: string; answered_at: string; refused: string; work: string; answers: number; approval: string }
  external_ai: { status: "absent" | "proposed" | "active" | "paused" | "removed"; link: { provider: "openai" | "anthropic" | "google" | "azure" | "custom"; endpoint: string; secret: string; allowed_for_subscribers: boolean; layers: (string)[]; rate_limit: number; monthly_budget: number | null }; approved: boolean; asked: ({ work: string; target: string })[]; works: number; reason: string; budget: { period: string; spent: number; uses: number; held: ({ id: string; amount: number; at: string; expires_at: string })[]; ended: (string)[]; earlier: ({ period: string; spent: number; uses: number })[] }; minute: { since: string; requests: number }; told_spent: string; created_by: string; created_at: string; approved_by: string; changed_by: string; changed_at: string }
  identity_link: { status: "absent" | "linked" | "unlinked"; user: string; provider: string; linked_at: string; unlinked_at: string }
  incident: { status: "absent" | "open" | "investigating" | "resolved" | "false_positive"; title: string; title_ar: string; description: string; emergency: string; opened_by: string; reason: string; severity: "low" | "medium" | "high" | "critical"; opened_at: string; ended_at: string; down_since: string | null; downtime_seconds: number; review: "none" | "draft" | "pending_review" | "signed" | "closed"; post_mortem: { summary: string; root_cause: string; remedies: string; written_by: string; signed_by: string; written_at: string; signed_at: string }; owes_post_mortem: boolean }
  instance: { state: "stopped" | "starting" | "running" | "stopping" | "error"; phase: "starting" | "ready" | "unready" | "backoff" | "quarantined" | "failed" | "stopped"; code: string; message: string; since: string; pid: number; keeper_pid: number; port: number; restarts: number; attempt: number; sequence: number; told: number; log_path: string; next_start: string | null; last_exit: { at: string; code: number; signal: number; reason: string; message: string } | null; deployment: string; service: string; revision: number; index: number }
  kill_switch: { status: "armed" | "engaged"; scope: "global" | "external_only" | "layer" | "platform" | "provider" | "agent" | "model" | "tenant" | "platforms" | "commands" | "subscriptions" | "feature" | "plan" | "user"; target: string; reason: string; reason_ar: string; by: string; incident_id: string; at: string; until: string | null; epoch: number; rollback: string; rollbacks: number }
  login_flow: { status: "absent" | "in_progress" | "completed" | "failed" | "expired"; user: string; device: string; place: string; tries: number; started_at: string; expires_at: string; ended_at: string }
  membership: { status: "absent" | "invited" | "active" | "removed"; role: "none" | "viewer" | "staff" | "admin" | "owner"; invited_by: string; invited_at: string; joined_at: string; reason: string; changed_by: string; changed_at: string; transfer_to: string; transfer_by: string; work: string; transfers: number }
  mfa_enrolment: { status: "absent" | "pending" | "verified" | "removed"; last_step: number; recovery_left: number; attempts: number; locked_until: string; enrolled_at: string; verified_at: string; used_at: string; reason: string }
  node: { status: "absent" | "up" | "draining" | "left"; version: string; previous_version: string; pid: number; address: string; started_at: string; boots: number; crashes: number; reason: string }
  oidc_flow: { status: "absent" | "taken" | "ready" | "redeemed" | "failed" | "expired"; provider: string; user: string; reason: string; taken_at: string; expires_at: string; ended_at: string }
  passkey: { status: "absent" | "active" | "removed"; user: string; of_owner: boolean; name: string; sign_count: number; backed_up: boolean; uses: number; enrolled_at: string; used_at: string; alarmed_at: string; removed_at: string; reason: string }
  permission_catalogue: { status: "absent" | "active"; definitions: Record<string, { category: string; security_level: "high" | "medium" | "low" | "danger" }>; presets: Record<string, (string)[]>; changed_by: string; changed_at: string }
  permission_set: { status: "absent" | "active"; grants: Record<string, { standing: "granted" | "revoked" | "expired"; by: string; at: string; expires_at: string | null }>; preset: string; replaced: boolean; changed_by: string; changed_at: string }
  platform: { status: "active" | "deleting" | "deleted" | "refused"; blueprint: string; reason: string; purge: boolean; environments: Record<string, { deployment: string; blueprint_version: number; services_hash: string; last_error: string; slot: string; homeless: boolean; settled: boolean }>; works: Record<string, string>; serial: number; project: string; waiting: { work: string; environment: string; project: string; slot: string; services: Record<string, { source: { path: string; digest: string }; run: (string)[]; port: number; health: { http: string; tcp: boolean; exec: (string)[]; interval: string; timeout: string; healthy: number; unhealthy: number; start_timeout: string }; env: Record<string, string>; secrets: Record<string, string>; needs: (string)[]; scale: number; limits: { memory_mb: number; cpu_millis: number; processes: number; open_files: number }; restart: { mode: "always" | "on_failure" | "never"; intensity: number; period: string; backoff: string; backoff_max: string }; every: string; stop_timeout: string }> } }
  policy: { status: "absent" | "draft" | "active" | "disabled" | "deleted"; terms: { name: string; type: "constraint" | "limit" | "require" | "deny" | "conditional"; scope: "global" | "platform" | "resource" | "user"; scope_target: string; constraints: ({ target: string; condition: "equals" | "not_equals" | "at_most" | "at_least" | "one_of" | "starts_with" | "present"; value: string; message: string })[]; priority: number }; created_by: string; approved_by: string; reason: string; created_at: string; changed_at: string }
  provider: { status: "absent" | "disconnected" | "connected" | "error" | "removed"; kind: string; name: string; type: "primary" | "secondary" | "backup" | "staging"; enabled: boolean; health: number; cpus: number; memory_mb: number; disk_free_mb: number; verified_at: string; reason: string; work: string; works: number }
  rate_policy: { status: "shipped" | "set"; window_s: number; max: number; burst: number; warning_percent: number; block_s: number; by: string; at: string }
  secret: { status: "absent" | "active" | "destroyed"; name: string; path: string; type: "generic" | "api-key" | "password" | "certificate" | "token"; owner: string; version: number; versions: ({ number: number; value: string; by: string; at: string })[]; erasures: ({ version: number; status: "asked" | "failed"; message: string })[]; reason: string; created_at: string; changed_at: string; changed_by: string; used_by: (string)[] }
  sensitive_session: { status: "absent" | "pending" | "password_verified" | "otp_sent" | "active" | "completed" | "expired" | "cancelled"; operation: "system_maintenance" | "debug_fix" | "refactor_restructure" | "read_access" | "edit_modify" | "save_changes" | "rollback_undo" | "restore_version" | "restart_services" | "live_tests" | "delete_data" | "config_change" | "security_update"; reason: string; by: string; factor: string; note: string; tries: number; begun_at: string; opened_at: string; expires_at: string; closed_at: string }
  session: { status: "absent" | "active" | "ended" | "expired" | "revoked"; user: string; method: "password" | "google" | "github" | "apple" | "microsoft" | "replit" | "2fa" | "recovery" | "passkey" | "device" | "oidc"; device: string; place: string; generation: number; activities: number; started_at: string; last_activity_at: string; expires_at: string; reason: string; ended_at: string }
  subscriber_limit: { status: "absent" | "active" | "removed"; limits: { max_power_level: number; max_tokens_per_request: number; max_requests_per_day: number; max_requests_per_minute: number; allowed_task_types: (string)[]; blocked_task_types: (string)[]; can_access_external_ai: boolean; can_see_layers: boolean; enforcement: "block" | "log" | "auto_suspend" }; reason: string; changed_by: string; changed_at: string }
  tenant: { status: "absent" | "pending" | "active" | "suspended" | "archived"; name: string; tier: "free" | "basic" | "pro" | "enterprise" | "sovereign"; settings: { language: "en" | "ar" | "both"; timezone: string; features: (string)[] }; reason: string; created_by: string; created_at: string; changed_by: string; changed_at: string; data_region: string; compliance: (string)[]; usage: { projects: number; storage_mb: number; ai_tokens: number; deployments: number }; reservations: ({ id: string; resource: "projects" | "storage_mb" | "ai_tokens" | "deployments"; amount: number; at: string })[]; spent: (string)[]; exceeded: ({ resource: "projects" | "storage_mb" | "ai_tokens" | "deployments"; at: string })[] }
  user: { status: "absent" | "pending" | "active" | "suspended" | "banned" | "deactivated"; account: { email: string; username: string; full_name: string; provider: "email" | "google" | "github" | "apple" | "replit" | "microsoft"; language: "ar" | "en" }; root_owner: boolean; email_verified: boolean; role: string; permissions: (string)[]; overrides: ({ permission: string; grant: "allow" | "deny"; tenant: string; expires_at: string | null; by: string })[]; links: ({ provider: "email" | "google" | "github" | "apple" | "replit" | "microsoft" })[]; password_at: string; reason: string; created_by: string; created_at: string; changed_by: string; changed_at: string; stopped_at: string; last_login_at: string; last_login_method: string; places: (string)[]; failed_logins: number; locked_until: string }
  verification: { status: "absent" | "sending" | "sent" | "undelivered" | "used" | "expired"; user: string; purpose: "email" | "password" | "notice" | "new_place"; language: string; work: string; letter_kept: boolean; issues: number; rounds: number; in_day: number; day_from: string; issued_at: string; expires_at: string; ended_at: string; reason: string }
  webhook_cursor: { status: "absent" | "reading"; position: number }
  webhook_delivery: { status: "absent" | "pending" | "held" | "delivered" | "failed"; endpoint: string; event_type: string; event: string; payload: string; work: string; round: number; in_round: number; attempts: number; log: ({ number: number; status: number; code: string; message: string; answer: string; took_ms: number; at: string })[]; next_at: string; created_at: string; ended_at: string; code: string; message: string }
  webhook_endpoint: { status: "absent" | "active" | "paused" | "disabled" | "deleted"; url: string; grace_until: string; events: (string)[]; description: string; retries: number; retry_every_s: number; straight_failures: number; reason: string; last_failure: string; last_failed_at: string; created_by: string; created_at: string; changed_by: string; changed_at: string; rotated_at: string }
}

export interface Commands {
  "abuse_block.unblock": { reason?: string }
  "ai_access.restore": {  }
  "ai_access.suspend": { reason: string }
  "ai_agent.activate": {  }
  "ai_agent.deactivate": { reason: string }
  "ai_agent.remove": { reason: string }
  "ai_agent.update": { name?: string | null; name_ar?: string | null; layer?: string | null; provider?: string | null; model?: string | null; system_prompt?: string | null; temperature?: number | null; max_tokens?: number | null; available_to_subscribers?: boolean | null; requires_sovereign_approval?: boolean | null }
  "ai_execution.fail": { code: string; message?: string }
  "ai_execution.finish": { result_digest?: string | null }
  "ai_layer.delete": { reason: string }
  "ai_layer.disable": { reason: string }
  "ai_layer.enable": {  }
  "ai_layer.resume": {  }
  "ai_layer.set_power": { power: { level?: number; max_tokens_per_request?: number; max_requests_per_minute?: number; max_concurrent_requests?: number; cpu_allocation?: "minimal" | "standard" | "high" | "maximum"; memory_allocation?: "minimal" | "standard" | "high" | "maximum"; cost_per_request?: number; monthly_budget_limit?: number | null; subscriber_can_see_cost?: boolean; owner_can_see_real_cost?: boolean } }
  "ai_layer.suspend": { reason: string }
  "ai_layer.update": { name?: string | null; name_ar?: string | null; purpose?: string | null; purpose_ar?: string | null; priority?: number | null; allowed_for_subscribers?: boolean | null; subscriber_visibility?: "hidden" | "limited" | "full" | null }
  "api_key.activate": {  }
  "api_key.revoke": { reason: string }
  "api_key.suspend": { reason?: string }
  "approval.cancel": { reason?: string }
  "approval.reject": { reason: string }
  "blueprint.apply": { environment?: string; definition?: { name?: string; description?: string; version?: string; context?: { domain?: string; industry?: string; target_platform?: "web" | "mobile" | "desktop" | "api" | "fullstack"; language?: "en" | "ar" | "both" }; intents?: ({ id: string; type?: "feature" | "page" | "component" | "integration" | "workflow"; description?: string; priority?: "critical" | "high" | "medium" | "low"; dependencies?: (string)[]; acceptance?: (string)[] })[] | null; constraints?: ({ type?: "technical" | "business" | "security" | "compliance" | "performance"; description: string; enforcement?: "strict" | "preferred" | "optional" })[]; outputs?: ({ type?: "code" | "documentation" | "api" | "database" | "deployment"; format?: string; destination?: string })[]; compliance?: (string)[]; targets?: (string)[]; metadata?: Record<string, string>; unified?: unknown | null } | null; services?: Record<string, { source?: { path?: string; digest?: string }; run?: (string)[]; port?: number; health?: { http?: string; tcp?: boolean; exec?: (string)[]; interval?: string; timeout?: string; healthy?: number; unhealthy?: number; start_timeout?: string }; env?: Record<string, string>; secrets?: Record<string, string>; needs?: (string)[]; scale?: number; limits?: { memory_mb?: number; cpu_millis?: number; processes?: number; open_files?: number }; restart?: { mode?: "always" | "on_failure" | "never"; intensity?: number; period?: string; backoff?: string; backoff_max?: string }; every?: string; stop_timeout?: string }> }
  "blueprint.approve": {  }
  "blueprint.archive": { reason?: string }
  "blueprint.draft": { environment?: string; definition?: { name?: string; description?: string; version?: string; context?: { domain?: string; industry?: string; target_platform?: "web" | "mobile" | "desktop" | "api" | "fullstack"; language?: "en" | "ar" | "both" }; intents?: ({ id: string; type?: "feature" | "page" | "component" | "integration" | "workflow"; description?: string; priority?: "critical" | "high" | "medium" | "low"; dependencies?: (string)[]; acceptance?: (string)[] })[] | null; constraints?: ({ type?: "technical" | "business" | "security" | "compliance" | "performance"; description: string; enforcement?: "strict" | "preferred" | "optional" })[]; outputs?: ({ type?: "code" | "documentation" | "api" | "database" | "deployment"; format?: string; destination?: string })[]; compliance?: (string)[]; targets?: (string)[]; metadata?: Record<string, string>; unified?: unknown | null } | null; services?: Record<string, { source?: { path?: string; digest?: string }; run?: (string)[]; port?: number; health?: { http?: string; tcp?: boolean; exec?: (string)[]; interval?: string; timeout?: string; healthy?: number; unhealthy?: number; start_timeout?: string }; env?: Record<string, string>; secrets?: Record<string, string>; needs?: (string)[]; scale?: number; limits?: { memory_mb?: number; cpu_millis?: number; processes?: number; open_files?: number }; restart?: { mode?: "always" | "on_failure" | "never"; intensity?: number; period?: string; backoff?: string; backoff_max?: string }; every?: string; stop_timeout?: string }> }
  "blueprint.reject": { reason: string }
  "blueprint.revise": { environment?: string | null; definition?: { name?: string; description?: string; version?: string; context?: { domain?: string; industry?: string; target_platform?: "web" | "mobile" | "desktop" | "api" | "fullstack"; language?: "en" | "ar" | "both" }; intents?: ({ id: string; type?: "feature" | "page" | "component" | "integration" | "workflow"; description?: string; priority?: "critical" | "high" | "medium" | "low"; dependencies?: (string)[]; acceptance?: (string)[] })[] | null; constraints?: ({ type?: "technical" | "business" | "security" | "compliance" | "performance"; description: string; enforcement?: "strict" | "preferred" | "optional" })[]; outputs?: ({ type?: "code" | "documentation" | "api" | "database" | "deployment"; format?: string; destination?: string })[]; compliance?: (string)[]; targets?: (string)[]; metadata?: Record<string, string>; unified?: unknown | null } | null; services?: Record<string, { source?: { path?: string; digest?: string }; run?: (string)[]; port?: number; health?: { http?: string; tcp?: boolean; exec?: (string)[]; interval?: string; timeout?: string; healthy?: number; unhealthy?: number; start_timeout?: string }; env?: Record<string, string>; secrets?: Record<string, string>; needs?: (string)[]; scale?: number; limits?: { memory_mb?: number; cpu_millis?: number; processes?: number; open_files?: number }; restart?: { mode?: "always" | "on_failure" | "never"; intensity?: number; period?: string; backoff?: string; backoff_max?: string }; every?: string; stop_timeout?: string }> | null }
  "blueprint.submit": {  }
  "decision.finish_step": { order: number; outcome?: "completed" | "failed"; note?: string }
  "decision.kill": { reason: string }
  "decision.reject": { reason: string }
  "deployment.cancel": { reason?: string }
  "deployment.delete": { purge?: boolean; reason?: string }
  "deployment.deploy": { platform: string; environment: string; blueprint_version?: number; services?: Record<string, { source?: { path?: string; digest?: string }; run?: (string)[]; port?: number; health?: { http?: string; tcp?: boolean; exec?: (string)[]; interval?: string; timeout?: string; healthy?: number; unhealthy?: number; start_timeout?: string }; env?: Record<string, string>; secrets?: Record<string, string>; needs?: (string)[]; scale?: number; limits?: { memory_mb?: number; cpu_millis?: number; processes?: number; open_files?: number }; restart?: { mode?: "always" | "on_failure" | "never"; intensity?: number; period?: string; backoff?: string; backoff_max?: string }; every?: string; stop_timeout?: string }> }
  "deployment.restart": { service?: string }
  "deployment.rollback": { revision?: number; reason?: string }
  "deployment.scale": { service: string; count: number }
  "deployment.start": {  }
  "deployment.stop": { reason?: string }
  "escalation.answer": { decision: "retry" | "rollback" | "stop"; reason?: string }
  "external_ai.approve": {  }
  "external_ai.pause": { reason: string }
  "external_ai.remove": { reason: string }
  "external_ai.resume": {  }
  "external_ai.update": { endpoint?: string | null; secret?: string | null; allowed_for_subscribers?: boolean | null; layers?: (string)[] | null; rate_limit?: number | null; monthly_budget?: number | null }
  "identity_link.unlink": {  }
  "incident.close_post_mortem": {  }
  "incident.dismiss": { reason: string }
  "incident.investigate": { note?: string }
  "incident.resolve": { resolution: string; back_at?: string | null }
  "incident.return_post_mortem": { reason: string }
  "incident.sign_post_mortem": {  }
  "incident.submit_post_mortem": {  }
  "incident.write_post_mortem": { summary: string; root_cause: string; remedies: string }
  "membership.accept": {  }
  "membership.change_role": { role: "viewer" | "staff" | "admin" | "owner" | "member"; other_owner?: string }
  "membership.invite": { role: "viewer" | "staff" | "admin" | "owner" | "member" }
  "membership.remove": { reason?: string; other_owner?: string }
  "membership.transfer_ownership": { to: string }
  "mfa_enrolment.remove": { reason?: string }
  "node.drain": { reason?: string }
  "passkey.remove": { reason?: string; other?: string }
  "passkey.rename": { name: string }
  "platform.delete": { purge?: boolean; reason?: string }
  "policy.delete": { reason: string }
  "policy.update": { terms: { name: string; type: "constraint" | "limit" | "require" | "deny" | "conditional"; scope?: "global" | "platform" | "resource" | "user"; scope_target?: string; constraints?: ({ target: string; condition: "equals" | "not_equals" | "at_most" | "at_least" | "one_of" | "starts_with" | "present"; value?: string; message: string })[]; priority?: number } }
  "provider.add": { kind: string; name: string; type?: "primary" | "secondary" | "backup" | "staging" }
  "provider.disable": { reason?: string }
  "provider.enable": {  }
  "provider.remove": { reason?: string }
  "provider.verify": {  }
  "secret.create": { value: string; name?: string; path?: string; type?: "generic" | "api-key" | "password" | "certificate" | "token" }
  "secret.destroy": { reason: string }
  "secret.destroy_version": { version: number }
  "secret.rotate": { value: string }
  "sensitive_session.cancel": { reason?: string }
  "sensitive_session.complete": { note?: string }
  "session.end": {  }
  "session.revoke": { reason?: string }
  "subscriber_limit.remove": { reason: string }
  "tenant.activate": {  }
  "tenant.archive": { reason: string }
  "tenant.change_tier": { tier: "free" | "basic" | "pro" | "enterprise" | "sovereign" }
  "tenant.create": { name: string; tier?: "free" | "basic" | "pro" | "enterprise" | "sovereign"; settings?: { language?: "en" | "ar" | "both"; timezone?: string; features?: (string)[] }; activate?: boolean }
  "tenant.set_compliance": { regimes?: (string)[] }
  "tenant.set_data_region": { region: string }
  "tenant.suspend": { reason: string }
  "tenant.update_settings": { name?: string | null; settings?: { language?: "en" | "ar" | "both" | null; timezone?: string | null; features?: (string)[] | null } | null }
  "user.ban": { reason?: string }
  "user.change_role": { role: string; reason?: string }
  "user.clear_override": { permission: string; tenant?: string }
  "user.deactivate": { reason?: string }
  "user.reactivate": { reason?: string }
  "user.set_override": { permission: string; grant: "allow" | "deny"; tenant?: string; expires_at?: string | null }
  "user.set_permissions": { permissions?: (string)[] }
  "user.suspend": { reason?: string }
  "user.update_profile": { username?: string | null; full_name?: string | null; language?: "ar" | "en" | null }
  "user.verify": {  }
  "webhook_delivery.redeliver": {  }
  "webhook_endpoint.delete": { reason?: string }
  "webhook_endpoint.pause": { reason?: string }
  "webhook_endpoint.resume": {  }
  "webhook_endpoint.test": {  }
}

export type Row =
  | "DELETE /api/api-keys/webhooks/{id}"
  | "DELETE /api/api-keys/{id}"
  | "DELETE /api/auth/passkeys/{id}"
  | "DELETE /api/owner/ai-sovereignty/agents/{id}"
  | "DELETE /api/owner/ai-sovereignty/external-providers/{id}"
  | "DELETE /api/owner/ai-sovereignty/layers/{id}"
  | "DELETE /api/owner/ai-sovereignty/subscriber-limits/{id}"
  | "DELETE /api/sovereign/policies/{id}"
  | "DELETE /api/vault/secrets/{path}"
  | "GET /.well-known/jwks.json"
  | "GET /api/api-keys"
  | "GET /api/api-keys/audit-logs"
  | "GET /api/api-keys/config"
  | "GET /api/api-keys/rate-limits"
  | "GET /api/api-keys/scopes"
  | "GET /api/api-keys/webhooks"
  | "GET /api/api-keys/webhooks/events"
  | "GET /api/api-keys/webhooks/{id}/deliveries"
  | "GET /api/api-keys/{id}/usage"
  | "GET /api/auth/methods"
  | "GET /api/auth/mfa"
  | "GET /api/auth/oidc"
  | "GET /api/auth/oidc/links"
  | "GET /api/auth/oidc/{provider}/callback"
  | "GET /api/auth/oidc/{provider}/start"
  | "GET /api/auth/passkeys"
  | "GET /api/auth/sessions"
  | "GET /api/nova/limits"
  | "GET /api/nova/permissions"
  | "GET /api/nova/permissions/audit/{user}"
  | "GET /api/nova/permissions/check"
  | "GET /api/nova/permissions/presets"
  | "GET /api/nova/permissions/user/{user}"
  | "GET /api/owner/ai-sovereignty/agents"
  | "GET /api/owner/ai-sovereignty/agents/{id}"
  | "GET /api/owner/ai-sovereignty/audit-logs"
  | "GET /api/owner/ai-sovereignty/constitution"
  | "GET /api/owner/ai-sovereignty/external-providers"
  | "GET /api/owner/ai-sovereignty/external-providers/{id}"
  | "GET /api/owner/ai-sovereignty/kill-switch"
  | "GET /api/owner/ai-sovereignty/kill-switch/history"
  | "GET /api/owner/ai-sovereignty/kill-switch/preview"
  | "GET /api/owner/ai-sovereignty/layers"
  | "GET /api/owner/ai-sovereignty/layers/{id}"
  | "GET /api/owner/ai-sovereignty/power-configs"
  | "GET /api/owner/ai-sovereignty/subscriber-limits"
  | "GET /api/owner/ai-sovereignty/violations"
  | "GET /api/owner/ai/kill-switch"
  | "GET /api/owner/ai/kill-switch/history"
  | "GET /api/owner/ai/kill-switch/preview"
  | "GET /api/owner/users"
  | "GET /api/owner/users/stats"
  | "GET /api/owner/users/status/{status}"
  | "GET /api/owner/users/{user}"
  | "GET /api/permissions/audit"
  | "GET /api/permissions/definitions"
  | "GET /api/permissions/me"
  | "GET /api/permissions/roles"
  | "GET /api/permissions/stats"
  | "GET /api/permissions/user/{user}"
  | "GET /api/sovereign/decisions"
  | "GET /api/sovereign/decisions/{id}"
  | "GET /api/sovereign/decisions/{id}/trace"
  | "GET /api/sovereign/emergency"
  | "GET /api/sovereign/incidents"
  | "GET /api/sovereign/incidents/{id}"
  | "GET /api/sovereign/policies"
  | "GET /api/sovereign/policies/{id}"
  | "GET /api/sovereign/sensitive-sessions"
  | "GET /api/sovereign/sensitive-sessions/{id}"
  | "GET /api/tenants"
  | "GET /api/tenants/{tenant}"
  | "GET /api/tenants/{tenant}/quotas"
  | "GET /api/tenants/{tenant}/usage"
  | "GET /api/vault/list"
  | "GET /api/vault/secrets/{path}"
  | "GET /healthz"
  | "GET /livez"
  | "GET /metrics"
  | "GET /readyz"
  | "GET /signin"
  | "GET /signin/node.js"
  | "GET /signin/signin.css"
  | "GET /signin/signin.js"
  | "GET /signin/words.js"
  | "GET /v1/approvals"
  | "GET /v1/constitution"
  | "GET /v1/constitution/history"
  | "GET /v1/constitution/schema"
  | "GET /v1/dead-letters"
  | "GET /v1/decisions/{position}"
  | "GET /v1/doctor"
  | "GET /v1/events"
  | "GET /v1/kill-switch"
  | "GET /v1/kill-switch/history"
  | "GET /v1/kill-switch/preview"
  | "GET /v1/kinds"
  | "GET /v1/limits"
  | "GET /v1/limits/blocks"
  | "GET /v1/limits/top"
  | "GET /v1/node"
  | "GET /v1/openapi.json"
  | "GET /v1/roles"
  | "GET /v1/tenants"
  | "GET /v1/tenants/{tenant}"
  | "GET /v1/tenants/{tenant}/abuse_blocks"
  | "GET /v1/tenants/{tenant}/abuse_blocks/{id}"
  | "GET /v1/tenants/{tenant}/abuse_blocks/{id}/events"
  | "GET /v1/tenants/{tenant}/abuse_blocks/{id}/why"
  | "GET /v1/tenants/{tenant}/ai_accesses"
  | "GET /v1/tenants/{tenant}/ai_accesses/{id}"
  | "GET /v1/tenants/{tenant}/ai_accesses/{id}/events"
  | "GET /v1/tenants/{tenant}/ai_accesses/{id}/why"
  | "GET /v1/tenants/{tenant}/ai_agents"
  | "GET /v1/tenants/{tenant}/ai_agents/{id}"
  | "GET /v1/tenants/{tenant}/ai_agents/{id}/events"
  | "GET /v1/tenants/{tenant}/ai_agents/{id}/why"
  | "GET /v1/tenants/{tenant}/ai_executions"
  | "GET /v1/tenants/{tenant}/ai_executions/{id}"
  | "GET /v1/tenants/{tenant}/ai_executions/{id}/events"
  | "GET /v1/tenants/{tenant}/ai_executions/{id}/why"
  | "GET /v1/tenants/{tenant}/ai_layers"
  | "GET /v1/tenants/{tenant}/ai_layers/{id}"
  | "GET /v1/tenants/{tenant}/ai_layers/{id}/events"
  | "GET /v1/tenants/{tenant}/ai_layers/{id}/why"
  | "GET /v1/tenants/{tenant}/api_keys"
  | "GET /v1/tenants/{tenant}/api_keys/{id}"
  | "GET /v1/tenants/{tenant}/api_keys/{id}/events"
  | "GET /v1/tenants/{tenant}/api_keys/{id}/why"
  | "GET /v1/tenants/{tenant}/approvals"
  | "GET /v1/tenants/{tenant}/approvals/{id}"
  | "GET /v1/tenants/{tenant}/approvals/{id}/events"
  | "GET /v1/tenants/{tenant}/approvals/{id}/why"
  | "GET /v1/tenants/{tenant}/auth_methods"
  | "GET /v1/tenants/{tenant}/auth_methods/{id}"
  | "GET /v1/tenants/{tenant}/auth_methods/{id}/events"
  | "GET /v1/tenants/{tenant}/auth_methods/{id}/why"
  | "GET /v1/tenants/{tenant}/blueprints"
  | "GET /v1/tenants/{tenant}/blueprints/{id}"
  | "GET /v1/tenants/{tenant}/blueprints/{id}/events"
  | "GET /v1/tenants/{tenant}/blueprints/{id}/why"
  | "GET /v1/tenants/{tenant}/constitutions"
  | "GET /v1/tenants/{tenant}/constitutions/{id}"
  | "GET /v1/tenants/{tenant}/constitutions/{id}/events"
  | "GET /v1/tenants/{tenant}/constitutions/{id}/why"
  | "GET /v1/tenants/{tenant}/decisions"
  | "GET /v1/tenants/{tenant}/decisions/{id}"
  | "GET /v1/tenants/{tenant}/decisions/{id}/events"
  | "GET /v1/tenants/{tenant}/decisions/{id}/why"
  | "GET /v1/tenants/{tenant}/denials"
  | "GET /v1/tenants/{tenant}/denials/{id}"
  | "GET /v1/tenants/{tenant}/denials/{id}/events"
  | "GET /v1/tenants/{tenant}/denials/{id}/why"
  | "GET /v1/tenants/{tenant}/deployments"
  | "GET /v1/tenants/{tenant}/deployments/{id}"
  | "GET /v1/tenants/{tenant}/deployments/{id}/events"
  | "GET /v1/tenants/{tenant}/deployments/{id}/logs"
  | "GET /v1/tenants/{tenant}/deployments/{id}/why"
  | "GET /v1/tenants/{tenant}/device_logins"
  | "GET /v1/tenants/{tenant}/device_logins/{id}"
  | "GET /v1/tenants/{tenant}/device_logins/{id}/events"
  | "GET /v1/tenants/{tenant}/device_logins/{id}/why"
  | "GET /v1/tenants/{tenant}/emergencies"
  | "GET /v1/tenants/{tenant}/emergencies/{id}"
  | "GET /v1/tenants/{tenant}/emergencies/{id}/events"
  | "GET /v1/tenants/{tenant}/emergencies/{id}/why"
  | "GET /v1/tenants/{tenant}/escalations"
  | "GET /v1/tenants/{tenant}/escalations/{id}"
  | "GET /v1/tenants/{tenant}/escalations/{id}/events"
  | "GET /v1/tenants/{tenant}/escalations/{id}/why"
  | "GET /v1/tenants/{tenant}/events"
  | "GET /v1/tenants/{tenant}/external_ais"
  | "GET /v1/tenants/{tenant}/external_ais/{id}"
  | "GET /v1/tenants/{tenant}/external_ais/{id}/events"
  | "GET /v1/tenants/{tenant}/external_ais/{id}/why"
  | "GET /v1/tenants/{tenant}/identity_links"
  | "GET /v1/tenants/{tenant}/identity_links/{id}"
  | "GET /v1/tenants/{tenant}/identity_links/{id}/events"
  | "GET /v1/tenants/{tenant}/identity_links/{id}/why"
  | "GET /v1/tenants/{tenant}/incidents"
  | "GET /v1/tenants/{tenant}/incidents/{id}"
  | "GET /v1/tenants/{tenant}/incidents/{id}/events"
  | "GET /v1/tenants/{tenant}/incidents/{id}/why"
  | "GET /v1/tenants/{tenant}/instances"
  | "GET /v1/tenants/{tenant}/instances/{id}"
  | "GET /v1/tenants/{tenant}/instances/{id}/events"
  | "GET /v1/tenants/{tenant}/instances/{id}/logs"
  | "GET /v1/tenants/{tenant}/instances/{id}/why"
  | "GET /v1/tenants/{tenant}/kill_switches"
  | "GET /v1/tenants/{tenant}/kill_switches/{id}"
  | "GET /v1/tenants/{tenant}/kill_switches/{id}/events"
  | "GET /v1/tenants/{tenant}/kill_switches/{id}/why"
  | "GET /v1/tenants/{tenant}/login_flows"
  | "GET /v1/tenants/{tenant}/login_flows/{id}"
  | "GET /v1/tenants/{tenant}/login_flows/{id}/events"
  | "GET /v1/tenants/{tenant}/login_flows/{id}/why"
  | "GET /v1/tenants/{tenant}/memberships"
  | "GET /v1/tenants/{tenant}/memberships/{id}"
  | "GET /v1/tenants/{tenant}/memberships/{id}/events"
  | "GET /v1/tenants/{tenant}/memberships/{id}/why"
  | "GET /v1/tenants/{tenant}/mfa_enrolments"
  | "GET /v1/tenants/{tenant}/mfa_enrolments/{id}"
  | "GET /v1/tenants/{tenant}/mfa_enrolments/{id}/events"
  | "GET /v1/tenants/{tenant}/mfa_enrolments/{id}/why"
  | "GET /v1/tenants/{tenant}/nodes"
  | "GET /v1/tenants/{tenant}/nodes/{id}"
  | "GET /v1/tenants/{tenant}/nodes/{id}/events"
  | "GET /v1/tenants/{tenant}/nodes/{id}/why"
  | "GET /v1/tenants/{tenant}/oidc_flows"
  | "GET /v1/tenants/{tenant}/oidc_flows/{id}"
  | "GET /v1/tenants/{tenant}/oidc_flows/{id}/events"
  | "GET /v1/tenants/{tenant}/oidc_flows/{id}/why"
  | "GET /v1/tenants/{tenant}/passkeys"
  | "GET /v1/tenants/{tenant}/passkeys/{id}"
  | "GET /v1/tenants/{tenant}/passkeys/{id}/events"
  | "GET /v1/tenants/{tenant}/passkeys/{id}/why"
  | "GET /v1/tenants/{tenant}/permission_catalogues"
  | "GET /v1/tenants/{tenant}/permission_catalogues/{id}"
  | "GET /v1/tenants/{tenant}/permission_catalogues/{id}/events"
  | "GET /v1/tenants/{tenant}/permission_catalogues/{id}/why"
  | "GET /v1/tenants/{tenant}/permission_sets"
  | "GET /v1/tenants/{tenant}/permission_sets/{id}"
  | "GET /v1/tenants/{tenant}/permission_sets/{id}/events"
  | "GET /v1/tenants/{tenant}/permission_sets/{id}/why"
  | "GET /v1/tenants/{tenant}/platforms"
  | "GET /v1/tenants/{tenant}/platforms/{id}"
  | "GET /v1/tenants/{tenant}/platforms/{id}/events"
  | "GET /v1/tenants/{tenant}/platforms/{id}/why"
  | "GET /v1/tenants/{tenant}/policies"
  | "GET /v1/tenants/{tenant}/policies/{id}"
  | "GET /v1/tenants/{tenant}/policies/{id}/events"
  | "GET /v1/tenants/{tenant}/policies/{id}/why"
  | "GET /v1/tenants/{tenant}/providers"
  | "GET /v1/tenants/{tenant}/providers/{id}"
  | "GET /v1/tenants/{tenant}/providers/{id}/events"
  | "GET /v1/tenants/{tenant}/providers/{id}/why"
  | "GET /v1/tenants/{tenant}/rate_policies"
  | "GET /v1/tenants/{tenant}/rate_policies/{id}"
  | "GET /v1/tenants/{tenant}/rate_policies/{id}/events"
  | "GET /v1/tenants/{tenant}/rate_policies/{id}/why"
  | "GET /v1/tenants/{tenant}/secrets"
  | "GET /v1/tenants/{tenant}/secrets/{id}"
  | "GET /v1/tenants/{tenant}/secrets/{id}/events"
  | "GET /v1/tenants/{tenant}/secrets/{id}/why"
  | "GET /v1/tenants/{tenant}/sensitive_sessions"
  | "GET /v1/tenants/{tenant}/sensitive_sessions/{id}"
  | "GET /v1/tenants/{tenant}/sensitive_sessions/{id}/events"
  | "GET /v1/tenants/{tenant}/sensitive_sessions/{id}/why"
  | "GET /v1/tenants/{tenant}/sessions"
  | "GET /v1/tenants/{tenant}/sessions/{id}"
  | "GET /v1/tenants/{tenant}/sessions/{id}/events"
  | "GET /v1/tenants/{tenant}/sessions/{id}/why"
  | "GET /v1/tenants/{tenant}/subscriber_limits"
  | "GET /v1/tenants/{tenant}/subscriber_limits/{id}"
  | "GET /v1/tenants/{tenant}/subscriber_limits/{id}/events"
  | "GET /v1/tenants/{tenant}/subscriber_limits/{id}/why"
  | "GET /v1/tenants/{tenant}/users"
  | "GET /v1/tenants/{tenant}/users/{id}"
  | "GET /v1/tenants/{tenant}/users/{id}/events"
  | "GET /v1/tenants/{tenant}/users/{id}/why"
  | "GET /v1/tenants/{tenant}/verifications"
  | "GET /v1/tenants/{tenant}/verifications/{id}"
  | "GET /v1/tenants/{tenant}/verifications/{id}/events"
  | "GET /v1/tenants/{tenant}/verifications/{id}/why"
  | "GET /v1/tenants/{tenant}/webhook_cursors"
  | "GET /v1/tenants/{tenant}/webhook_cursors/{id}"
  | "GET /v1/tenants/{tenant}/webhook_cursors/{id}/events"
  | "GET /v1/tenants/{tenant}/webhook_cursors/{id}/why"
  | "GET /v1/tenants/{tenant}/webhook_deliveries"
  | "GET /v1/tenants/{tenant}/webhook_deliveries/{id}"
  | "GET /v1/tenants/{tenant}/webhook_deliveries/{id}/events"
  | "GET /v1/tenants/{tenant}/webhook_deliveries/{id}/why"
  | "GET /v1/tenants/{tenant}/webhook_endpoints"
  | "GET /v1/tenants/{tenant}/webhook_endpoints/{id}"
  | "GET /v1/tenants/{tenant}/webhook_endpoints/{id}/events"
  | "GET /v1/tenants/{tenant}/webhook_endpoints/{id}/why"
  | "GET /v1/tenants/{tenant}/why"
  | "GET /v1/tree"
  | "GET /v1/tree/rows"
  | "GET /v1/users"
  | "GET /v1/whoami"
  | "HEAD /v1/sources/{digest}"
  | "PATCH /api/owner/ai-sovereignty/agents/{id}"
  | "PATCH /api/owner/ai-sovereignty/constitution/{version}"
  | "PATCH /api/owner/ai-sovereignty/external-providers/{id}"
  | "PATCH /api/owner/ai-sovereignty/layers/{id}"
  | "PATCH /api/owner/ai-sovereignty/power-configs/{id}"
  | "PATCH /api/owner/ai-sovereignty/subscriber-limits/{id}"
  | "PATCH /api/owner/users/{user}/permissions"
  | "PATCH /api/owner/users/{user}/role"
  | "PATCH /api/owner/users/{user}/toggle"
  | "PATCH /api/sovereign/policies/{id}"
  | "PATCH /api/vault/secrets/{path}"
  | "POST /api/api-keys"
  | "POST /api/api-keys/webhooks"
  | "POST /api/api-keys/webhooks/deliveries/{id}/redeliver"
  | "POST /api/api-keys/webhooks/{id}/pause"
  | "POST /api/api-keys/webhooks/{id}/resume"
  | "POST /api/api-keys/webhooks/{id}/rotate"
  | "POST /api/api-keys/webhooks/{id}/test"
  | "POST /api/api-keys/webhooks/{id}/update"
  | "POST /api/api-keys/{id}/rotate"
  | "POST /api/auth/device"
  | "POST /api/auth/device/approve"
  | "POST /api/auth/device/deny"
  | "POST /api/auth/device/lookup"
  | "POST /api/auth/device/token"
  | "POST /api/auth/enrol-owner"
  | "POST /api/auth/login"
  | "POST /api/auth/login/code"
  | "POST /api/auth/login/passkey"
  | "POST /api/auth/login/passkey/options"
  | "POST /api/auth/logout"
  | "POST /api/auth/methods/{method}/disable"
  | "POST /api/auth/methods/{method}/enable"
  | "POST /api/auth/mfa/recovery"
  | "POST /api/auth/mfa/totp"
  | "POST /api/auth/mfa/totp/remove"
  | "POST /api/auth/mfa/totp/verify"
  | "POST /api/auth/oidc/exchange"
  | "POST /api/auth/oidc/{provider}/link"
  | "POST /api/auth/passkey/login"
  | "POST /api/auth/passkey/options"
  | "POST /api/auth/passkeys"
  | "POST /api/auth/passkeys/options"
  | "POST /api/auth/passkeys/{id}/rename"
  | "POST /api/auth/password"
  | "POST /api/auth/password/forgot"
  | "POST /api/auth/password/reset"
  | "POST /api/auth/refresh"
  | "POST /api/auth/register"
  | "POST /api/auth/verify"
  | "POST /api/auth/verify/resend"
  | "POST /api/nova/executions"
  | "POST /api/nova/permissions"
  | "POST /api/nova/permissions/apply-preset"
  | "POST /api/nova/permissions/bulk"
  | "POST /api/nova/permissions/grant"
  | "POST /api/nova/permissions/presets"
  | "POST /api/nova/permissions/revoke"
  | "POST /api/owner/ai-sovereignty/agents"
  | "POST /api/owner/ai-sovereignty/external-providers"
  | "POST /api/owner/ai-sovereignty/kill-switch/activate"
  | "POST /api/owner/ai-sovereignty/kill-switch/deactivate"
  | "POST /api/owner/ai-sovereignty/kill-switch/safe-rollback"
  | "POST /api/owner/ai-sovereignty/layers"
  | "POST /api/owner/ai-sovereignty/power-configs"
  | "POST /api/owner/ai-sovereignty/subscriber-limits/{id}"
  | "POST /api/owner/ai/kill-switch/activate"
  | "POST /api/owner/ai/kill-switch/deactivate"
  | "POST /api/owner/ai/kill-switch/safe-rollback"
  | "POST /api/owner/users/{user}/ban"
  | "POST /api/owner/users/{user}/reactivate"
  | "POST /api/owner/users/{user}/suspend"
  | "POST /api/permissions/check"
  | "POST /api/permissions/grant"
  | "POST /api/permissions/reset/{user}"
  | "POST /api/permissions/revoke"
  | "POST /api/sovereign/decisions"
  | "POST /api/sovereign/decisions/{id}/analyze"
  | "POST /api/sovereign/decisions/{id}/approve"
  | "POST /api/sovereign/decisions/{id}/approve-step"
  | "POST /api/sovereign/decisions/{id}/execute-step"
  | "POST /api/sovereign/decisions/{id}/finish-step"
  | "POST /api/sovereign/decisions/{id}/kill"
  | "POST /api/sovereign/decisions/{id}/propose"
  | "POST /api/sovereign/decisions/{id}/reject"
  | "POST /api/sovereign/emergency/activate"
  | "POST /api/sovereign/emergency/lift"
  | "POST /api/sovereign/emergency/restore"
  | "POST /api/sovereign/incidents"
  | "POST /api/sovereign/incidents/{id}/dismiss"
  | "POST /api/sovereign/incidents/{id}/investigate"
  | "POST /api/sovereign/incidents/{id}/post-mortem"
  | "POST /api/sovereign/incidents/{id}/post-mortem/close"
  | "POST /api/sovereign/incidents/{id}/post-mortem/return"
  | "POST /api/sovereign/incidents/{id}/post-mortem/sign"
  | "POST /api/sovereign/incidents/{id}/post-mortem/submit"
  | "POST /api/sovereign/incidents/{id}/resolve"
  | "POST /api/sovereign/policies"
  | "POST /api/sovereign/policies/{id}/approve"
  | "POST /api/sovereign/policies/{id}/toggle"
  | "POST /api/sovereign/sensitive-sessions"
  | "POST /api/sovereign/sensitive-sessions/{id}/cancel"
  | "POST /api/sovereign/sensitive-sessions/{id}/complete"
  | "POST /api/sovereign/sensitive-sessions/{id}/verify-code"
  | "POST /api/sovereign/sensitive-sessions/{id}/verify-password"
  | "POST /api/tenants"
  | "POST /api/tenants/{tenant}/activate"
  | "POST /api/tenants/{tenant}/archive"
  | "POST /api/tenants/{tenant}/region"
  | "POST /api/tenants/{tenant}/settings"
  | "POST /api/tenants/{tenant}/suspend"
  | "POST /api/tenants/{tenant}/tier"
  | "POST /api/vault/secrets"
  | "POST /api/vault/secrets/{path}"
  | "POST /v1/apply"
  | "POST /v1/constitution/amend"
  | "POST /v1/constitution/confirm"
  | "POST /v1/constitution/plan"
  | "POST /v1/dead-letters/{id}/discard"
  | "POST /v1/dead-letters/{id}/resolve"
  | "POST /v1/dead-letters/{id}/retry"
  | "POST /v1/kill-switch/activate"
  | "POST /v1/kill-switch/deactivate"
  | "POST /v1/kill-switch/safe-rollback"
  | "POST /v1/limits/blocks"
  | "POST /v1/limits/policies/{policy}/set"
  | "POST /v1/plan"
  | "POST /v1/tenants/{tenant}/abuse_blocks/{id}/unblock"
  | "POST /v1/tenants/{tenant}/activate"
  | "POST /v1/tenants/{tenant}/ai_accesses/{id}/restore"
  | "POST /v1/tenants/{tenant}/ai_accesses/{id}/suspend"
  | "POST /v1/tenants/{tenant}/ai_agents/{id}/activate"
  | "POST /v1/tenants/{tenant}/ai_agents/{id}/deactivate"
  | "POST /v1/tenants/{tenant}/ai_agents/{id}/remove"
  | "POST /v1/tenants/{tenant}/ai_agents/{id}/update"
  | "POST /v1/tenants/{tenant}/ai_executions/{id}/fail"
  | "POST /v1/tenants/{tenant}/ai_executions/{id}/finish"
  | "POST /v1/tenants/{tenant}/ai_layers/{id}/delete"
  | "POST /v1/tenants/{tenant}/ai_layers/{id}/disable"
  | "POST /v1/tenants/{tenant}/ai_layers/{id}/enable"
  | "POST /v1/tenants/{tenant}/ai_layers/{id}/resume"
  | "POST /v1/tenants/{tenant}/ai_layers/{id}/set_power"
  | "POST /v1/tenants/{tenant}/ai_layers/{id}/suspend"
  | "POST /v1/tenants/{tenant}/ai_layers/{id}/update"
  | "POST /v1/tenants/{tenant}/api_keys"
  | "POST /v1/tenants/{tenant}/api_keys/{id}/activate"
  | "POST /v1/tenants/{tenant}/api_keys/{id}/revoke"
  | "POST /v1/tenants/{tenant}/api_keys/{id}/rotate"
  | "POST /v1/tenants/{tenant}/api_keys/{id}/suspend"
  | "POST /v1/tenants/{tenant}/approvals/{id}/approve"
  | "POST /v1/tenants/{tenant}/approvals/{id}/approve/options"
  | "POST /v1/tenants/{tenant}/approvals/{id}/cancel"
  | "POST /v1/tenants/{tenant}/approvals/{id}/reject"
  | "POST /v1/tenants/{tenant}/archive"
  | "POST /v1/tenants/{tenant}/blueprints/{id}/apply"
  | "POST /v1/tenants/{tenant}/blueprints/{id}/approve"
  | "POST /v1/tenants/{tenant}/blueprints/{id}/archive"
  | "POST /v1/tenants/{tenant}/blueprints/{id}/draft"
  | "POST /v1/tenants/{tenant}/blueprints/{id}/reject"
  | "POST /v1/tenants/{tenant}/blueprints/{id}/revise"
  | "POST /v1/tenants/{tenant}/blueprints/{id}/submit"
  | "POST /v1/tenants/{tenant}/change_tier"
  | "POST /v1/tenants/{tenant}/create"
  | "POST /v1/tenants/{tenant}/decisions/{id}/finish_step"
  | "POST /v1/tenants/{tenant}/decisions/{id}/kill"
  | "POST /v1/tenants/{tenant}/decisions/{id}/reject"
  | "POST /v1/tenants/{tenant}/deployments/{id}/cancel"
  | "POST /v1/tenants/{tenant}/deployments/{id}/delete"
  | "POST /v1/tenants/{tenant}/deployments/{id}/deploy"
  | "POST /v1/tenants/{tenant}/deployments/{id}/restart"
  | "POST /v1/tenants/{tenant}/deployments/{id}/rollback"
  | "POST /v1/tenants/{tenant}/deployments/{id}/scale"
  | "POST /v1/tenants/{tenant}/deployments/{id}/start"
  | "POST /v1/tenants/{tenant}/deployments/{id}/stop"
  | "POST /v1/tenants/{tenant}/escalations/{id}/answer"
  | "POST /v1/tenants/{tenant}/external_ais/{id}/approve"
  | "POST /v1/tenants/{tenant}/external_ais/{id}/pause"
  | "POST /v1/tenants/{tenant}/external_ais/{id}/remove"
  | "POST /v1/tenants/{tenant}/external_ais/{id}/resume"
  | "POST /v1/tenants/{tenant}/external_ais/{id}/update"
  | "POST /v1/tenants/{tenant}/identity_links/{id}/unlink"
  | "POST /v1/tenants/{tenant}/incidents/{id}/close_post_mortem"
  | "POST /v1/tenants/{tenant}/incidents/{id}/dismiss"
  | "POST /v1/tenants/{tenant}/incidents/{id}/investigate"
  | "POST /v1/tenants/{tenant}/incidents/{id}/resolve"
  | "POST /v1/tenants/{tenant}/incidents/{id}/return_post_mortem"
  | "POST /v1/tenants/{tenant}/incidents/{id}/sign_post_mortem"
  | "POST /v1/tenants/{tenant}/incidents/{id}/submit_post_mortem"
  | "POST /v1/tenants/{tenant}/incidents/{id}/write_post_mortem"
  | "POST /v1/tenants/{tenant}/memberships/{id}/accept"
  | "POST /v1/tenants/{tenant}/memberships/{id}/change_role"
  | "POST /v1/tenants/{tenant}/memberships/{id}/invite"
  | "POST /v1/tenants/{tenant}/memberships/{id}/remove"
  | "POST /v1/tenants/{tenant}/memberships/{id}/transfer_ownership"
  | "POST /v1/tenants/{tenant}/mfa_enrolments/{id}/remove"
  | "POST /v1/tenants/{tenant}/nodes/{id}/drain"
  | "POST /v1/tenants/{tenant}/passkeys/{id}/remove"
  | "POST /v1/tenants/{tenant}/passkeys/{id}/rename"
  | "POST /v1/tenants/{tenant}/platforms/{id}/delete"
  | "POST /v1/tenants/{tenant}/policies/{id}/delete"
  | "POST /v1/tenants/{tenant}/policies/{id}/update"
  | "POST /v1/tenants/{tenant}/providers/{id}/add"
  | "POST /v1/tenants/{tenant}/providers/{id}/disable"
  | "POST /v1/tenants/{tenant}/providers/{id}/enable"
  | "POST /v1/tenants/{tenant}/providers/{id}/remove"
  | "POST /v1/tenants/{tenant}/providers/{id}/verify"
  | "POST /v1/tenants/{tenant}/secrets/{id}/create"
  | "POST /v1/tenants/{tenant}/secrets/{id}/destroy"
  | "POST /v1/tenants/{tenant}/secrets/{id}/destroy_version"
  | "POST /v1/tenants/{tenant}/secrets/{id}/rotate"
  | "POST /v1/tenants/{tenant}/sensitive_sessions/{id}/cancel"
  | "POST /v1/tenants/{tenant}/sensitive_sessions/{id}/complete"
  | "POST /v1/tenants/{tenant}/sessions/{id}/end"
  | "POST /v1/tenants/{tenant}/sessions/{id}/revoke"
  | "POST /v1/tenants/{tenant}/set_compliance"
  | "POST /v1/tenants/{tenant}/set_data_region"
  | "POST /v1/tenants/{tenant}/subscriber_limits/{id}/remove"
  | "POST /v1/tenants/{tenant}/suspend"
  | "POST /v1/tenants/{tenant}/update_settings"
  | "POST /v1/tenants/{tenant}/users/{id}/ban"
  | "POST /v1/tenants/{tenant}/users/{id}/change_role"
  | "POST /v1/tenants/{tenant}/users/{id}/clear_override"
  | "POST /v1/tenants/{tenant}/users/{id}/deactivate"
  | "POST /v1/tenants/{tenant}/users/{id}/reactivate"
  | "POST /v1/tenants/{tenant}/users/{id}/set_override"
  | "POST /v1/tenants/{tenant}/users/{id}/set_permissions"
  | "POST /v1/tenants/{tenant}/users/{id}/suspend"
  | "POST /v1/tenants/{tenant}/users/{id}/update_profile"
  | "POST /v1/tenants/{tenant}/users/{id}/verify"
  | "POST /v1/tenants/{tenant}/webhook_deliveries/{id}/redeliver"
  | "POST /v1/tenants/{tenant}/webhook_endpoints"
  | "POST /v1/tenants/{tenant}/webhook_endpoints/{id}/delete"
  | "POST /v1/tenants/{tenant}/webhook_endpoints/{id}/pause"
  | "POST /v1/tenants/{tenant}/webhook_endpoints/{id}/resume"
  | "POST /v1/tenants/{tenant}/webhook_endpoints/{id}/rotate"
  | "POST /v1/tenants/{tenant}/webhook_endpoints/{id}/test"
  | "POST /v1/tenants/{tenant}/webhook_endpoints/{id}/update"
  | "PUT /v1/sources/{digest}"
