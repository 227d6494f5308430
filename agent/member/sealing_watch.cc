// SPDX-License-Identifier: Apache-2.0
#include "agent/member/sealing_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/features.h"
#include "base/status/error.h"
#include "glog/logging.h"
#include "pki/sealing/key_custody.h"
#include "pki/sealing/sealed_key.h"

namespace microovn::agent {
namespace {

constexpr size_t kRemembered = 12;

// Each CA's key, that of the other one while it is rotated, and one that waits
// for its certificate.
std::vector<const statepb::Authority*> KeysIn(const ClusterState& state) {
  std::vector<const statepb::Authority*> keys;
  for (const auto& [name, authority] : state.authorities.records()) {
    keys.push_back(authority.get());
    if (!AllowsCommand(state, statepb::Command::kRequestAuthority)) continue;
    if (authority->has_other()) keys.push_back(&authority->other());
    if (authority->has_requested()) keys.push_back(&authority->requested());
  }
  return keys;
}

}  // namespace

SealingWatch::SealingWatch(Parts parts) : parts_(std::move(parts)) { Load(); }

void SealingWatch::Load() {
  absl::StatusOr<pki::SealingKey> loaded = parts_.load();
  next_load_ = parts_.clock->Monotonic() + kPeriod;
  MutexLock lock(&mu_);
  if (!loaded.ok()) {
    LOG_IF(ERROR, problem_ != loaded.status())
        << "this node opens no CA key: " << loaded.status().message();
    problem_ = loaded.status();
    return;
  }
  key_.emplace(*std::move(loaded));
  problem_ = key_->unmet();
  LOG_IF(WARNING, !problem_.ok()) << problem_.message();
  LOG(INFO) << "the sealing key is kept by: "
            << pki::CustodyText(key_->custody());
  parts_.issuer->UseSealingKey(&*key_);
}

bool SealingWatch::Step() {
  const pki::SealingKey* key = nullptr;
  {
    MutexLock lock(&mu_);
    if (key_.has_value()) key = &*key_;
  }
  if (key == nullptr) {
    if (parts_.clock->Monotonic() < next_load_) return false;
    Load();
    return Facts().out_of_reach == false;
  }
  const StateSnapshot state = parts_.state->Current();
  if (!IsNews(*state, *key)) return false;
  const absl::Status told = Announce(*state, *key);
  const std::string failure = told.ok() ? "" : std::string(told.message());
  LOG_IF(WARNING, !failure.empty() && failure != last_failure_)
      << "the cluster does not know this node's sealing key yet: " << failure;
  last_failure_ = failure;
  // Not at once again: it may stay refused, and each change of the state wakes.
  return false;
}

bool SealingWatch::IsNews(const ClusterState& state,
                          const pki::SealingKey& key) {
  const statepb::Member* self = state.members.Find(parts_.self_id);
  if (self == nullptr || self->state() != statepb::Member::STATE_ACTIVE ||
      !AllowsCommand(state, statepb::Command::kSetSealingCertificate)) {
    return false;
  }
  bool news = self->sealing_certificate_pem() != key.certificate().ToPem();
  for (const statepb::Authority* authority : KeysIn(state)) {
    const auto& holders = authority->sealed_for();
    const bool listed = std::find(holders.begin(), holders.end(),
                                  parts_.self_id) != holders.end();
    // A wrap that is no longer for this member is not looked at, but one that
    // nobody else can open any more is.
    if (!listed && !holders.empty() && !news) continue;
    news = news || listed != Opens(*authority, key);
  }
  return news;
}

bool SealingWatch::Opens(const statepb::Authority& authority,
                         const pki::SealingKey& key) {
  const auto known = tried_.find(authority.sealed_key());
  if (known != tried_.end()) return known->second;
  // Those that are in the state are few.
  if (tried_.size() > kRemembered) tried_.clear();
  const auto sealed = pki::SealedKey::FromDer(authority.sealed_key());
  const bool opened = sealed.ok() && sealed->Open(key).ok();
  tried_[authority.sealed_key()] = opened;
  return opened;
}

absl::Status SealingWatch::Announce(const ClusterState& state,
                                    const pki::SealingKey& key) {
  statepb::Command command;
  statepb::SetSealingCertificate* body =
      command.mutable_set_sealing_certificate();
  body->set_member_id(parts_.self_id);
  body->set_sealing_certificate_pem(key.certificate().ToPem());
  for (const statepb::Authority* authority : KeysIn(state)) {
    if (Opens(*authority, key)) body->add_opened(authority->sealed_key());
  }
  return parts_.propose(std::move(command));
}

SealingFacts SealingWatch::Facts() const {
  MutexLock lock(&mu_);
  if (!key_.has_value()) return {"out of reach", true};
  return {std::string(pki::CustodyText(key_->custody())), false};
}

std::optional<v1::Finding> SealingWatch::Finding() const {
  MutexLock lock(&mu_);
  if (problem_.ok()) return std::nullopt;
  v1::Finding finding;
  finding.set_reason(key_.has_value() ? "SEALING_MEANS_NOT_AVAILABLE"
                                      : "SEALING_KEY_OUT_OF_REACH");
  finding.set_severity(v1::SEVERITY_WARNING);
  finding.set_message(std::string(problem_.message()));
  finding.set_remedy(DetailOf(problem_).remedy);
  return finding;
}

}  // namespace microovn::agent
