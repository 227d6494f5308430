// SPDX-License-Identifier: Apache-2.0
// What OVN's daemons, Open vSwitch's tools and `ip` print, and what we keep of
// it. The first byte picks the parser.
#include "agent/ovn/chassis.h"
#include "agent/ovn/connections.h"
#include "agent/ovn/network_facts.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "agent/ovn/underlay.h"
#include "agent/ovn/versions.h"
#include "base/testing/fuzz_target.h"

namespace microovn {
namespace {

constexpr char kClusterStatus[] =
    "cfca7\n"
    "Name: OVN_Northbound\n"
    "Cluster ID: cc33 (cc330789-a3b4-4ed2-8282-23973489852c)\n"
    "Server ID: fca7 (fca7830e-2e12-47b3-ac99-60a777ca0359)\n"
    "Address: ssl:10.0.0.1:6643\n"
    "Status: cluster member\n"
    "Role: leader\n"
    "Term: 3\n"
    "Leader: self\n"
    "Vote: self\n"
    "\n"
    "Election timer: 1000 (changing to 2000)\n"
    "Log: [2, 16]\n"
    "Entries not yet committed: 0\n"
    "Entries not yet applied: 0\n"
    "Connections: ->0000 (->43db) <-43db (<-92c3)\n"
    "Disconnections: 1\n"
    "Servers:\n"
    "    fca7 (fca7 at ssl:10.0.0.1:6643) (self) next_index=2 match_index=4\n"
    "    43db (43db at ssl:[fd00::1]:6643) next_index=5 match_index=4 last msg "
    "22 ms ago\n";

constexpr char kExternalIds[] =
    R"(x{"data":[[["map",[["hostname","node1"],["ovn-remote","ssl:a:1"]]]]],)"
    R"("headings":["external_ids"]})";

constexpr char kInterfaces[] =
    R"(i[{"ifname":"eth0","flags":["UP"],"address":"52:54:00:00:00:01",)"
    R"("addr_info":[{"family":"inet","local":"10.0.0.1","prefixlen":24}]}])";

constexpr char kRoutes[] =
    R"(r[{"dst":"default","gateway":"10.0.0.254","metric":100}])";

void CheckClusterStatus(absl::string_view text) {
  const auto status = agent::ParseOvsdbClusterStatus(text);
  if (!status.ok()) return;
  FuzzCheck(!status->database.empty() && !status->server_id.empty() &&
                !status->status.empty(),
            "a status names its database and its server");
  FuzzCheck(!status->serving() || !status->leader.empty(),
            "who serves knows a leader");
  for (const agent::OvsdbServer& server : status->servers) {
    (void)agent::HostOfOvsdbAddress(server.address);
  }
}

void CheckUnderlayRecord(absl::string_view text) {
  const auto record = agent::ParseUnderlayRecord(text);
  if (!record.ok()) return;
  const auto again =
      agent::ParseUnderlayRecord(agent::FormatUnderlayRecord(*record));
  FuzzCheck(again.ok() && again->interface == record->interface &&
                again->address == record->address &&
                again->prefix_length == record->prefix_length &&
                again->mac == record->mac && again->routes == record->routes,
            "a record says the same again");
}

void CheckAddresses(absl::string_view text) {
  const auto ips = agent::ParseCentralIps(text);
  if (!ips.ok()) return;
  FuzzCheck(!ips->empty(), "a list has an item");
  for (const std::string& ip : *ips) {
    FuzzCheck(
        ip.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos,
        "only an address is an address");
    FuzzCheck(agent::HostOfOvsdbAddress(agent::SslAddress(ip, 6641)) == ip,
              "an address comes back out of a connection");
  }
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  agent::UnderlayRecord record;
  record.interface = "eth1";
  record.address = "10.1.0.1";
  record.prefix_length = 24;
  record.routes = {{"default", "10.1.0.254", 100}};
  return {kClusterStatus,
          kExternalIds,
          kInterfaces,
          kRoutes,
          "vovn-controller 23.03.1\nOpen vSwitch Library 3.1.0\n",
          "p10.0.0.1,fd00::1",
          "u" + agent::FormatUnderlayRecord(record)};
}

void FuzzOne(absl::string_view input) {
  if (input.empty()) return;
  const absl::string_view text = input.substr(1);
  switch (input[0]) {
    case 'c':
      return CheckClusterStatus(text);
    case 'u':
      return CheckUnderlayRecord(text);
    case 'p':
      return CheckAddresses(text);
    case 'x':
      (void)agent::ParseExternalIds(text);
      return;
    case 'i':
      (void)agent::ParseBridges(text);
      (void)agent::ParsePorts("br-int", text);
      return;
    case 'r':
      (void)agent::ParseRoutes(text);
      return;
    case 'v':
      (void)agent::ParseVersion(text);
      return;
    default:
      return;
  }
}

}  // namespace microovn
