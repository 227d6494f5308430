// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/member_view.h"

#include <utility>

#include "absl/status/statusor.h"
#include "base/text/host_port.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

// `text` in the one form in which the state has addresses: two texts of one
// address would be two addresses.
bool IsCanonical(const std::string& text) {
  const absl::StatusOr<HostPort> address = ParseHostPort(text);
  return address.ok() && FormatHostPort(*address) == text;
}

bool IsCanonicalIp(const std::string& text) {
  const absl::StatusOr<std::string> ip = ParseIpAddress(text);
  return ip.ok() && *ip == text;
}

}  // namespace

absl::string_view UnreadableField(const statepb::Member& member) {
  if (!pki::IsMemberName(member.name())) return "name";
  if (!IsCanonical(member.address())) return "address";
  const bool readable =
      member.encap_ip().empty() || IsCanonicalIp(member.encap_ip());
  return readable ? "" : "encap-ip";
}

pki::MemberName MemberNameOf(const statepb::Member& member) {
  absl::StatusOr<pki::MemberName> name = pki::MemberName::Parse(member.name());
  CHECK(name.ok()) << name.status();
  return *std::move(name);
}

HostPort AddressOf(const statepb::Member& member) {
  return member.address().empty() ? HostPort()
                                  : MustParseHostPort(member.address());
}

std::string EncapIpOf(const statepb::Member& member) {
  return member.encap_ip().empty() ? AddressOf(member).host : member.encap_ip();
}

std::optional<HostPort> AddressOf(const statepb::Tombstone& tombstone) {
  if (tombstone.address().empty()) return std::nullopt;
  return MustParseHostPort(tombstone.address());
}

const statepb::Member* FindMemberByAddress(const ClusterState& state,
                                           const HostPort& address) {
  const std::string text = FormatHostPort(address);
  for (const auto& [id, member] : state.members.records()) {
    if (member->address() == text) return member.get();
  }
  return nullptr;
}

}  // namespace microovn::agent
