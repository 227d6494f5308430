// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/testing/fake_raft_control.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/state/apply.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/result.h"

namespace microovn::agent {
namespace {

std::vector<std::string> NamesOf(const ClusterState& state,
                                 const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids) names.push_back(NameOfMember(state, id));
  return names;
}

}  // namespace

FakeRaftControl::FakeRaftControl(const ClusterState& state, StateStore* store,
                                 const Clock* clock)
    : state_(state), store_(store), clock_(clock), cluster_clock_(clock) {
  const auto members = MembersInOrder(state_);
  view_.self_id = members.front()->member_id();
  view_.configuration_index = 1;
  view_.configuration_committed = true;
  for (const statepb::Member* member : members) {
    const std::string& id = member->member_id();
    (id == view_.self_id ? view_.voters : view_.learners).push_back(id);
    view_.peers[id].last_contact_ago = absl::ZeroDuration();
  }
  Publish();
}

bool FakeRaftControl::Spend() {
  ++tried_;
  if (!leading_) return false;
  if (actions_left_ == 0) leading_ = false;
  if (actions_left_ > 0) --actions_left_;
  return leading_;
}

void FakeRaftControl::Publish() {
  store_->Publish(std::make_shared<const ClusterState>(state_));
}

void FakeRaftControl::Apply(const statepb::Command& command) {
  MustApply(state_, command);
  Publish();
}

absl::StatusOr<statepb::Result> FakeRaftControl::Propose(
    const statepb::Command& command) {
  if (!Spend()) return absl::UnavailableError("there is no leader");
  statepb::Command stamped = command;
  stamped.set_format(kCommandFormat);
  stamped.set_time_seconds(absl::ToUnixSeconds(clock_->Now()));
  stamped.set_clock_seconds(cluster_clock_.Seconds(state_));
  statepb::Result result = agent::Apply(state_, stamped);
  Publish();
  if (result.code() != 0) {
    ++refused_;
    return StatusOfResult(result);
  }
  admitted_.push_back(stamped.body_case());
  return result;
}

absl::Status FakeRaftControl::ChangeMembership(
    const MembershipTarget& target, uint64_t expected_configuration) {
  if (!Spend()) return absl::UnavailableError("there is no leader");
  if (expected_configuration != view_.configuration_index) {
    return absl::AbortedError("the configuration has changed");
  }
  view_.voters = target.voters;
  view_.learners = target.learners;
  ++view_.configuration_index;
  for (const std::string& id : target.learners) {
    if (view_.peers.count(id) == 0) {
      view_.peers[id].last_contact_ago = absl::ZeroDuration();
    }
  }
  return absl::OkStatus();
}

absl::Status FakeRaftControl::Transfer(const std::string& member_id) {
  if (!Spend()) return absl::UnavailableError("there is no leader");
  view_.self_id = member_id;
  return absl::OkStatus();
}

RaftView FakeRaftControl::View() const {
  RaftView view = view_;
  view.leading = leading_;
  view.peers.erase(view.self_id);
  return view;
}

void FakeRaftControl::Lead(absl::string_view name) {
  view_.self_id = TestId(name);
  leading_ = true;
  actions_left_ = -1;
}

void FakeRaftControl::SetVoters(const std::vector<std::string>& names) {
  view_.voters.clear();
  view_.learners.clear();
  for (const std::string& name : names) view_.voters.push_back(TestId(name));
  for (const statepb::Member* member : MembersInOrder(state_)) {
    const std::string& id = member->member_id();
    if (std::count(view_.voters.begin(), view_.voters.end(), id) == 0) {
      view_.learners.push_back(id);
    }
  }
}

void FakeRaftControl::SetSilent(absl::string_view name, bool silent) {
  view_.peers[TestId(name)].last_contact_ago =
      silent ? absl::Hours(1) : absl::ZeroDuration();
}

void FakeRaftControl::SetLag(absl::string_view name, uint64_t lag) {
  view_.peers[TestId(name)].lag = lag;
}

std::vector<std::string> FakeRaftControl::Voters() const {
  return NamesOf(state_, view_.voters);
}

std::vector<std::string> FakeRaftControl::Learners() const {
  return NamesOf(state_, view_.learners);
}

absl::Status FakeCaSealer::Reseal(const std::vector<std::string>& member_ids) {
  if (!failure.ok()) return failure;
  const ClusterState state = raft_->state();
  for (const auto& [key, authority] : state.authorities.records()) {
    statepb::Command command;
    statepb::SetAuthority* body = command.mutable_set_authority();
    *body->mutable_authority() = *authority;
    body->mutable_authority()->clear_sealed_for();
    for (const std::string& id : member_ids) {
      body->mutable_authority()->add_sealed_for(id);
    }
    body->set_expected_generation(authority->generation());
    *body->mutable_expected_sealed_for() = authority->sealed_for();
    const auto result = raft_->Propose(command);
    if (!result.ok()) return result.status();
  }
  return absl::OkStatus();
}

void FakeRaftControl::Put(const statepb::Authority& authority) {
  state_.authorities.Put(AuthorityKey(authority.plane()), authority);
  Publish();
}

absl::StatusOr<statepb::Authority> FakeCaSealer::MakeSuccessor(
    const ClusterState& state, statepb::Plane plane) {
  if (!failure.ok()) return failure;
  statepb::Authority successor;
  successor.set_plane(plane);
  successor.set_certificate_pem(TestCertificatePem(absl::StrCat("ca", ++made)));
  successor.set_sealed_key("sealed");
  *successor.mutable_sealed_for() =
      state.authorities.Find(AuthorityKey(plane))->sealed_for();
  return successor;
}

absl::StatusOr<std::string> FakeCaSealer::CrossCertify(const ClusterState&) {
  if (!failure.ok()) return failure;
  return TestCertificatePem("cross");
}

}  // namespace microovn::agent
