// What the functions of apply_*.cc share while one command is applied: the
// state, the two times, and the recording of events. They validate first and
// change the state only when nothing can be refused any more.
//
// Lives for one call of Apply.
#ifndef MICROOVN_AGENT_STATE_APPLY_APPLY_CONTEXT_H_
#define MICROOVN_AGENT_STATE_APPLY_APPLY_CONTEXT_H_

#include <cstdint>

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
  ApplyContext(ClusterState* state, int64_t now, int64_t clock)
      : state_(state), now_(now), clock_(clock) {}

  ClusterState& state() { return *state_; }
  // The leader's wall clock in seconds: a label, nothing is decided by it.
  int64_t now() const { return now_; }
  // Seconds of the cluster's clock.
  int64_t clock() const { return clock_; }

  // An event for people, who read what agent/api/words.h makes of it; raises
  // the revision.
  void Record(absl::string_view type, absl::string_view resource,
              const Arguments& arguments);
  // An event after which members have something else to do.
  void RecordDesired(absl::string_view type, absl::string_view resource,
                     const Arguments& arguments);

 private:
  ClusterState* const state_;
  const int64_t now_;
  const int64_t clock_;
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
using Certificates =
    google::protobuf::RepeatedPtrField<statepb::IssuedCertificate>;
// `member_id` may be empty for certificates of several members.
absl::Status CheckIssued(const Certificates& certificates,
                         absl::string_view member_id);
void RecordIssued(ApplyContext& context, const Certificates& certificates);
void ForgetCertificates(ApplyContext& context, absl::string_view member_id);

// apply_config.cc
Applied ApplySetConfig(ApplyContext& context, const statepb::SetConfig& body);
Applied ApplyDeleteConfig(ApplyContext& context,
                          const statepb::DeleteConfig& body);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_APPLY_APPLY_CONTEXT_H_
