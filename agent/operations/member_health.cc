// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/member_health.h"

#include <utility>

#include "agent/state/values/config_keys.h"

namespace microovn::agent {

absl::Duration DownAfter(const ClusterState& state) {
  return absl::Seconds(ConfigNumber(state, kConfigVoterTimeout));
}

void MemberHealth::Observe(const RaftView& view, absl::Duration now,
                           absl::Duration down_after) {
  std::map<std::string, Peer> observed;
  if (view.leading) {
    for (const auto& [id, contact] : view.peers) {
      const bool heard = contact.last_contact_ago.has_value() &&
                         *contact.last_contact_ago < kContact;
      const auto known = peers_.find(id);
      Peer peer =
          known == peers_.end() ? Peer{heard, now, false} : known->second;
      if (heard != peer.contact) {
        peer.contact = heard;
        peer.since = now;
      }
      // Contact is lost when it has been silent for kContact already.
      if (!heard && now - peer.since + kContact >= down_after) peer.down = true;
      if (heard && now - peer.since >= kUpAfter) peer.down = false;
      observed.emplace(id, peer);
    }
  }
  self_id_ = view.leading ? view.self_id : "";
  peers_ = std::move(observed);
}

bool MemberHealth::InContact(const std::string& member_id) const {
  if (member_id == self_id_) return true;
  const auto it = peers_.find(member_id);
  return it != peers_.end() && it->second.contact;
}

absl::Duration MemberHealth::SilentFor(const std::string& member_id,
                                       absl::Duration now) const {
  if (InContact(member_id)) return absl::ZeroDuration();
  const auto it = peers_.find(member_id);
  if (it == peers_.end()) return absl::Nanoseconds(1);
  return now - it->second.since + kContact;
}

bool MemberHealth::Down(const std::string& member_id) const {
  const auto it = peers_.find(member_id);
  return it != peers_.end() && it->second.down;
}

}  // namespace microovn::agent
