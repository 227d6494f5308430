// SPDX-License-Identifier: Apache-2.0
// Clients: each has one operation open at a time, sends it to the member that
// probably leads or to any other, and gives up when that member crashes.
#include <utility>

#include "raft/proof/sim/sim_cluster.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kMillion = 1'000'000;
constexpr size_t kMaxFiller = 48;

}  // namespace

void SimCluster::OnClient(size_t client) {
  if (clients_stopped_) return;
  Schedule(1 + random_.Uniform(2 * options_.client_pause), Kind::kClient,
           client, 0, 0);
  if (client_operation_[client] != 0) {
    // Clients lose patience: the operation stays undecided.
    if (random_.Uniform(32) == 0) Close(client_operation_[client]);
    return;
  }
  size_t slot = random_.Uniform(members_.size());
  if (likely_leader_.has_value() && random_.Uniform(5) != 0) {
    slot = *likely_leader_;
  }
  if (!members_[slot].up() || members_[slot].paused_until > now_) return;

  const uint64_t operation = history_.Invoke();
  ClientOperation open;
  open.client = client;
  open.member = slot;
  open.read = random_.Uniform(kMillion) < options_.read_chance;
  open.open = true;
  open.key = static_cast<size_t>(random_.Uniform(kRegisters));
  operations_.push_back(open);
  registers_.Invoke(client, open.key, open.read);
  client_operation_[client] = operation;
  if (open.read) {
    Give(slot, ReadRequest{RequestId(operation)});
    return;
  }
  Propose propose;
  propose.proposals.push_back(
      {RequestId(operation),
       Payload(
           EncodeCommand({operation, open.key}, random_.Uniform(kMaxFiller)))});
  Give(slot, std::move(propose));
}

void SimCluster::HandleAnswers(size_t slot, const Output& output) {
  SimMember& member = members_[slot];
  for (const Accepted& accepted : output.accepted) {
    ClientOperation* open = Find(accepted.id);
    if (open == nullptr) continue;
    // Another entry was here, whose leader lost it: that write did not happen.
    const auto old = member.writes.find(accepted.index);
    if (old != member.writes.end()) Close(old->second.operation);
    member.writes[accepted.index] = {accepted.id.value(), open->client,
                                     accepted.term};
  }
  for (const Refused& refused : output.refused) {
    ClientOperation* open = Find(refused.id);
    if (open == nullptr) continue;
    if (!open->read) Fail(history_.Refuse(refused.id.value()));
    registers_.Refuse(refused.id.value());
    Close(refused.id.value());
  }
  for (const ReadReady& read : output.reads) {
    const ClientOperation* open = Find(read.id);
    if (open == nullptr) continue;
    member.reads.push_back({read.id.value(), open->client, read.index});
  }
  if (!output.reads.empty()) CompleteReads(slot);
}

void SimCluster::CompleteReads(size_t slot) {
  SimMember& member = members_[slot];
  std::vector<WaitingRead> still_waiting;
  for (const WaitingRead& read : member.reads) {
    const ClientOperation& operation = operations_[read.operation - 1];
    if (!operation.open) continue;
    if (read.index > member.state.applied()) {
      still_waiting.push_back(read);
      continue;
    }
    // Until it is noticed, a wrong state is what its clients read.
    const LogIndex applied = member.state.applied();
    const uint64_t hash =
        member.wrong ? history_.HashAt(applied) : member.state.hash();
    Fail(history_.CompleteRead(read.operation, applied, hash));
    registers_.CompleteRead(read.operation, member.state.value(operation.key));
    Close(read.operation);
  }
  member.reads = std::move(still_waiting);
}

void SimCluster::Close(uint64_t operation) {
  ClientOperation& closing = operations_[operation - 1];
  closing.open = false;
  if (client_operation_[closing.client] == operation) {
    client_operation_[closing.client] = 0;
  }
}

void SimCluster::Abandon(SimMember& member) {
  for (const auto& [index, write] : member.writes) Close(write.operation);
  for (const WaitingRead& read : member.reads) Close(read.operation);
  member.writes.clear();
  member.reads.clear();
}

SimCluster::ClientOperation* SimCluster::Find(RequestId id) {
  if (id.value() == 0 || id.value() > operations_.size()) return nullptr;
  return &operations_[id.value() - 1];
}

}  // namespace microovn::raft
