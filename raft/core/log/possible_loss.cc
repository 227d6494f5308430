// SPDX-License-Identifier: Apache-2.0
#include "raft/core/log/possible_loss.h"

namespace microovn::raft {

LogPosition EndOf(const Recovered& recovered) {
  if (recovered.entries.empty()) {
    return {recovered.base.index, recovered.base.term};
  }
  const Entry& entry = recovered.entries.back();
  return {entry.index, entry.term};
}

PossibleLoss LossOf(const Recovered& recovered, const Quarantine& lost) {
  const LogPosition end = EndOf(recovered);
  // A leader of a later term has brought it past all that it acknowledged; see
  // quarantine.cc, part 2.
  if (end.term > lost.last.term) return {end.index.Next(), end.index};
  // Logs that end in the same term are one the beginning of the other. Across
  // terms a truncation may be among what was lost, so that any entry that is
  // not applied can be another's by now.
  const LogIndex kept =
      end.term == lost.last.term ? end.index : recovered.applied;
  return {kept.Next(), lost.last.index};
}

HardState HardStateWithout(const HardState& stored, const Quarantine& lost) {
  if (stored.term > lost.term) return stored;
  return {lost.term.Next(), MemberId()};
}

}  // namespace microovn::raft
