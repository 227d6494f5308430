// SPDX-License-Identifier: Apache-2.0
// What the functions of apply_*.cc share while one command is applied: the
// state, the two times, and the recording of events. They validate first and
// change the state only when nothing can be refused any more.
//
// Lives for one call of Apply.
#ifndef MICROOVN_AGENT_STATE_APPLY_APPLY_CONTEXT_H_
#define MICROOVN_AGENT_STATE_APPLY_APPLY_CONTEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/state/values/arguments.h"
#include "agent/state/values/cluster_state.h"
#include "google/protobuf/repeated_field.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

class ApplyContext {
 public:
  // `command`, borrowed: who asked, and who passed it on.
  ApplyContext(ClusterState* state, int64_t now, int64_t clock,
               const statepb::Command& command = {});

  ClusterState& state() { return *state_; }
  // The leader's wall clock in seconds: a label, nothing is decided by it.
  int64_t now() const { return now_; }
  // Seconds of the cluster's clock.
  int64_t clock() const { return clock_; }
  // The member that passed the command to the leader; empty: the leader's own.
  const std::string& passed_by() const { return passed_by_; }

  // An event for people, who read what agent/api/words.h makes of it; raises
  // the revision.
  void Record(absl::string_view type, absl::string_view resource,
              const Arguments& arguments);
  // The same for what may happen again and again, `times` times since it was
  // told last: see event_history.h. Nothing while an older agent is a member.
  void RecordRepeated(absl::string_view type, absl::string_view resource,
                      const Arguments& arguments, uint32_t times = 1);
  // An event after which members have something else to do.
  void RecordDesired(absl::string_view type, absl::string_view resource,
                     const Arguments& arguments);

 private:
  // Whether every member knows of askers and repeated events.
  bool TellsAll() const;
  // The next event; raises the revision.
  statepb::Event Next(absl::string_view type, absl::string_view resource,
                      const Arguments& arguments);

  ClusterState* const state_;
  const int64_t now_;
  const int64_t clock_;
  const std::string passed_by_;
  // Founds a cluster that has no older agents.
  const bool founds_;
  const statepb::EventAsker asker_;
};

using Applied = absl::StatusOr<statepb::Result>;

// apply_members.cc
Applied ApplyBootstrap(ApplyContext& context, const statepb::Bootstrap& body);
Applied ApplyAdmit(ApplyContext& context, const statepb::AdmitMember& body);
Applied ApplyConfirm(ApplyContext& context, const statepb::ConfirmMember& body);
Applied ApplyTakeBack(ApplyContext& context,
                      const statepb::TakeBackMember& body);
Applied ApplyWithdraw(ApplyContext& context,
                      const statepb::WithdrawMember& body);
Applied ApplyRemove(ApplyContext& context, const statepb::RemoveMember& body);
Applied ApplyRenew(ApplyContext& context, const statepb::RenewMember& body);
Applied ApplySealingCertificate(ApplyContext& context,
                                const statepb::SetSealingCertificate& body);

// apply_addresses.cc
Applied ApplySetEncapIp(ApplyContext& context, const statepb::SetEncapIp& body);

// apply_observation.cc
Applied ApplyObserve(ApplyContext& context,
                     const statepb::ObserveCluster& body);

// apply_recovery.cc
Applied ApplyRecovery(ApplyContext& context,
                      const statepb::RecordRecovery& body);

// After any change of who is a member or what members support.
void SettleFeatures(ApplyContext& context);

// apply_tokens.cc
Applied ApplyCreateToken(ApplyContext& context,
                         const statepb::CreateToken& body);
Applied ApplyDeleteToken(ApplyContext& context,
                         const statepb::DeleteToken& body);
Applied ApplyTokenFailure(ApplyContext& context,
                          const statepb::CountTokenFailure& body);
// The token that lets `name` in now, or why there is none.
absl::StatusOr<statepb::JoinToken> UsableToken(const ClusterState& state,
                                               int64_t clock,
                                               absl::string_view token_id,
                                               absl::string_view name);

// apply_services.cc
Applied ApplySetServices(ApplyContext& context,
                         const statepb::SetMemberServices& body);
Applied ApplyReport(ApplyContext& context, const statepb::ReportMember& body);
// What a joiner gets that asks for the defaults.
void AddDefaultServices(const ClusterState& state, statepb::Member* member);
// Places of centrals that were removed, for others to take: one more, and one
// less. Nothing happens before all members count them.
void VacateCentralPlace(ClusterState& state);
void TakeCentralPlace(ClusterState& state);
// The services of a member change: the record, its event and the databases.
// `member` is a copy of the record that this replaces.
void ChangeServices(ApplyContext& context, const statepb::Member& member,
                    const google::protobuf::RepeatedField<int>& services);

// apply_databases.cc
Applied ApplyPutOut(ApplyContext& context, const statepb::PutOutMember& body);
// After any change of who should have central: who makes the databases, and
// their end when nobody is left.
void SettleDatabases(ApplyContext& context);
// Forgets databases that are given up with their last holder.
void EndDatabases(ApplyContext& context);
// What a member that is wanted as central says about them.
void NoteJoinedDatabases(ApplyContext& context, const statepb::Member& member,
                         const statepb::ReportMember& body);

// apply_certificates.cc
Applied ApplyRecordCertificates(ApplyContext& context,
                                const statepb::RecordCertificates& body);
Applied ApplySetAuthority(ApplyContext& context,
                          const statepb::SetAuthority& body);

// apply_rotation.cc; of the authority's plane, which is known and in no
// rotation.
void BeginRotation(ApplyContext& context, const std::string& operation_id,
                   const statepb::Authority& successor);
// Returns to the CA before it, or says why it is too late.
absl::Status UndoRotation(ApplyContext& context, statepb::Plane plane,
                          const std::string& operation_id);
Applied ApplyAdvanceRotation(ApplyContext& context,
                             const statepb::AdvanceRotation& body);
// After any report and any change of who is a member: forgets the CA that was
// retired last once nobody shows a certificate of it any more.
void SettleRetiredAuthority(ApplyContext& context);
// A key whose certificate a user's CA signs.
Applied ApplyRequestAuthority(ApplyContext& context,
                              const statepb::RequestAuthority& body);
// The leader is to begin one, for what `member_name` may know.
void CallForRotation(ApplyContext& context, statepb::Plane plane,
                     const std::string& member_name);

using Certificates =
    google::protobuf::RepeatedPtrField<statepb::IssuedCertificate>;
// `member_id` may be empty for certificates of several members.
absl::Status CheckIssued(const Certificates& certificates,
                         absl::string_view member_id);
void RecordIssued(ApplyContext& context, const Certificates& certificates);
void ForgetCertificates(ApplyContext& context, absl::string_view member_id);

// apply_users.cc
Applied ApplyAddUser(ApplyContext& context, const statepb::AddUser& body);
Applied ApplyRevokeUser(ApplyContext& context, const statepb::RevokeUser& body);

// apply_config.cc
Applied ApplySetConfig(ApplyContext& context, const statepb::SetConfig& body);
Applied ApplyDeleteConfig(ApplyContext& context,
                          const statepb::DeleteConfig& body);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_APPLY_APPLY_CONTEXT_H_
