// SPDX-License-Identifier: Apache-2.0
// microovn, and the OVN and Open vSwitch tools as microovn.NAME.
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "base/file/file.h"
#include "ctl/cli/global_flags.h"
#include "ctl/client/connection.h"
#include "ctl/client/endpoint.h"
#include "ctl/command_tree.h"
#include "ctl/commands/format.h"
#include "ctl/node_facts.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/wrappers/tool_exec.h"
#include "ctl/wrappers/tool_plan.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

volatile sig_atomic_t interrupted = 0;

// The first Ctrl-C asks; the second ends the process.
void OnInterrupt(int) {
  if (interrupted != 0) _exit(kExitInterrupted);
  interrupted = 1;
}

std::string Environment(const std::string& name) {
  const char* value = getenv(name.c_str());
  return value == nullptr ? "" : value;
}

bool UseColour(bool terminal) {
  return terminal && Environment("NO_COLOR").empty() &&
         Environment("TERM") != "dumb";
}

size_t Columns() {
  constexpr size_t kUsual = 80;
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return kUsual;
  return size.ws_col == 0 ? kUsual : size.ws_col;
}

// The other end of a pipe has been closed.
bool ReaderIsGone() {
  pollfd out = {STDOUT_FILENO, POLLOUT, 0};
  return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

absl::StatusOr<std::unique_ptr<Api>> ConnectByFlags() {
  auto endpoint = ResolveEndpoint(
      {FLAGS_state_dir, FLAGS_endpoint, FLAGS_cert, FLAGS_key, FLAGS_cacert},
      Environment, FileExists);
  if (!endpoint.ok()) return endpoint.status();
  ConnectionHooks hooks;
  hooks.interrupted = [] { return interrupted != 0; };
  hooks.stale = [told = false]() mutable {
    if (!std::exchange(told, true)) std::cerr << kStaleWarning;
  };
  if (FLAGS_debug) {
    hooks.trace = [](const std::string& line) { std::cerr << line << "\n"; };
  }
  return Connect(*endpoint, hooks);
}

SessionParts RealWorld() {
  SessionParts parts;
  parts.terminal.out = &std::cout;
  parts.terminal.err = &std::cerr;
  parts.terminal.in = &std::cin;
  parts.terminal.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  parts.terminal.err_is_terminal = isatty(STDERR_FILENO) == 1;
  parts.terminal.unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  parts.terminal.columns = Columns();
  parts.terminal.colour = UseColour(parts.terminal.out_is_terminal);
  parts.clock = &Clock::Real();
  parts.random = &RandomSource::Real();
  parts.runner = &CommandRunner::Real();
  parts.environment = Environment;
  parts.connect = ConnectByFlags;
  parts.host_name = HostName;
  parts.listen_address = DefaultListenAddress;
  parts.sleep = absl::SleepFor;
  parts.interrupted = [] { return interrupted != 0; };
  parts.reader_is_gone = ReaderIsGone;
  return parts;
}

void CatchSignals() {
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  // Without SA_RESTART a read from the terminal ends, too.
  sigaction(SIGINT, &action, nullptr);
  // A reader that went away is a failed write, not a silent death.
  signal(SIGPIPE, SIG_IGN);
}

int Main(int argc, char** argv) {
  setlocale(LC_CTYPE, "");
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0),
                                           argv + argc);
  Session session(RealWorld());
  const std::string tool = argc > 0 ? ToolForProgram(argv[0]) : "";
  if (!tool.empty()) {
    const absl::Status status =
        ExecTool(tool, arguments, RootDirectory(Environment, FileExists));
    PrintError(session, status);
    return ExitCodeFor(status);
  }
  CatchSignals();
  return RunCommandLine(session, arguments);
}

}  // namespace
}  // namespace microovn::ctl

int main(int argc, char** argv) { return microovn::ctl::Main(argc, argv); }
