// SPDX-License-Identifier: Apache-2.0
// The network below the tunnels when packets are switched in userspace.
//
// Open vSwitch's userspace tunnels send through a bridge's LOCAL port only, so
// the encapsulation address must be on one: the interface that has it becomes
// a port of the bridge br-phy, and its address and routes move to the bridge.
// What was moved is remembered on disk before anything is touched, because
// after a reboot the interface comes back without its address. The interface
// that carries the agent's own address is never taken: a restart of
// ovs-vswitchd would take the cluster's log down with it.
//
// Planning is pure. Executing is for one thread.
#ifndef MICROOVN_AGENT_OVN_UNDERLAY_H_
#define MICROOVN_AGENT_OVN_UNDERLAY_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/chassis.h"
#include "agent/ovn/network_facts.h"
#include "base/process/command_runner.h"

namespace microovn::agent {

inline constexpr char kUnderlayBridge[] = "br-phy";

// state/underlay.json: what was taken from which interface.
struct UnderlayRecord {
  std::string interface;
  std::string address;
  int prefix_length = 0;
  std::string mac;
  std::vector<NetworkRoute> routes;
};

absl::StatusOr<UnderlayRecord> ParseUnderlayRecord(absl::string_view json);
std::string FormatUnderlayRecord(const UnderlayRecord& record);

struct UnderlayFacts {
  // Whether this node is a chassis that switches in userspace.
  bool wanted = false;
  std::string encap_ip;
  // The agent's own address.
  std::string agent_ip;
  std::vector<NetworkInterface> interfaces;
  // Routes of the interface that has `encap_ip`.
  std::vector<NetworkRoute> routes;
  // The switch's bridges; empty optional when it does not run.
  std::optional<std::vector<std::string>> bridges;
  // Ports of br-phy.
  std::vector<std::string> ports;
  std::optional<UnderlayRecord> record;
};

struct UnderlayPlan {
  // To be on disk before the first command.
  std::optional<UnderlayRecord> remember;
  // In order; each either words for ovs-vsctl or a whole `ip` command.
  struct Step {
    bool ovs = false;
    std::vector<std::string> words;
    // A step that may fail because somebody did it already.
    bool optional = false;
  };
  std::vector<Step> steps;
  // The record goes after the last command.
  bool forget = false;
  // Why tunnels will not work, and what to do; empty when they will.
  std::string problem;
  std::string remedy;
};

// Empty steps and no problem: all is in place.
UnderlayPlan PlanUnderlay(const UnderlayFacts& facts);

// What will keep a chassis with these addresses from tunnels, before it is one:
// a problem and a remedy as in UnderlayPlan, both empty when nothing will.
UnderlayPlan ForeseeUnderlay(const std::string& datapath,
                             const std::string& encap_ip,
                             const std::string& agent_ip,
                             const std::vector<NetworkInterface>& interfaces);

struct UnderlayOptions {
  // state/underlay.json
  std::string record_file;
  std::function<absl::StatusOr<std::vector<NetworkInterface>>()> interfaces =
      ReadInterfaces;
};

class Underlay {
 public:
  // All outlive the object.
  Underlay(UnderlayOptions options, SwitchDatabase switch_database,
           CommandRunner* runner);

  // Reads everything that PlanUnderlay wants to know. `switch_runs` tells
  // whether the switch's database may be asked.
  absl::StatusOr<UnderlayFacts> Observe(bool wanted, bool switch_runs,
                                        std::string encap_ip,
                                        std::string agent_ip) const;
  absl::Status Execute(const UnderlayPlan& plan) const;

 private:
  absl::StatusOr<std::optional<UnderlayRecord>> ReadRecord() const;

  const UnderlayOptions options_;
  const SwitchDatabase switch_;
  CommandRunner* const runner_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_UNDERLAY_H_
