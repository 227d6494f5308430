// Tells the cluster that an admitted member does not come after all, so that
// its token is good again at once and not at the join's deadline.
#ifndef MICROOVN_AGENT_MEMBER_WITHDRAWAL_H_
#define MICROOVN_AGENT_MEMBER_WITHDRAWAL_H_

#include "absl/status/status.h"
#include "agent/member/joining.h"

namespace microovn::agent {

// Best effort: without an answer the cluster takes the member back by itself.
void WithdrawJoin(const Admission& admission, const absl::Status& why);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_WITHDRAWAL_H_
