// SPDX-License-Identifier: Apache-2.0
// The state machine of the whole-node simulation: keys and values, and client
// sessions that make a repeated command happen once. Keeps in memory what the
// storage holds, as a real one does. Thread-compatible.
#ifndef MICROOVN_RAFT_PROOF_NODESIM_KV_MACHINE_H_
#define MICROOVN_RAFT_PROOF_NODESIM_KV_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/values/types.h"
#include "raft/node/apply/state_machine.h"
#include "raft/storage/record/record.h"

namespace microovn::raft {

struct KvCommand {
  uint64_t operation = 0;  // what the history calls it
  uint64_t session = 0;
  uint64_t sequence = 0;  // within the session, from 1 on
  uint64_t key = 0;
  bool removes = false;
  size_t filler = 0;
};

std::string EncodeKvCommand(const KvCommand& command);
KvCommand DecodeKvCommand(absl::string_view bytes);

class KvMachine final : public StateMachine {
 public:
  // The result is the index at which the command took effect: an earlier one
  // when it was a repetition.
  Applied Apply(LogIndex index, absl::string_view command) override;
  absl::Status Load(LogIndex applied, std::vector<Record> records) override;
  void Publish(LogIndex applied) override { published_ = applied; }

  LogIndex published() const { return published_; }
  // Of all records; equal for equal states.
  uint64_t digest() const { return digest_; }
  // The last command of the session that took effect.
  uint64_t LastSequence(uint64_t session) const;

 private:
  void Set(const Mutation& mutation);

  std::map<std::string, std::string> records_;
  uint64_t digest_ = 0;
  LogIndex published_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_NODESIM_KV_MACHINE_H_
