// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/node_probe.h"

#include <pthread.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/ovn/database_schema.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "agent/probe/database_answers.h"
#include "agent/probe/listening_ports.h"
#include "agent/probe/process_activity.h"
#include "base/file/file.h"
#include "pki/certificate/certificate.h"
#include "pki/name/ovn_service.h"
#include "supervisor/service/service_catalog.h"
#include "supervisor/service/service_state.h"

namespace microovn::agent {

namespace peerpb = ::microovn::internal::peer::v1;
using supervisor::Service;

// A question, whom it is for, and what its answer is about.
struct NodeProbe::Asked {
  // The last two are of a database and say nothing about its server.
  enum class About {
    kLife,
    kClusterStatus,
    kPaused,
    kConnection,
    kSchema,
    kChassis
  };
  static bool OfItsRows(About about) {
    return about == About::kSchema || about == About::kChassis;
  }

  Service service = Service::kSwitch;
  About about = About::kLife;
  // Of kConnection: with which database.
  std::string database;
  supervisor::Question question;
};

namespace {

std::string RoleWord(OvsdbRole role) {
  switch (role) {
    case OvsdbRole::kLeader:
      return "leader";
    case OvsdbRole::kFollower:
      return "follower";
    case OvsdbRole::kCandidate:
      return "candidate";
    case OvsdbRole::kOther:
      break;
  }
  return "";
}

void FillReplica(const OvsdbClusterStatus& status,
                 v1::DatabaseReplica& replica) {
  replica.set_status(status.status);
  replica.set_role(RoleWord(status.role));
  replica.set_term(status.term);
  replica.set_address(status.address);
  replica.set_not_applied(status.not_applied);
  replica.set_servers(static_cast<uint32_t>(status.servers.size()));
  replica.set_log_end(status.log_end);
  replica.set_not_committed(status.not_committed);
}

// Where the server of `kind` should listen and does not. A table that cannot be
// read tells nothing.
void FillPorts(const DatabaseKind& kind, peerpb::LocalDatabase& database) {
  const absl::StatusOr<std::set<uint16_t>> open = ReadListeningPorts();
  if (!open.ok()) return;
  for (const int port : {kind.client_port, kind.raft_port}) {
    if (open->count(static_cast<uint16_t>(port)) > 0) continue;
    database.add_closed_ports(static_cast<uint32_t>(port));
  }
}

}  // namespace

NodeProbe::NodeProbe(NodeProbeOptions options) : options_(std::move(options)) {
  databases_.push_back({Northbound(), Service::kNbOvsdbServer, {}, {}});
  databases_.push_back({Southbound(), Service::kSbOvsdbServer, {}, {}});
}

NodeProbe::~NodeProbe() { Stop(); }

void NodeProbe::Start() {
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "probe");
}

void NodeProbe::Stop() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
  }
  changed_.SignalAll();
  if (thread_.joinable()) thread_.join();
}

void NodeProbe::Run() {
  for (;;) {
    uint64_t round = 0;
    bool thorough = false;
    {
      MutexLock lock(&mu_);
      const absl::Duration due =
          options_.clock->Monotonic() + options_.interval;
      while (!stopping_ && wanted_ <= done_) {
        const absl::Duration left = due - options_.clock->Monotonic();
        if (left <= absl::ZeroDuration()) break;
        changed_.WaitWithTimeout(&mu_, left);
      }
      if (stopping_) return;
      thorough = wanted_ > done_;
      round = wanted_;
    }
    RunOnce(thorough);
    {
      MutexLock lock(&mu_);
      done_ = round;
    }
    changed_.SignalAll();
  }
}

void NodeProbe::Fill(peerpb::GetLocalStatusResponse& response) {
  const absl::Duration deadline = options_.clock->Monotonic() +
                                  2 * options_.patience +
                                  absl::Milliseconds(100);
  MutexLock lock(&mu_);
  const uint64_t round = ++wanted_;
  changed_.SignalAll();
  while (!stopping_ && done_ < round) {
    const absl::Duration left = deadline - options_.clock->Monotonic();
    if (left <= absl::ZeroDuration()) break;
    changed_.WaitWithTimeout(&mu_, left);
  }
  response.MergeFrom(result_);
}

void NodeProbe::Put(Service service, const supervisor::Observation& seen,
                    bool thorough, std::vector<Asked>& asked) const {
  const supervisor::ServiceSpec spec =
      supervisor::DescribeService(service, options_.paths);
  const std::string control = supervisor::ControlSocket(spec, seen.pid);
  const auto ask = [&](Asked::About about, std::string method,
                       std::string params = "[]", std::string database = "") {
    asked.push_back({service,
                     about,
                     std::move(database),
                     {control, std::move(method), std::move(params)}});
  };
  const auto ping = [&] {
    asked.push_back(
        {service, Asked::About::kLife, "", {spec.database_socket, "echo"}});
  };
  switch (service) {
    case Service::kOvsOvsdbServer:
      ask(Asked::About::kLife, "version");
      ping();
      return;
    case Service::kSwitch:
      ask(Asked::About::kLife, "version");
      return;
    case Service::kNorthd:
      ask(Asked::About::kPaused, "is-paused");
      ask(Asked::About::kConnection, "nb-connection-status", "[]", "nb");
      ask(Asked::About::kConnection, "sb-connection-status", "[]", "sb");
      return;
    case Service::kChassis:
      ask(Asked::About::kPaused, "debug/status");
      ask(Asked::About::kConnection, "connection-status", "[]", "sb");
      return;
    case Service::kNbOvsdbServer:
    case Service::kSbOvsdbServer:
      break;
  }
  const DatabaseKind& kind =
      service == Service::kNbOvsdbServer ? Northbound() : Southbound();
  ask(Asked::About::kClusterStatus, "cluster/status",
      absl::StrCat("[\"", kind.schema_name, "\"]"));
  ping();
  if (!thorough) return;
  asked.push_back(
      {service,
       Asked::About::kSchema,
       "",
       {spec.database_socket, "transact", SchemaQuestion(kind.schema_name)}});
  if (service == Service::kSbOvsdbServer) {
    asked.push_back({service,
                     Asked::About::kChassis,
                     "",
                     {spec.database_socket, "transact", ChassisQuestion()}});
  }
}

void NodeProbe::RunOnce(bool thorough) {
  const supervisor::ServiceReports services = options_.services();
  std::vector<Asked> asked;
  const absl::Duration began = options_.clock->Monotonic();
  for (const auto& [service, report] : services) {
    const supervisor::Observation& seen = report.observation;
    if (seen.pid == 0 || seen.phase != supervisor::Phase::kReady) continue;
    Put(service, seen, thorough, asked);
  }
  std::vector<supervisor::Question> questions;
  for (const Asked& one : asked) questions.push_back(one.question);
  const std::vector<absl::StatusOr<std::string>> answers =
      options_.ask(questions, options_.patience);

  const absl::Duration now = options_.clock->Monotonic();
  for (const auto& [service, sight] : See(services, asked, answers)) {
    pulses_[service].See(sight, began, now);
  }
  LearnDatabases(asked, answers);
  if (thorough) LearnCertificates();
  Publish(now);
}

std::map<Service, PulseSight> NodeProbe::See(
    const supervisor::ServiceReports& services, const std::vector<Asked>& asked,
    const std::vector<absl::StatusOr<std::string>>& answers) const {
  std::map<Service, PulseSight> sights;
  std::set<Service> deaf;
  for (const auto& [service, report] : services) {
    PulseSight& sight = sights[service];
    sight.pid = report.observation.pid;
    sight.ready = report.observation.phase == supervisor::Phase::kReady;
    sight.restarts = report.observation.restarts;
    if (sight.pid == 0) continue;
    sight.activity = ReadProcessActivity(sight.pid).value_or(ProcessActivity());
  }
  for (size_t i = 0; i < asked.size(); ++i) {
    if (Asked::OfItsRows(asked[i].about)) continue;
    PulseSight& sight = sights[asked[i].service];
    const absl::StatusOr<std::string>& answer = answers[i];
    // A command that it does not know is answered, too. A daemon that is deaf
    // on one of its sockets is of no use to those who have that one.
    if (!answer.ok() && !absl::IsFailedPrecondition(answer.status())) {
      deaf.insert(asked[i].service);
      sight.deaf = sight.deaf || absl::IsUnavailable(answer.status());
    } else {
      sight.answered = true;
    }
    if (!answer.ok()) continue;
    const absl::string_view word = absl::StripAsciiWhitespace(*answer);
    if (asked[i].about == Asked::About::kPaused) {
      sight.paused = word == "paused" || word == "true";
    } else if (asked[i].about == Asked::About::kConnection &&
               word != "connected") {
      sight.disconnected_from.push_back(asked[i].database);
    }
  }
  for (const Service service : deaf) sights[service].answered = false;
  return sights;
}

void NodeProbe::Publish(absl::Duration now) {
  peerpb::GetLocalStatusResponse result;
  for (const auto& [service, life] : pulses_) {
    if (!life.HasNews()) continue;
    peerpb::DaemonPulse* pulse = result.add_pulses();
    pulse->set_unit(supervisor::ServiceName(service));
    life.Tell(now, *pulse);
  }
  for (const Database& database : databases_) {
    if (database.told.name().empty()) continue;
    *result.add_databases() = database.told;
  }
  for (const peerpb::LocalCertificate& certificate : certificates_) {
    *result.add_certificates() = certificate;
  }
  MutexLock lock(&mu_);
  result_ = std::move(result);
}

// What cannot be read is the certificates reconciler's to mend and to tell of.
void NodeProbe::LearnCertificates() {
  certificates_.clear();
  for (const pki::OvnService service : pki::kOvnServices) {
    const std::string name(pki::OvnServiceName(service));
    const auto pem = ReadFile(options_.paths.Certificate(name));
    if (!pem.ok()) continue;
    const auto certificate = pki::Certificate::FromPem(*pem);
    if (!certificate.ok()) continue;
    peerpb::LocalCertificate& told = certificates_.emplace_back();
    told.set_name(name);
    told.set_not_before(absl::ToUnixSeconds(certificate->not_before()));
    told.set_not_after(absl::ToUnixSeconds(certificate->not_after()));
  }
}

std::string NodeProbe::DatabaseFile(const Database& database) const {
  return database.service == Service::kNbOvsdbServer
             ? options_.paths.nb_database()
             : options_.paths.sb_database();
}

void NodeProbe::LearnDatabases(
    const std::vector<Asked>& asked,
    const std::vector<absl::StatusOr<std::string>>& answers) {
  const absl::Duration now = options_.clock->Monotonic();
  for (Database& database : databases_) {
    if (!FileExists(DatabaseFile(database))) {
      database.told.Clear();
      continue;
    }
    if (!pulses_[database.service].MayAnswer(now)) database.told.Clear();
    if (database.told.name().empty()) {
      database.told.set_name(std::string(database.kind.name));
      database.told.mutable_replica()->set_status("not running");
    }
    for (size_t i = 0; i < asked.size(); ++i) {
      if (asked[i].service != database.service) continue;
      if (answers[i].ok()) {
        Learn(asked[i], *answers[i], database);
      } else if (asked[i].about == Asked::About::kClusterStatus &&
                 absl::IsFailedPrecondition(answers[i].status())) {
        database.told.Clear();
        database.told.set_name(std::string(database.kind.name));
        database.told.mutable_replica()->set_status("not in the cluster");
      }
    }
  }
}

void NodeProbe::Learn(const Asked& asked, const std::string& answer,
                      Database& database) {
  peerpb::LocalDatabase& told = database.told;
  if (asked.about == Asked::About::kClusterStatus) {
    const auto status = ParseOvsdbClusterStatus(answer);
    if (!status.ok()) return;
    FillReplica(*status, *told.mutable_replica());
    told.clear_servers();
    database.memory.Tell(*status, options_.clock->Monotonic(), told);
    told.clear_closed_ports();
    FillPorts(database.kind, told);
  } else if (asked.about == Asked::About::kSchema) {
    told.set_schema(ParseSchemaVersion(answer).value_or(""));
  } else if (asked.about == Asked::About::kChassis) {
    const auto rows = ParseChassisRows(answer);
    told.set_has_rows(rows.ok());
    told.clear_chassis();
    if (!rows.ok()) return;
    for (const peerpb::ChassisRow& row : *rows) *told.add_chassis() = row;
  }
}

}  // namespace microovn::agent
