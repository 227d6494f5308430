// SPDX-License-Identifier: Apache-2.0
#include "supervisor/launch/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/version_order.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "supervisor/json_rpc/json_rpc.h"
#include "supervisor/launch/env_file.h"
#include "supervisor/process/process_table.h"
#include "supervisor/service/own_snap.h"
#include "supervisor/service/service_catalog.h"

namespace microovn::supervisor {
namespace {

constexpr absl::Duration kGateInterval = absl::Milliseconds(250);
constexpr absl::Duration kEndInterval = absl::Milliseconds(20);
constexpr absl::Duration kSocketTimeout = absl::Seconds(1);
// An OVSDB server has a descriptor for each chassis; the usual limit of 1024
// would refuse the rest. Never above the hard limit.
constexpr rlim_t kOpenFiles = 65536;
constexpr size_t kLargestEnvFile = 64 << 10;

absl::StatusOr<EnvFile> ReadEnvFile(const Paths& paths) {
  const absl::StatusOr<std::string> text =
      ReadFile(paths.environment_file(), kLargestEnvFile);
  // Before the node is in a cluster there is none, and the switch needs none.
  if (absl::IsNotFound(text.status())) return EnvFile();
  RETURN_IF_ERROR(text.status());
  absl::StatusOr<EnvFile> env = ParseEnvFile(*text);
  if (!env.ok()) return Annotate(env.status(), paths.environment_file());
  return env;
}

absl::StatusOr<std::string> RunTool(const LaunchPlan& plan,
                                    const LaunchOptions& options,
                                    std::vector<std::string> argv,
                                    CommandRunner& runner) {
  Command command;
  ASSIGN_OR_RETURN(argv[0], FindProgram(argv[0], options));
  command.argv = std::move(argv);
  command.environment = plan.environment;
  // For a conversion of a large database; a tool that hangs must not hold a
  // start without end.
  command.timeout = absl::Minutes(2);
  return RunForOutput(runner, command);
}

// ovsdb-tool's own lock, which it leaves behind: .NAME.~lock~.
std::string LockFileOf(const std::string& database) {
  const size_t slash = database.rfind('/');
  return absl::StrCat(database.substr(0, slash), "/.",
                      database.substr(slash + 1), ".~lock~");
}

absl::Status Create(const LaunchPlan& plan, const PreparationStep& step,
                    const LaunchOptions& options, CommandRunner& runner) {
  // Never touched when it is there, whatever is in it: it is the cluster's
  // data.
  if (FileExists(step.file)) return absl::OkStatus();
  LOG(INFO) << step.purpose;
  const std::string fresh = absl::StrCat(step.file, ".new");
  if (unlink(fresh.c_str()) != 0 && errno != ENOENT) {
    return ErrnoStatus(errno, "unlink", fresh);
  }
  RETURN_IF_ERROR(RunTool(plan, options, step.argv, runner).status());
  // ovsdb-tool has synced the file's content; the directory is synced below.
  if (rename(fresh.c_str(), step.file.c_str()) != 0) {
    return ErrnoStatus(errno, "rename", fresh);
  }
  unlink(LockFileOf(fresh).c_str());
  return SyncDirectory(step.file.substr(0, step.file.rfind('/')));
}

// Whether the program has gone back to an older version. It works on the newer
// schema, while a conversion would fail on the first value that the older one
// does not allow, or lose columns.
absl::StatusOr<bool> IsOlderSchema(const LaunchPlan& plan,
                                   const PreparationStep& step,
                                   const LaunchOptions& options,
                                   CommandRunner& runner) {
  ASSIGN_OR_RETURN(
      const std::string wanted,
      RunTool(plan, options, {"ovsdb-tool", "schema-version", step.schema},
              runner));
  ASSIGN_OR_RETURN(
      const std::string has,
      RunTool(plan, options, {"ovsdb-tool", "db-version", step.file}, runner));
  return OlderVersion(absl::StripAsciiWhitespace(wanted),
                      absl::StripAsciiWhitespace(has));
}

absl::Status Convert(const LaunchPlan& plan, const PreparationStep& step,
                     const LaunchOptions& options, CommandRunner& runner) {
  ASSIGN_OR_RETURN(
      const std::string needed,
      RunTool(plan, options,
              {"ovsdb-tool", "needs-conversion", step.file, step.schema},
              runner));
  if (absl::StripAsciiWhitespace(needed) != "yes") return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool back, IsOlderSchema(plan, step, options, runner));
  if (back) {
    LOG(WARNING) << step.file << " keeps its schema, which is newer than "
                 << step.schema;
    return absl::OkStatus();
  }
  LOG(INFO) << step.purpose;
  std::error_code error;
  // The copy is for people: a conversion that loses columns can be undone.
  std::filesystem::copy_file(step.file, absl::StrCat(step.file, ".backup"),
                             std::filesystem::copy_options::overwrite_existing,
                             error);
  if (error) return ErrnoStatus(error.value(), "copy", step.file);
  return RunTool(plan, options,
                 {"ovsdb-tool", "convert", step.file, step.schema}, runner)
      .status();
}

absl::Status RunStep(const LaunchPlan& plan, const PreparationStep& step,
                     const LaunchOptions& options, CommandRunner& runner) {
  switch (step.kind) {
    case PreparationStep::Kind::kCreate:
      return Create(plan, step, options, runner);
    case PreparationStep::Kind::kConvert:
      return Convert(plan, step, options, runner);
    case PreparationStep::Kind::kRun:
      return RunTool(plan, options, step.argv, runner).status();
  }
  return absl::InternalError("there is no such step");
}

// The addresses may change while the gate is closed, so each look is at what
// they are by then.
absl::StatusOr<LaunchPlan> AwaitGate(Service service, const Paths& paths,
                                     const LaunchOptions& options) {
  for (bool said = false;; said = true) {
    ASSIGN_OR_RETURN(const EnvFile env, ReadEnvFile(paths));
    ASSIGN_OR_RETURN(LaunchPlan plan, PlanLaunch(service, paths, options, env));
    const absl::Status status = CheckGate(plan, options, CommandRunner::Real());
    if (status.ok()) return plan;
    if (!said) {
      LOG(INFO) << "waiting for " << plan.gate.waiting_for << ": " << status;
    }
    // Restored default actions let SIGTERM end this sleep, and the process.
    usleep(static_cast<useconds_t>(absl::ToInt64Microseconds(kGateInterval)));
  }
}

// Whoever started this process may block or ignore signals, which exec would
// pass on to the daemon.
void RestoreSignals() {
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void RaiseOpenFiles() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min(limit.rlim_max, kOpenFiles);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Returns only with an error, after which the process ends: its signals and
// limits are already the daemon's.
absl::Status Exec(const LaunchPlan& plan, const LaunchOptions& options) {
  ASSIGN_OR_RETURN(const std::string program,
                   FindProgram(plan.argv[0], options));
  std::vector<char*> argv;
  for (const std::string& word : plan.argv) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  for (const auto& [name, value] : plan.environment) {
    // Safe only with one thread, as is all of this function.
    setenv(name.c_str(), value.c_str(), 1);
  }
  RaiseOpenFiles();
  RestoreSignals();
  execv(program.c_str(), argv.data());
  return ErrnoStatus(errno, "exec", program);
}

std::string CleanUpRequest(Service service, const Paths& paths) {
  return JoinPath(paths.supervisor_run(),
                  absl::StrCat(ServiceName(service), ".clean-up"));
}

}  // namespace

LaunchOptions InstalledOptions() { return OptionsBelow(OwnSnap()); }

absl::StatusOr<std::string> FindProgram(const std::string& name,
                                        const LaunchOptions& options) {
  if (absl::StrContains(name, "/")) return name;
  std::vector<std::string> directories = options.program_directories;
  const char* const path = getenv("PATH");
  for (absl::string_view directory :
       absl::StrSplit(path == nullptr ? "" : path, ':', absl::SkipEmpty())) {
    // After the package's own: the programs that were built together come
    // first.
    directories.emplace_back(directory);
  }
  for (const std::string& directory : directories) {
    std::string candidate = JoinPath(directory, name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return MakeError(absl::StatusCode::kNotFound,
                   absl::StrCat("the program ", name, " is not installed"),
                   {"PROGRAM_NOT_FOUND",
                    "install the packages of Open vSwitch and OVN",
                    {{"program", name}}});
}

absl::Status CheckGate(const LaunchPlan& plan, const LaunchOptions& options,
                       CommandRunner& runner) {
  const Gate& gate = plan.gate;
  if (!gate.socket.empty()) {
    RETURN_IF_ERROR(PingDatabase(gate.socket, kSocketTimeout));
  }
  if (gate.argv.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string output,
                   RunTool(plan, options, gate.argv, runner));
  if (absl::StrContains(output, gate.expected)) return absl::OkStatus();
  return absl::UnavailableError("it is not there yet");
}

absl::Status Prepare(const LaunchPlan& plan, const LaunchOptions& options,
                     CommandRunner& runner) {
  for (const PreparationStep& step : plan.preparation) {
    const absl::Status status = RunStep(plan, step, options, runner);
    if (!status.ok()) return Annotate(status, step.purpose);
  }
  return absl::OkStatus();
}

absl::Status ExecService(Service service, const Paths& paths,
                         const LaunchOptions& options) {
  RestoreSignals();
  RETURN_IF_ERROR(CreateLayout(paths));
  unlink(CleanUpRequest(service, paths).c_str());
  ASSIGN_OR_RETURN(const LaunchPlan plan, AwaitGate(service, paths, options));
  RETURN_IF_ERROR(Prepare(plan, options, CommandRunner::Real()));
  return Exec(plan, options);
}

absl::Status StopService(Service service, const Paths& paths, StopMode mode,
                         absl::Duration timeout) {
  const ServiceSpec spec = DescribeService(service, paths);
  const pid_t pid = PidFileOwner(spec.pid_file);
  if (pid == 0) return absl::OkStatus();
  const absl::Duration deadline = Clock::Real().Monotonic() + timeout;
  // ovs-vswitchd answers when it has cleaned up, others before they end.
  const absl::StatusOr<std::string> answer =
      Unixctl(ControlSocket(spec, pid), "exit",
              mode == StopMode::kCleanUp ? spec.exit_arguments_clean_up
                                         : spec.exit_arguments_keep,
              timeout);
  // Without an answer it may have obeyed all the same.
  LOG_IF(WARNING, !answer.ok()) << service << ": " << answer.status();
  // By the lock on its pid file, which ends with its process, and not by a
  // pidfd, which a snap's seccomp profile refuses. Whoever starts a daemon
  // anew has ended this one first, so a later owner is another process.
  for (;;) {
    if (PidFileOwner(spec.pid_file) != pid) return absl::OkStatus();
    if (Clock::Real().Monotonic() >= deadline) break;
    usleep(static_cast<useconds_t>(absl::ToInt64Microseconds(kEndInterval)));
  }
  return absl::DeadlineExceededError(
      absl::StrCat(ServiceName(service), " did not end within ",
                   absl::FormatDuration(timeout)));
}

absl::Status RequestCleanUp(Service service, const Paths& paths) {
  RETURN_IF_ERROR(MakeDirectories(paths.supervisor_run(), 0700));
  return WriteFile(CleanUpRequest(service, paths), "", 0600);
}

void CancelCleanUp(Service service, const Paths& paths) {
  unlink(CleanUpRequest(service, paths).c_str());
}

StopMode RequestedStopMode(Service service, const Paths& paths) {
  return FileExists(CleanUpRequest(service, paths)) ? StopMode::kCleanUp
                                                    : StopMode::kKeepDataPlane;
}

}  // namespace microovn::supervisor
