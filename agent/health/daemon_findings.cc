// SPDX-License-Identifier: Apache-2.0
#include "agent/health/daemon_findings.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/health/database_findings.h"
#include "agent/health/database_view.h"
#include "agent/ovn/connections.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/member_view.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

constexpr char kNorthd[] = "ovn-northd";

std::string Title(absl::string_view name) {
  return name == "nb" ? "OVN Northbound" : "OVN Southbound";
}

bool IsClientPort(uint32_t port) {
  return port == kNorthboundPort || port == kSouthboundPort;
}

// A member that answered, and what it said.
struct Speaker {
  const statepb::Member* member = nullptr;
  const peerpb::GetLocalStatusResponse* said = nullptr;

  const std::string& name() const { return member->name(); }
  const v1::Daemon* Find(const std::string& unit) const {
    for (const v1::Daemon& daemon : said->daemons()) {
      if (daemon.unit() == unit) return &daemon;
    }
    return nullptr;
  }
  const peerpb::DaemonPulse* Pulse(const std::string& unit) const {
    for (const peerpb::DaemonPulse& pulse : said->pulses()) {
      if (pulse.unit() == unit) return &pulse;
    }
    return nullptr;
  }
  absl::Duration ReadyFor(const std::string& unit) const {
    const peerpb::DaemonPulse* pulse = Pulse(unit);
    return pulse == nullptr ? absl::ZeroDuration()
                            : absl::Milliseconds(pulse->ready_millis());
  }
};

std::vector<Speaker> SpeakersOf(const ClusterFacts& facts) {
  std::vector<Speaker> speakers;
  for (const statepb::Member* member : MembersInOrder(*facts.state)) {
    const auto answer = facts.answers.find(member->member_id());
    if (answer == facts.answers.end() || !answer->second.ok()) continue;
    speakers.push_back({member, &*answer->second});
  }
  return speakers;
}

class Finder {
 public:
  explicit Finder(const ClusterFacts& facts)
      : facts_(facts), speakers_(SpeakersOf(facts)) {}

  std::vector<Observed> Find() && {
    FindListeners();
    for (const char* name : {"nb", "sb"}) NoteBroken(name);
    for (const Speaker& speaker : speakers_) {
      for (const peerpb::DaemonPulse& pulse : speaker.said->pulses()) {
        FindPulse(speaker, pulse);
      }
    }
    FindChassis();
    return std::move(found_);
  }

 private:
  void Add(absl::string_view reason, std::string message, std::string remedy,
           const std::string& member) {
    found_.push_back(Observe(reason, v1::SEVERITY_WARNING, std::move(message),
                             std::move(remedy), member));
  }

  // Daemons that have lost such a database are no news.
  void NoteBroken(const std::string& name) {
    if (CentralMembers(*facts_.state).empty()) {
      if (OwnsDatabases(*facts_.state)) broken_.insert(name);
      return;
    }
    const DatabaseView view = ViewDatabase(facts_, name);
    if (view.servers.empty() || view.leader.empty()) broken_.insert(name);
  }

  void FindPulse(const Speaker& speaker, const peerpb::DaemonPulse& pulse) {
    if (FindHang(speaker, pulse)) return;
    const std::string what = absl::StrCat(pulse.unit(), " on ", speaker.name());
    if (pulse.recent_ends() >= kManyEnds) {
      Add("DAEMON_RESTARTS",
          absl::StrCat(what, " has ended ", pulse.recent_ends(),
                       " times by itself"),
          ReadLog(pulse.unit(), speaker.name()), speaker.name());
    }
    if (pulse.paused()) {
      Add("DAEMON_PAUSED", absl::StrCat(what, " is paused and does nothing"),
          absl::StrCat("on ", speaker.name(), ": microovn.ovn-appctl -t ",
                       pulse.unit() == "chassis" ? "ovn-controller debug/resume"
                                                 : "ovn-northd resume"),
          speaker.name());
    }
    FindDisconnected(speaker, pulse);
  }

  bool FindHang(const Speaker& speaker, const peerpb::DaemonPulse& pulse) {
    const absl::Duration silent = absl::Milliseconds(pulse.silent_millis());
    if (!pulse.stopped() && silent < (pulse.busy() ? kWorks : kHangs)) {
      return false;
    }
    const v1::Daemon* daemon = speaker.Find(pulse.unit());
    const int32_t pid = daemon == nullptr ? 0 : daemon->pid();
    const std::string what = absl::StrCat(pulse.unit(), " on ", speaker.name());
    if (pulse.stopped()) {
      Add("DAEMON_FROZEN",
          absl::StrCat(what, " is stopped: its process ", pid,
                       " was told to do nothing"),
          absl::StrCat("on ", speaker.name(), ": kill -CONT ", pid),
          speaker.name());
    } else {
      Add("DAEMON_FROZEN",
          absl::StrCat(
              what, " has not answered for ",
              absl::FormatDuration(absl::Trunc(silent, absl::Seconds(1)))),
          absl::StrCat("on ", speaker.name(), ": kill -KILL ", pid,
                       "; it is started again by itself"),
          speaker.name());
    }
    return true;
  }

  // Since the last of its servers has come back, or has got another leader.
  absl::Duration SteadyFor(const std::string& name) const {
    absl::Duration steady = absl::InfiniteDuration();
    for (const Speaker& speaker : speakers_) {
      const std::string unit = absl::StrCat("ovn-ovsdb-server-", name);
      if (speaker.Pulse(unit) == nullptr) continue;
      steady = std::min(steady, speaker.ReadyFor(unit));
      const peerpb::LocalDatabase* local = LocalDatabaseOf(*speaker.said, name);
      if (local == nullptr) continue;
      steady = std::min(steady, absl::Milliseconds(local->settled_millis()));
    }
    return steady;
  }

  // Whether an ovn-northd of another member is connected to both databases: it
  // is the active one, or becomes it.
  bool AnotherNorthdServes(const Speaker& speaker) const {
    for (const Speaker& other : speakers_) {
      const peerpb::DaemonPulse* pulse = other.Pulse(kNorthd);
      if (other.member == speaker.member || pulse == nullptr) continue;
      const bool answers = !pulse->stopped() && pulse->silent_millis() == 0 &&
                           pulse->ready_millis() > 0;
      if (answers && !pulse->paused() && pulse->disconnected_from().empty()) {
        return true;
      }
    }
    return false;
  }

  // Whether the connection was lost with a server or with its lead.
  static bool IsBeingMadeAgain(const peerpb::DaemonPulse& pulse,
                               absl::Duration steady) {
    if (pulse.unit() == kNorthd) return steady < kLeaderSearchAfterElection;
    const absl::Duration lost = absl::Milliseconds(pulse.disconnected_millis());
    return lost > steady && steady < kReconnecting;
  }

  void FindDisconnected(const Speaker& speaker,
                        const peerpb::DaemonPulse& pulse) {
    const absl::Duration lost = absl::Milliseconds(pulse.disconnected_millis());
    if (lost < kDisconnected) return;
    if (pulse.unit() == kNorthd && lost < kLeaderSearch &&
        AnotherNorthdServes(speaker)) {
      return;
    }
    std::vector<std::string> from;
    for (const std::string& name : pulse.disconnected_from()) {
      if (broken_.count(name) > 0) continue;
      if (!IsBeingMadeAgain(pulse, SteadyFor(name)))
        from.push_back(Title(name));
    }
    if (from.empty()) return;
    Add("DAEMON_NOT_CONNECTED",
        absl::StrCat(pulse.unit(), " on ", speaker.name(),
                     " is not connected to ", absl::StrJoin(from, " and ")),
        ReadLog(pulse.unit(), speaker.name()), speaker.name());
  }

  // Another finding says so: it has ended since it was asked for its ports, or
  // ends again and again.
  static bool IsDown(const Speaker& speaker, const std::string& unit) {
    const v1::Daemon* daemon = speaker.Find(unit);
    const peerpb::DaemonPulse* pulse = speaker.Pulse(unit);
    return (daemon != nullptr && daemon->state() != v1::Daemon::STATE_READY) ||
           (pulse != nullptr && pulse->recent_ends() >= kManyEnds);
  }

  // A row of the database makes all servers listen, so that they stop together.
  void FindListeners() {
    std::map<uint32_t, std::vector<std::string>> closed;
    for (const Speaker& speaker : speakers_) {
      for (const peerpb::LocalDatabase& database : speaker.said->databases()) {
        const std::string unit =
            absl::StrCat("ovn-ovsdb-server-", database.name());
        if (speaker.ReadyFor(unit) < kSettling || IsDown(speaker, unit)) {
          continue;
        }
        for (const uint32_t port : database.closed_ports()) {
          closed[port].push_back(speaker.name());
          if (IsClientPort(port)) broken_.insert(database.name());
        }
      }
    }
    for (const auto& [port, members] : closed) {
      const bool northbound =
          port == kNorthboundPort || port == kNorthboundRaftPort;
      const std::string name = northbound ? "nb" : "sb";
      Add("DATABASE_LISTENER_MISSING",
          absl::StrCat("the server of ", Title(name), " on ",
                       absl::StrJoin(members, ", "),
                       " does not listen on port ", port),
          IsClientPort(port)
              ? absl::StrCat("the agents set the listener within a minute; or "
                             "on a member with central: microovn.ovn-",
                             name,
                             // Below OVS_RUNDIR, wherever the root is.
                             "ctl --db=unix:../ovn/ovn", name,
                             "_db.sock --no-leader-only set-connection pssl:",
                             port, ":[::]")
              : ReadLog(absl::StrCat("ovn-ovsdb-server-", name),
                        members.front()),
          members.size() == 1 ? members.front() : "");
    }
  }

  // By the leader's word, or that of any server while the leader's member is
  // silent.
  const peerpb::LocalDatabase* Rows() const {
    const peerpb::LocalDatabase* best = nullptr;
    for (const Speaker& speaker : speakers_) {
      const peerpb::LocalDatabase* sb = LocalDatabaseOf(*speaker.said, "sb");
      if (sb == nullptr || !sb->has_rows() || sb->leader().empty()) continue;
      if (best == nullptr || sb->replica().role() == "leader") best = sb;
    }
    return best;
  }

  void FindChassis() {
    const peerpb::LocalDatabase* rows = Rows();
    if (rows == nullptr || broken_.count("sb") > 0) return;
    std::map<std::string, const peerpb::ChassisRow*> by_name;
    for (const peerpb::ChassisRow& row : rows->chassis()) {
      by_name[row.name()] = &row;
    }
    for (const Speaker& speaker : speakers_) {
      if (!Runs(*speaker.member, statepb::SERVICE_CHASSIS)) continue;
      if (speaker.ReadyFor("chassis") < kRegistering) continue;
      const std::string wanted = EncapIpOf(*speaker.member);
      const auto row = by_name.find(speaker.name());
      if (row == by_name.end()) {
        FindUnregistered(speaker, wanted, *rows);
      } else {
        FindEncap(speaker, wanted, *row->second);
        FindEncapsulation(speaker, *row->second);
      }
    }
  }

  void FindUnregistered(const Speaker& speaker, const std::string& wanted,
                        const peerpb::LocalDatabase& rows) {
    const peerpb::DaemonPulse* pulse = speaker.Pulse("chassis");
    // It does nothing, and that is told.
    if (pulse->stopped() || pulse->paused() || pulse->silent_millis() > 0 ||
        pulse->disconnected_from_size() > 0) {
      return;
    }
    for (const peerpb::ChassisRow& other : rows.chassis()) {
      if (std::count(other.encap_ips().begin(), other.encap_ips().end(),
                     wanted) == 0) {
        continue;
      }
      Add("TUNNEL_ADDRESS_SHARED",
          absl::StrCat(speaker.name(),
                       " is not a chassis of OVN Southbound: ", "chassis ",
                       other.name(), " has its tunnel address ", wanted),
          absl::StrCat("give one of them another address; if ", other.name(),
                       " is gone: microovn.ovn-sbctl chassis-del ",
                       other.name()),
          speaker.name());
      return;
    }
    Add("CHASSIS_NOT_REGISTERED",
        absl::StrCat(speaker.name(),
                     " is not a chassis of OVN Southbound, although "
                     "its ovn-controller runs"),
        ReadLog("chassis", speaker.name()), speaker.name());
  }

  void FindEncap(const Speaker& speaker, const std::string& wanted,
                 const peerpb::ChassisRow& row) {
    if (std::count(row.encap_ips().begin(), row.encap_ips().end(), wanted) >
        0) {
      return;
    }
    const peerpb::DaemonPulse* pulse = speaker.Pulse("chassis");
    if (pulse->stopped() || pulse->paused() || pulse->silent_millis() > 0) {
      return;
    }
    Add("SETTINGS_DIFFER",
        absl::StrCat("the tunnel address of ", speaker.name(), " is ",
                     absl::StrJoin(row.encap_ips(), ", "), " instead of ",
                     wanted),
        absl::StrCat("on ", speaker.name(),
                     ": microovn.ovs-vsctl remove "
                     "Open_vSwitch . external_ids ovn-encap-ip-",
                     speaker.name()),
        speaker.name());
  }

  // Chassis of two protocols that have none in common have no tunnel.
  void FindEncapsulation(const Speaker& speaker,
                         const peerpb::ChassisRow& row) {
    const std::string setting =
        ConfigValue(*facts_.state, kConfigEncapsulation);
    const std::set<std::string> wanted = absl::StrSplit(setting, ',');
    const std::set<std::string> seen(row.encap_types().begin(),
                                     row.encap_types().end());
    const peerpb::DaemonPulse* pulse = speaker.Pulse("chassis");
    // FindEncap tells of a chassis that has no tunnels at all.
    if (seen.empty() || seen == wanted || SetLately(kConfigEncapsulation) ||
        pulse->stopped() || pulse->paused() || pulse->silent_millis() > 0 ||
        pulse->disconnected_from_size() > 0) {
      return;
    }
    Add("SETTINGS_DIFFER",
        absl::StrCat("the tunnels of ", speaker.name(), " are of ",
                     absl::StrJoin(seen, ","), " instead of ", setting),
        absl::StrCat("on ", speaker.name(),
                     ": microovn.ovs-vsctl remove "
                     "Open_vSwitch . external_ids ovn-encap-type-",
                     speaker.name()),
        speaker.name());
  }

  // A setting that is deleted leaves nothing but its event.
  bool SetLately(absl::string_view key) const {
    const std::string resource = absl::StrCat("configs/", key);
    const int64_t since = absl::ToUnixSeconds(facts_.now - kMovingTunnels);
    const auto& events = facts_.state->events.records();
    return std::any_of(events.begin(), events.end(), [&](const auto& event) {
      return event.second->resource() == resource &&
             event.second->time_seconds() > since;
    });
  }

  const ClusterFacts& facts_;
  const std::vector<Speaker> speakers_;
  std::set<std::string> broken_;
  std::vector<Observed> found_;
};

}  // namespace

std::vector<Observed> FindDaemonProblems(const ClusterFacts& facts) {
  return Finder(facts).Find();
}

}  // namespace microovn::agent
