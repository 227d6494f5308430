// SPDX-License-Identifier: Apache-2.0
// Clients: each has a session and one operation open at a time. A write whose
// outcome is unknown is sent again, to any member, and must happen once.
#include <utility>

#include "raft/proof/nodesim/node_cluster.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kMillion = 1'000'000;
constexpr uint64_t kKeys = 12;
constexpr size_t kLongestFiller = 900;

}  // namespace

void NodeCluster::OnClient(size_t client) {
  if (clients_stopped_) return;
  ++stats_.events;
  After(1 + random_.Uniform(2 * options_.sim.client_pause),
        [this, client] { OnClient(client); });
  Client& here = clients_[client];
  if (here.command.operation == 0) {
    Begin(client);
    return;
  }
  // Reads are given up; writes are repeated, and rarely given up.
  const uint64_t patience = random_.Uniform(64);
  if (here.read ? patience < 4 : patience == 0) {
    here.command.operation = 0;
  } else if (!here.read && patience < 12) {
    if (here.accepted) ++stats_.resent;
    Send(client, DrawTarget());
  }
}

void NodeCluster::Begin(size_t client) {
  const size_t slot = DrawTarget();
  if (!slots_[slot].running()) return;
  Client& here = clients_[client];
  here.command.operation = history_.Invoke();
  here.accepted = false;
  here.read = random_.Uniform(kMillion) < options_.sim.read_chance;
  if (here.read) {
    Give(slot, ReadRequest{RequestId(here.command.operation)});
    return;
  }
  here.command.session = client;
  ++here.command.sequence;
  here.command.key = random_.Uniform(kKeys);
  here.command.removes = random_.Uniform(8) == 0;
  here.command.filler = random_.Uniform(kLongestFiller);
  Send(client, slot);
}

void NodeCluster::Send(size_t client, size_t slot) {
  const KvCommand& command = clients_[client].command;
  Propose propose;
  propose.proposals.push_back(
      {RequestId(command.operation), Payload(EncodeKvCommand(command))});
  Give(slot, std::move(propose));
}

size_t NodeCluster::DrawTarget() {
  if (likely_leader_.has_value() && random_.Uniform(5) != 0) {
    return *likely_leader_;
  }
  return random_.Uniform(slots_.size());
}

void NodeCluster::Accept(size_t slot, const Output& output) {
  for (const Accepted& accepted : output.accepted) {
    Client* client = Find(accepted.id);
    if (client == nullptr) continue;
    client->accepted = true;
    slots_[slot].writes[accepted.index] = {
        accepted.id.value(), client->command.session, accepted.term};
  }
}

void NodeCluster::Answer(size_t slot, const Output& output) {
  for (const Refused& refused : output.refused) {
    Client* client = Find(refused.id);
    if (client == nullptr) continue;
    if (!client->read) {
      // An earlier attempt may still happen.
      if (client->accepted) continue;
      Fail(history_.Refuse(refused.id.value()));
    }
    client->command.operation = 0;
  }
  for (const ReadReady& read : output.reads) {
    const Client* client = Find(read.id);
    if (client == nullptr) continue;
    slots_[slot].reads.push_back({read.id.value(),
                                  static_cast<size_t>(client - clients_.data()),
                                  read.index});
  }
  if (!output.reads.empty()) CompleteReads(slot);
}

void NodeCluster::Complete(size_t slot, const AppliedCommand& applied) {
  auto& writes = slots_[slot].writes;
  const auto waiting = writes.find(applied.index);
  if (waiting == writes.end()) return;
  const Attempt attempt = waiting->second;
  writes.erase(waiting);
  // Another entry came to be here: the attempt failed, the write may not have.
  if (attempt.term != applied.term) return;
  Client& client = clients_[attempt.client];
  if (client.command.operation != attempt.operation) return;
  Fail(history_.CompleteWrite(attempt.operation, applied.effect));
  client.acknowledged = client.command.sequence;
  client.command.operation = 0;
}

void NodeCluster::CompleteReads(size_t slot) {
  const SimulatedNode& node = *slots_[slot].node;
  std::vector<WaitingRead> still_waiting;
  for (const WaitingRead& read : slots_[slot].reads) {
    Client& client = clients_[read.client];
    if (client.command.operation != read.operation) continue;
    if (read.index > node.machine().published()) {
      still_waiting.push_back(read);
      continue;
    }
    Fail(history_.CompleteRead(read.operation, node.applied(), node.hash()));
    client.command.operation = 0;
  }
  slots_[slot].reads = std::move(still_waiting);
}

NodeCluster::Client* NodeCluster::Find(RequestId id) {
  for (Client& client : clients_) {
    if (id.value() != 0 && client.command.operation == id.value()) {
      return &client;
    }
  }
  return nullptr;
}

bool NodeCluster::HoldsAllWrites(size_t slot) const {
  for (size_t client = 0; client < clients_.size(); ++client) {
    if (slots_[slot].node->machine().LastSequence(client) <
        clients_[client].acknowledged) {
      return false;
    }
  }
  return true;
}

}  // namespace microovn::raft
