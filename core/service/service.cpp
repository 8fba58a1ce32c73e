#include "core/service/service.hpp"

namespace nova::service {

using core::field;
using core::optional_field;
using core::record;

const core::Record& describe(const Source*) {
  static const auto row = record<Source>(
      "source", "Where a service's files come from.",
      {optional_field("path", &Source::path, "a folder relative to the blueprint"),
       optional_field("digest", &Source::digest, "content address of the packed folder, set by the client")});
  return row;
}

const core::Record& describe(const Health*) {
  static const auto row = record<Health>(
      "health", "How to tell whether a service is well: by one of http, tcp and exec; with none, a living process is.",
      {optional_field("http", &Health::http, "path to ask; 2xx and 3xx are healthy"),
       optional_field("tcp", &Health::tcp, "a connection that is accepted is healthy"),
       optional_field("exec", &Health::exec, "a program to run; exit 0 is healthy"),
       optional_field("interval", &Health::interval, "between probes of a running service"),
       optional_field("timeout", &Health::timeout, "of one probe"),
       optional_field("healthy", &Health::healthy, "passes in a row that admit a new revision"),
       optional_field("unhealthy", &Health::unhealthy, "failures in a row that mean unhealthy"),
       optional_field("start_timeout", &Health::start_timeout, "a new instance that is not ready by then has failed")});
  return row;
}

const core::Record& describe(const Limits*) {
  static const auto row =
      record<Limits>("limits", "What one instance may use; 0 means no limit.",
                     {optional_field("memory_mb", &Limits::memory_mb, "memory in MiB"),
                      optional_field("cpu_millis", &Limits::cpu_millis, "processor time in thousandths of a core"),
                      optional_field("processes", &Limits::processes, "processes and threads"),
                      optional_field("open_files", &Limits::open_files, "open files")});
  return row;
}

const core::Record& describe(const Restart*) {
  static const auto row = record<Restart>(
      "restart", "What happens when an instance ends by itself.",
      {optional_field("mode", &Restart::mode, "which exits are followed by a restart"),
       optional_field("intensity", &Restart::intensity, "more restarts than this within the period quarantine it"),
       optional_field("period", &Restart::period, "the time over which restarts are counted"),
       optional_field("backoff", &Restart::backoff, "wait before the second restart; it doubles from there"),
       optional_field("backoff_max", &Restart::backoff_max, "the longest wait")});
  return row;
}

const core::Record& describe(const Service*) {
  static const auto row = record<Service>(
      "service", "One service of a blueprint.",
      {optional_field("source", &Service::source, "its files"),
       field("run", &Service::run, "program and arguments, started in the source's folder without a shell"),
       optional_field("port", &Service::port, "the stable port that clients use; 0: it takes no traffic"),
       optional_field("health", &Service::health, "how to tell whether it is well"),
       field("env", &Service::env, "environment variables"),
       field("secrets", &Service::secrets, "environment variables whose values are sealed"),
       field("needs", &Service::needs, "services that must be ready first"),
       optional_field("scale", &Service::scale, "how many instances run"),
       optional_field("limits", &Service::limits, "what one instance may use"),
       optional_field("restart", &Service::restart, "what happens when it ends by itself"),
       optional_field("every", &Service::every, "run to completion once in this time, instead of all the time"),
       optional_field("stop_timeout", &Service::stop_timeout, "from SIGTERM to SIGKILL")});
  return row;
}

const core::Record& describe(const Instance*) {
  static const auto row = record<Instance>(
      "instance", "One instance of a service, as the process driver keeps it.",
      {field("tenant", &Instance::tenant, "the owning tenant"), field("platform", &Instance::platform, "its platform"),
       field("environment", &Instance::environment, "its environment"),
       field("service", &Instance::service, "its service"),
       field("revision", &Instance::revision, "number of the revision"),
       field("index", &Instance::index, "which one of the service's instances"),
       field("spec", &Instance::spec, "the service as deployed"),
       field("urls", &Instance::urls, "addresses of the platform's services: NOVA_URL_<NAME>"),
       optional_field("passes_needed", &Instance::passes_needed, "probes in a row before the first `ready`"),
       optional_field("attempt", &Instance::attempt, "a higher one lifts a quarantine")});
  return row;
}

const core::Record& describe(const ProcessFacts*) {
  static const auto row = record<ProcessFacts>(
      "process_facts", "What the process driver knows of an instance.",
      {optional_field("pid", &ProcessFacts::pid, "process id; 0: none"),
       optional_field("keeper_pid", &ProcessFacts::keeper_pid, "process id of its keeper"),
       optional_field("port", &ProcessFacts::port, "the instance's own port"),
       optional_field("restarts", &ProcessFacts::restarts, "since it was first kept"),
       optional_field("exit_code", &ProcessFacts::exit_code, "of the last exit; -1: none, or by a signal"),
       optional_field("exit_signal", &ProcessFacts::exit_signal, "of the last exit; 0: none"),
       optional_field("log_path", &ProcessFacts::log_path, "where it writes"),
       field("next_start", &ProcessFacts::next_start, "when a restart that waits will come"),
       optional_field("attempt", &ProcessFacts::attempt, "of the keep that this was observed under")});
  return row;
}

const core::Record& describe(const Backend*) {
  static const auto row = record<Backend>(
      "backend", "One server behind a stable port.",
      {field("id", &Backend::id, "key of the instance"), field("port", &Backend::port, "the instance's own port")});
  return row;
}

const core::Record& describe(const Route*) {
  static const auto row =
      record<Route>("route", "A stable port and who serves it.",
                    {field("service", &Route::service, "the service"), field("port", &Route::port, "the stable port"),
                     field("backends", &Route::backends, "who serves it"),
                     optional_field("hold", &Route::hold, "without any, requests wait for one to come"),
                     optional_field("http", &Route::http, "path of the edge's own checks; empty: a connection"),
                     optional_field("drain", &Route::drain, "how long backends that left may finish what they serve"),
                     optional_field("generation", &Route::generation, "comes back in the report")});
  return row;
}

}  // namespace nova::service
