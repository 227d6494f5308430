// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/underlay.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/ovn/json_fields.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using Step = UnderlayPlan::Step;
using Words = std::vector<std::string>;

bool Contains(const std::vector<std::string>& list, absl::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string WithPrefix(const UnderlayRecord& record) {
  return absl::StrCat(record.address, "/", record.prefix_length);
}

Step Ip(Words words, bool optional = false) {
  words.insert(words.begin(), "ip");
  return {/*ovs=*/false, std::move(words), optional};
}

void AddAddress(const UnderlayRecord& record, const std::string& device,
                std::vector<Step>* steps) {
  Words words = {"addr", "replace", WithPrefix(record), "dev", device};
  // Nobody else has it: it was this node's a moment ago.
  if (absl::StrContains(record.address, ":")) words.push_back("nodad");
  steps->push_back(Ip(std::move(words)));
  steps->push_back(Ip({"link", "set", device, "up"}));
  for (const NetworkRoute& route : record.routes) {
    Words add = {"route", "replace", route.destination};
    if (!route.gateway.empty()) {
      add.push_back("via");
      add.push_back(route.gateway);
    }
    add.push_back("dev");
    add.push_back(device);
    if (route.metric != 0) {
      add.push_back("metric");
      add.push_back(absl::StrCat(route.metric));
    }
    steps->push_back(Ip(std::move(add), /*optional=*/true));
  }
}

bool HasAddress(const NetworkInterface* interface, absl::string_view ip) {
  return interface != nullptr &&
         std::any_of(interface->addresses.begin(), interface->addresses.end(),
                     [&](const auto& address) { return address.ip == ip; });
}

// The addresses that were added beside the record's, which go with the bridge.
void ReturnOthers(const UnderlayFacts& facts, std::vector<Step>* steps) {
  const NetworkInterface* bridge =
      InterfaceNamed(facts.interfaces, kUnderlayBridge);
  if (bridge == nullptr) return;
  for (const InterfaceAddress& address : bridge->addresses) {
    if (address.ip == facts.record->address || !IsGlobalUnicast(address.ip)) {
      continue;
    }
    steps->push_back(Ip({"addr", "replace",
                         absl::StrCat(address.ip, "/", address.prefix_length),
                         "dev", facts.record->interface},
                        /*optional=*/true));
  }
}

UnderlayPlan PlanUndo(const UnderlayFacts& facts) {
  UnderlayPlan plan;
  plan.forget = true;
  const UnderlayRecord& record = *facts.record;
  if (facts.bridges.has_value()) {
    plan.steps.push_back(
        {/*ovs=*/true, {"--if-exists", "del-br", kUnderlayBridge}, false});
  }
  if (InterfaceNamed(facts.interfaces, record.interface) != nullptr) {
    AddAddress(record, record.interface, &plan.steps);
    ReturnOthers(facts, &plan.steps);
  }
  return plan;
}

Step AddBridge(const UnderlayRecord& record) {
  return {/*ovs=*/true,
          {"--may-exist", "add-br", kUnderlayBridge, "--", "set", "Bridge",
           kUnderlayBridge, "datapath_type=netdev", "fail_mode=standalone",
           absl::StrCat("other_config:hwaddr=\"", record.mac, "\""), "--",
           "--may-exist", "add-port", kUnderlayBridge, record.interface},
          false};
}

// What is missing between the record and what is seen. A crash between two
// steps loses nothing: the record has it all.
void PlanKeep(const UnderlayFacts& facts, const UnderlayRecord& record,
              UnderlayPlan* plan) {
  const NetworkInterface* nic =
      InterfaceNamed(facts.interfaces, record.interface);
  const NetworkInterface* bridge =
      InterfaceNamed(facts.interfaces, kUnderlayBridge);
  if (nic == nullptr) {
    plan->problem = absl::StrCat("the interface ", record.interface,
                                 ", which carries the tunnels, is not there");
    plan->remedy = absl::StrCat("bring ", record.interface, " back");
    return;
  }
  if (bridge == nullptr || !Contains(*facts.bridges, kUnderlayBridge) ||
      !Contains(facts.ports, record.interface)) {
    plan->steps.push_back(AddBridge(record));
  }
  if (HasAddress(nic, record.address)) {
    plan->steps.push_back(
        Ip({"addr", "del", WithPrefix(record), "dev", record.interface}, true));
  }
  if (!nic->up) {
    plan->steps.push_back(Ip({"link", "set", record.interface, "up"}));
  }
  if (!HasAddress(bridge, record.address) || !bridge->up ||
      HasAddress(nic, record.address)) {
    AddAddress(record, kUnderlayBridge, &plan->steps);
  }
}

UnderlayRecord RecordOf(const NetworkInterface& interface,
                        const UnderlayFacts& facts) {
  UnderlayRecord record;
  record.interface = interface.name;
  record.address = facts.encap_ip;
  record.mac = interface.mac;
  for (const InterfaceAddress& address : interface.addresses) {
    if (address.ip == facts.encap_ip) {
      record.prefix_length = address.prefix_length;
    }
  }
  record.routes = facts.routes;
  return record;
}

UnderlayPlan PlanTake(const UnderlayFacts& facts) {
  UnderlayPlan plan;
  const NetworkInterface* interface =
      InterfaceWithAddress(facts.interfaces, facts.encap_ip);
  if (interface == nullptr) {
    plan.problem = absl::StrCat("no interface has the encapsulation address ",
                                facts.encap_ip);
    plan.remedy =
        absl::StrCat("configure ", facts.encap_ip,
                     " on an interface of this node, or name one that it "
                     "has: microovn cluster set-encap-ip ADDRESS");
    return plan;
  }
  if (Contains(*facts.bridges, interface->name)) {
    // The record was lost, or an operator has made the bridge.
    if (interface->name == kUnderlayBridge && facts.ports.size() == 1) {
      plan.remember = RecordOf(*interface, facts);
      plan.remember->interface = facts.ports.front();
    }
    return plan;
  }
  if (HasAddress(interface, facts.agent_ip) || interface->name == "lo") {
    plan.problem = absl::StrCat(
        "tunnels to other members do not work: packets are switched in "
        "userspace, and the encapsulation address ",
        facts.encap_ip, " is on ", interface->name,
        ", which also carries the agent's own address");
    plan.remedy =
        "give the member an encapsulation address on an interface of its own, "
        "with microovn cluster set-encap-ip ADDRESS, or use a kernel with the "
        "openvswitch module";
    return plan;
  }
  plan.remember = RecordOf(*interface, facts);
  PlanKeep(facts, *plan.remember, &plan);
  return plan;
}

// The record with another address of what was taken already: one that was added
// to the bridge, or to the interface below it.
std::optional<UnderlayRecord> MovedWithin(const UnderlayFacts& facts) {
  const NetworkInterface* holder =
      InterfaceWithAddress(facts.interfaces, facts.encap_ip);
  if (holder == nullptr || !facts.bridges.has_value() ||
      (holder->name != kUnderlayBridge &&
       holder->name != facts.record->interface)) {
    return std::nullopt;
  }
  UnderlayRecord moved = *facts.record;
  moved.address = facts.encap_ip;
  for (const InterfaceAddress& address : holder->addresses) {
    if (address.ip == facts.encap_ip) {
      moved.prefix_length = address.prefix_length;
    }
  }
  return moved;
}

absl::Status RunIpStep(CommandRunner* runner, const Step& step) {
  Command command;
  command.argv = step.words;
  command.timeout = absl::Seconds(5);
  const absl::Status status = RunForOutput(*runner, command).status();
  return step.optional ? absl::OkStatus() : status;
}

}  // namespace

UnderlayPlan PlanUnderlay(const UnderlayFacts& facts) {
  const bool other_address =
      facts.record.has_value() && facts.record->address != facts.encap_ip;
  if (facts.wanted && other_address) {
    UnderlayPlan plan;
    plan.remember = MovedWithin(facts);
    if (!plan.remember.has_value()) return PlanUndo(facts);
    PlanKeep(facts, *plan.remember, &plan);
    return plan;
  }
  if (!facts.wanted) {
    return facts.record.has_value() ? PlanUndo(facts) : UnderlayPlan();
  }
  // Bridges can be made only when the switch runs.
  if (!facts.bridges.has_value()) return UnderlayPlan();
  if (!facts.record.has_value()) return PlanTake(facts);
  UnderlayPlan plan;
  PlanKeep(facts, *facts.record, &plan);
  return plan;
}

UnderlayPlan ForeseeUnderlay(const std::string& datapath,
                             const std::string& encap_ip,
                             const std::string& agent_ip,
                             const std::vector<NetworkInterface>& interfaces) {
  UnderlayFacts facts;
  facts.wanted = datapath == "netdev";
  facts.encap_ip = encap_ip;
  facts.agent_ip = agent_ip;
  facts.interfaces = interfaces;
  facts.bridges.emplace();
  return PlanUnderlay(facts);
}

absl::StatusOr<UnderlayRecord> ParseUnderlayRecord(absl::string_view json) {
  ASSIGN_OR_RETURN(const nlohmann::json document,
                   ParseJson(json, "underlay.json"));
  UnderlayRecord record;
  record.interface = StringField(document, "interface");
  record.address = StringField(document, "address");
  record.prefix_length =
      static_cast<int>(IntegerField(document, "prefix_length"));
  record.mac = StringField(document, "mac");
  for (const nlohmann::json& entry : ArrayField(document, "routes")) {
    record.routes.push_back({StringField(entry, "destination"),
                             StringField(entry, "gateway"),
                             static_cast<int>(IntegerField(entry, "metric"))});
  }
  if (record.interface.empty() || record.address.empty() ||
      record.prefix_length <= 0 || record.prefix_length > 128) {
    return absl::DataLossError("underlay.json lacks an interface or address");
  }
  return record;
}

std::string FormatUnderlayRecord(const UnderlayRecord& record) {
  nlohmann::json routes = nlohmann::json::array();
  for (const NetworkRoute& route : record.routes) {
    routes.push_back({{"destination", route.destination},
                      {"gateway", route.gateway},
                      {"metric", route.metric}});
  }
  const nlohmann::json document = {{"interface", record.interface},
                                   {"address", record.address},
                                   {"prefix_length", record.prefix_length},
                                   {"mac", record.mac},
                                   {"routes", routes}};
  return absl::StrCat(document.dump(2), "\n");
}

Underlay::Underlay(UnderlayOptions options, SwitchDatabase switch_database,
                   CommandRunner* runner)
    : options_(std::move(options)),
      switch_(std::move(switch_database)),
      runner_(runner) {}

absl::StatusOr<std::optional<UnderlayRecord>> Underlay::ReadRecord() const {
  const absl::StatusOr<std::string> text = ReadFile(options_.record_file);
  if (absl::IsNotFound(text.status())) return std::optional<UnderlayRecord>();
  RETURN_IF_ERROR(text.status());
  ASSIGN_OR_RETURN(UnderlayRecord record, ParseUnderlayRecord(*text));
  return std::make_optional(std::move(record));
}

absl::StatusOr<UnderlayFacts> Underlay::Observe(bool wanted, bool switch_runs,
                                                std::string encap_ip,
                                                std::string agent_ip) const {
  UnderlayFacts facts;
  facts.wanted = wanted;
  facts.encap_ip = std::move(encap_ip);
  facts.agent_ip = std::move(agent_ip);
  ASSIGN_OR_RETURN(facts.record, ReadRecord());
  if (!wanted && !facts.record.has_value()) return facts;
  ASSIGN_OR_RETURN(facts.interfaces, options_.interfaces());
  const NetworkInterface* interface =
      InterfaceWithAddress(facts.interfaces, facts.encap_ip);
  if (interface != nullptr && !facts.record.has_value()) {
    ASSIGN_OR_RETURN(facts.routes, ReadRoutes(*runner_, interface->name));
  }
  if (!switch_runs) return facts;
  ASSIGN_OR_RETURN(facts.bridges, switch_.Bridges());
  if (Contains(*facts.bridges, kUnderlayBridge)) {
    ASSIGN_OR_RETURN(facts.ports, switch_.Ports(kUnderlayBridge));
  }
  return facts;
}

absl::Status Underlay::Execute(const UnderlayPlan& plan) const {
  if (plan.remember.has_value()) {
    RETURN_IF_ERROR(WriteFile(options_.record_file,
                              FormatUnderlayRecord(*plan.remember), 0600));
  }
  for (const Step& step : plan.steps) {
    RETURN_IF_ERROR(step.ovs ? switch_.RunAndWait(step.words).status()
                             : RunIpStep(runner_, step));
  }
  if (plan.forget && unlink(options_.record_file.c_str()) != 0 &&
      errno != ENOENT) {
    return ErrnoStatus(errno, "unlink", options_.record_file);
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
