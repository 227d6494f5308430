// SPDX-License-Identifier: Apache-2.0
#include "ctl/testing/fake_member.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/version.h"
#include "ctl/testing/fake_node.h"

namespace microovn::ctl {
namespace {

constexpr char kNames[][8] = {"node10", "node1", "node2"};

}  // namespace

v1::Member MakeMember(const Scenario& scenario, int index) {
  v1::Member member;
  const std::string name = scenario.members == 1 ? "node1" : kNames[index];
  const std::string number = name.substr(4);
  member.set_name(absl::StrCat("members/", name));
  member.set_member_id(std::string(32, number[0]));
  member.set_address(absl::StrCat("10.0.0.", number, ":6686"));
  member.set_encap_ip(absl::StrCat("10.1.0.", number));
  member.set_role(v1::Member::ROLE_VOTER);
  member.set_leader(name == "node1");
  member.set_status(v1::Member::STATUS_ONLINE);
  for (auto service :
       {v1::SERVICE_SWITCH, v1::SERVICE_CENTRAL, v1::SERVICE_CHASSIS}) {
    member.add_services(service);
  }
  member.set_certificate_pem("-----BEGIN CERTIFICATE-----\nQUJD\n");
  member.set_fingerprint(absl::StrCat(number, "0ffee"));
  member.set_version(kVersion);
  member.set_lag(0);
  SetTime(FakeNow() - absl::Seconds(1), member.mutable_last_seen());
  if (scenario.workers && !member.leader()) {
    member.set_role(v1::Member::ROLE_STAND_BY);
    member.set_worker(name == "node10");
  }
  if (member.worker()) {
    member.clear_services();
    member.add_services(v1::SERVICE_CHASSIS);
    member.add_services(v1::SERVICE_SWITCH);
  }
  if (scenario.sick && name == "node10") {
    member.set_status(v1::Member::STATUS_UNREACHABLE);
    member.set_status_detail("connection refused");
    member.set_lag(8214);
    SetTime(FakeNow() - absl::Minutes(6), member.mutable_last_seen());
  }
  return member;
}

}  // namespace microovn::ctl
