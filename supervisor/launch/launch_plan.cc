// SPDX-License-Identifier: Apache-2.0
#include "supervisor/launch/launch_plan.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/text/text.h"
#include "supervisor/service/service_catalog.h"
#include "supervisor/service/service_spec.h"

namespace microovn::supervisor {
namespace {

// A database that central members serve together.
struct ClusteredDatabase {
  std::string name;
  std::string global_table;
  std::string schema;
  std::string file;
  std::string log_file;
  std::string certificate;
  std::string initial;
  std::string connect;
  int client_port = 0;
  int raft_port = 0;
};

ClusteredDatabase Northbound(const Paths& paths, const LaunchOptions& options,
                             const EnvFile& env) {
  ClusteredDatabase db;
  db.name = "OVN_Northbound";
  db.global_table = "NB_Global";
  db.schema = JoinPath(options.ovn_share, "ovn-nb.ovsschema");
  db.file = paths.nb_database();
  db.log_file = paths.LogFile("ovsdb-server-nb.log");
  db.certificate = "ovnnb";
  db.initial = env.initial_nb;
  db.connect = env.nb_connect;
  // OVN's documented ports for clients, 6641 and 6642, and MicroOVN's for the
  // servers among themselves: firewalls name them.
  db.client_port = 6641;
  db.raft_port = 6643;
  return db;
}

ClusteredDatabase Southbound(const Paths& paths, const LaunchOptions& options,
                             const EnvFile& env) {
  ClusteredDatabase db;
  db.name = "OVN_Southbound";
  db.global_table = "SB_Global";
  db.schema = JoinPath(options.ovn_share, "ovn-sb.ovsschema");
  db.file = paths.sb_database();
  db.log_file = paths.LogFile("ovsdb-server-sb.log");
  db.certificate = "ovnsb";
  db.initial = env.initial_sb;
  db.connect = env.sb_connect;
  db.client_port = 6642;
  db.raft_port = 6644;
  return db;
}

absl::Status MissingAddress(Service service, absl::string_view variable) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat(ServiceName(service), " cannot start: ", variable,
                   " is not set in ovn.env"),
      {"SERVICE_NOT_CONFIGURED",
       "run \"microovn cluster bootstrap\" or \"microovn cluster join\"",
       {}});
}

std::vector<std::string> TlsArguments(const Paths& paths,
                                      absl::string_view name) {
  // All three as paths, not as contents of the database: ovsdb-server(8)
  // watches the files and takes renewed ones for its next connections.
  return {absl::StrCat("--private-key=", paths.PrivateKey(name)),
          absl::StrCat("--certificate=", paths.Certificate(name)),
          absl::StrCat("--ca-cert=", paths.ca_certificate())};
}

// Messages go to stderr, which the driver sends to the journal or to a bounded
// file. The log file stays empty until an operator raises the level of its
// facility at run time.
std::vector<std::string> LogArguments(absl::string_view pid_file,
                                      absl::string_view log_file) {
  // No --detach: the launcher's process is the daemon, and a second fork would
  // leave its pid file as the only trace of it.
  return {absl::StrCat("--pidfile=", pid_file), "-vconsole:info",
          "-vsyslog:off", "-vfile:off", absl::StrCat("--log-file=", log_file)};
}

void Append(std::vector<std::string>* to, std::vector<std::string> more) {
  for (std::string& word : more) to->push_back(std::move(word));
}

std::string Bracketed(absl::string_view host) {
  if (!absl::StrContains(host, ":") || absl::StartsWith(host, "[")) {
    return absl::StrCat(host);
  }
  return absl::StrCat("[", host, "]");
}

// Always TLS: these connections carry the whole database.
std::string RaftAddress(absl::string_view host, int port) {
  return absl::StrCat("ssl:", Bracketed(host), ":", port);
}

// The servers to ask for admission: the initial one and, when the connection
// list is of the same deployment (it may name an external one instead), the
// others in it, so that one dead central does not stop a join.
std::vector<std::string> JoinAddresses(const ClusteredDatabase& db,
                                       absl::string_view local_ip) {
  const std::string initial = RaftAddress(db.initial, db.raft_port);
  const std::string local = RaftAddress(local_ip, db.raft_port);
  std::vector<std::string> others;
  bool same_deployment = false;
  for (absl::string_view server : absl::StrSplit(db.connect, ',')) {
    if (!absl::ConsumePrefix(&server, "ssl:")) continue;
    if (!absl::ConsumeSuffix(&server, absl::StrCat(":", db.client_port))) {
      continue;
    }
    const std::string address = RaftAddress(server, db.raft_port);
    if (address == initial) {
      same_deployment = true;
    } else if (address != local) {
      others.push_back(address);
    }
  }
  std::vector<std::string> addresses = {initial};
  if (same_deployment) Append(&addresses, std::move(others));
  return addresses;
}

PreparationStep CreateOrJoin(const ClusteredDatabase& db,
                             const LaunchOptions& options,
                             absl::string_view local_ip) {
  PreparationStep step;
  step.kind = PreparationStep::Kind::kCreate;
  step.file = db.file;
  const std::string fresh = absl::StrCat(db.file, ".new");
  const std::string local = RaftAddress(local_ip, db.raft_port);
  // The one who creates is fixed by the replicated state. Two members that both
  // created would have two databases of one name that can never be merged
  // (ovsdb(7)): no member creates because it cannot reach the others.
  if (db.initial.empty() || RaftAddress(db.initial, db.raft_port) == local) {
    step.purpose = absl::StrCat("create the ", db.name, " cluster");
    step.argv = {"ovsdb-tool",
                 absl::StrCat("--election-timer=", absl::ToInt64Milliseconds(
                                                       options.election_timer)),
                 "create-cluster",
                 fresh,
                 db.schema,
                 local};
    return step;
  }
  step.purpose = absl::StrCat("join the ", db.name, " cluster");
  // Only writes the file; the server itself then asks for admission, again and
  // again, until a leader answers (ovsdb-tool(1)).
  step.argv = {"ovsdb-tool", "join-cluster", fresh, db.name, local};
  Append(&step.argv, JoinAddresses(db, local_ip));
  return step;
}

absl::StatusOr<LaunchPlan> PlanCentral(Service service,
                                       const ClusteredDatabase& db,
                                       const Paths& paths,
                                       const LaunchOptions& options,
                                       const EnvFile& env) {
  // Refused, not guessed: the address is written into the database and goes to
  // all other servers with it.
  if (env.local_ip.empty()) return MissingAddress(service, "OVN_LOCAL_IP");
  const ServiceSpec spec = DescribeService(service, paths);
  LaunchPlan plan;
  plan.preparation = {CreateOrJoin(db, options, env.local_ip)};
  plan.argv = {"ovsdb-server", db.file,
               absl::StrCat("--remote=punix:", spec.database_socket),
               // The listeners for clients are rows of the database.
               absl::StrCat("--remote=db:", db.name, ",", db.global_table,
                            ",connections"),
               absl::StrCat("--unixctl=", spec.control)};
  Append(&plan.argv, TlsArguments(paths, db.certificate));
  Append(&plan.argv, LogArguments(spec.pid_file, db.log_file));
  plan.environment = ToolEnvironment(paths, options);
  // ovsdb-server is an Open vSwitch program: its own run directory is OVS's.
  plan.environment["OVS_RUNDIR"] = paths.ovn_run();
  plan.environment["OVS_DBDIR"] = paths.central_databases();
  return plan;
}

LaunchPlan PlanSwitchServer(const Paths& paths, const LaunchOptions& options) {
  const std::string schema = JoinPath(options.ovs_share, "vswitch.ovsschema");
  LaunchPlan plan;
  PreparationStep create;
  create.kind = PreparationStep::Kind::kCreate;
  create.purpose = "create the switch's database";
  create.file = paths.switch_database();
  create.argv = {"ovsdb-tool", "create", absl::StrCat(create.file, ".new"),
                 schema};
  PreparationStep convert;
  // A new Open vSwitch may bring a new schema. Only for this stand-alone
  // database: clustered ones are converted by a running server, once for all.
  convert.kind = PreparationStep::Kind::kConvert;
  convert.purpose = "convert the switch's database";
  convert.file = paths.switch_database();
  convert.schema = schema;
  plan.preparation = {create, convert};
  plan.argv = {"ovsdb-server", paths.switch_database(),
               absl::StrCat("--remote=punix:", paths.switch_socket())};
  Append(&plan.argv, LogArguments(paths.switch_server_pid_file(),
                                  paths.LogFile("ovsdb-server.log")));
  plan.environment = ToolEnvironment(paths, options);
  return plan;
}

LaunchPlan PlanSwitch(const Paths& paths, const LaunchOptions& options) {
  const std::string database = absl::StrCat("unix:", paths.switch_socket());
  LaunchPlan plan;
  plan.gate.waiting_for = "the switch's database";
  plan.gate.socket = paths.switch_socket();
  PreparationStep init;
  init.purpose = "initialize the switch's database";
  // --no-wait: ovs-vswitchd, which would be waited for, starts after this.
  init.argv = {
      "ovs-vsctl",
      absl::StrCat("--db=", database),
      "--no-wait",
      "--timeout=30",
      "--",
      "init",
      "--",
      "set",
      "Open_vSwitch",
      ".",
      absl::StrCat("external-ids:rundir=", InQuotes(paths.switch_run()))};
  plan.preparation = {init};
  plan.argv = {"ovs-vswitchd", database};
  Append(&plan.argv, LogArguments(paths.vswitchd_pid_file(),
                                  paths.LogFile("ovs-vswitchd.log")));
  plan.environment = ToolEnvironment(paths, options);
  return plan;
}

absl::StatusOr<LaunchPlan> PlanNorthd(const Paths& paths,
                                      const LaunchOptions& options,
                                      const EnvFile& env) {
  if (env.nb_connect.empty()) {
    return MissingAddress(Service::kNorthd, "OVN_NB_CONNECT");
  }
  if (env.sb_connect.empty()) {
    return MissingAddress(Service::kNorthd, "OVN_SB_CONNECT");
  }
  LaunchPlan plan;
  // No --unixctl: ovn-appctl -t ovn-northd looks in the default place.
  plan.argv = {"ovn-northd", absl::StrCat("--ovnnb-db=", env.nb_connect),
               absl::StrCat("--ovnsb-db=", env.sb_connect)};
  Append(&plan.argv, TlsArguments(paths, "ovn-northd"));
  Append(&plan.argv, LogArguments(paths.northd_pid_file(),
                                  paths.LogFile("ovn-northd.log")));
  plan.environment = ToolEnvironment(paths, options);
  return plan;
}

absl::StatusOr<LaunchPlan> PlanChassis(const Paths& paths,
                                       const LaunchOptions& options,
                                       const EnvFile& env) {
  if (env.sb_connect.empty()) {
    return MissingAddress(Service::kChassis, "OVN_SB_CONNECT");
  }
  const std::vector<std::string> tls = TlsArguments(paths, "ovn-controller");
  LaunchPlan plan;
  // ovn-controller 23.03 crashes when it reaches a southbound database that
  // ovn-northd has not filled yet. That there is an SB_Global row does not
  // show it, for every run of ovn-sbctl makes one; its options are
  // ovn-northd's. ovsdb-client only reads.
  plan.gate.waiting_for = "ovn-northd to fill the southbound database";
  plan.gate.socket = paths.switch_socket();
  // Any server will do: what it waits for does not go away again.
  plan.gate.argv = {"ovsdb-client", "--timeout=5", "--no-leader-only"};
  Append(&plan.gate.argv, tls);
  Append(&plan.gate.argv,
         {"query", env.sb_connect,
          R"(["OVN_Southbound",{"op":"select","table":"SB_Global",)"
          R"("where":[],"columns":["options"]}])"});
  plan.gate.expected = "northd_internal_version";
  plan.argv = {"ovn-controller", absl::StrCat("unix:", paths.switch_socket())};
  Append(&plan.argv, tls);
  Append(&plan.argv, LogArguments(paths.controller_pid_file(),
                                  paths.LogFile("ovn-controller.log")));
  plan.environment = ToolEnvironment(paths, options);
  return plan;
}

}  // namespace

LaunchOptions OptionsBelow(absl::string_view tree) {
  LaunchOptions options;
  for (std::string& directory : options.program_directories) {
    directory = absl::StrCat(tree, directory);
  }
  options.ovs_share = absl::StrCat(tree, options.ovs_share);
  options.ovn_share = absl::StrCat(tree, options.ovn_share);
  return options;
}

// Every directory that the programs have compiled in is named, so that a
// system's own Open vSwitch beside us is neither used nor disturbed.
std::map<std::string, std::string> ToolEnvironment(
    const Paths& paths, const LaunchOptions& options) {
  return {
      {"OVS_RUNDIR", paths.switch_run()},
      {"OVS_DBDIR", paths.switch_databases()},
      {"OVS_SYSCONFDIR", paths.switch_configuration()},
      {"OVS_LOGDIR", paths.logs()},
      {"OVS_PKGDATADIR", options.ovs_share},
      {"OVN_RUNDIR", paths.ovn_run()},
      {"OVN_DBDIR", paths.central_databases()},
      {"OVN_SYSCONFDIR", paths.data()},
      {"OVN_LOGDIR", paths.logs()},
      {"OVN_PKGDATADIR", options.ovn_share},
  };
}

absl::StatusOr<LaunchPlan> PlanLaunch(Service service, const Paths& paths,
                                      const LaunchOptions& options,
                                      const EnvFile& env) {
  switch (service) {
    case Service::kOvsOvsdbServer:
      return PlanSwitchServer(paths, options);
    case Service::kSwitch:
      return PlanSwitch(paths, options);
    case Service::kNbOvsdbServer:
      return PlanCentral(service, Northbound(paths, options, env), paths,
                         options, env);
    case Service::kSbOvsdbServer:
      return PlanCentral(service, Southbound(paths, options, env), paths,
                         options, env);
    case Service::kNorthd:
      return PlanNorthd(paths, options, env);
    case Service::kChassis:
      return PlanChassis(paths, options, env);
  }
  return absl::InvalidArgumentError("there is no such service");
}

}  // namespace microovn::supervisor
