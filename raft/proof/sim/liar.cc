// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/liar.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "raft/core/values/configuration.h"
#include "raft/core/values/entry.h"

namespace microovn::raft {
namespace {

class Draw {
 public:
  Draw(const Identity& liar, const RaftCore& target, SeededRandom& random)
      : liar_(liar), target_(target), random_(random) {}

  Message Lie() {
    Message lie;
    lie.header = {liar_.cluster, liar_.member, target_.identity().member,
                  liar_.incarnation, LieTerm()};
    lie.body = Body(lie.header.term);
    return lie;
  }

 private:
  bool Coin() { return random_.Uniform(2) == 0; }

  Term LieTerm() {
    const Term term = target_.hard_state().term;
    switch (random_.Uniform(8)) {
      case 0:
        return Term(term.value() - std::min<uint64_t>(term.value(), 1));
      case 1:
        return term + random_.Uniform(1000);
      case 2:
        return Term(random_.Next());
      case 3:
        return Term(std::numeric_limits<uint64_t>::max());
      case 4:
      case 5:
        return term.Next();
      default:
        return term;
    }
  }

  // Around where the log of the target ends.
  LogIndex Index() {
    const LogIndex last = target_.log().last_index();
    switch (random_.Uniform(6)) {
      case 0:
        return target_.commit();
      case 1:
        return last.Next();
      case 2:
        return last + random_.Uniform(100);
      case 3:
        return LogIndex(random_.Next());
      default:
        return LogIndex(random_.Uniform(last.value() + 1));
    }
  }

  // One that the target can look up.
  LogIndex Known() {
    const LogIndex base = target_.log().base().index;
    const uint64_t length = target_.log().last_index().value() - base.value();
    return base + random_.Uniform(length + 1);
  }

  ReadNumber Read() {
    const Leader* leader = target_.leader_state();
    const uint64_t given = leader == nullptr ? 5 : leader->read_number.value();
    return ReadNumber(random_.Uniform(given + 2));
  }

  StateMark Mark() {
    StateMark mark;
    mark.index = Index();
    if (Coin()) mark.hash = "a lie";
    return mark;
  }

  Configuration Wanted() {
    Configuration wanted;
    if (Coin()) wanted = target_.configurations().InForce().configuration;
    wanted.outgoing.clear();
    wanted.learners.erase(std::remove(wanted.learners.begin(),
                                      wanted.learners.end(), liar_.member),
                          wanted.learners.end());
    wanted.voters.push_back(liar_.member);
    std::sort(wanted.voters.begin(), wanted.voters.end());
    return wanted;
  }

  MessageBody Append(Term term) {
    raft::Append append;
    const LogIndex at = Coin() ? target_.log().last_index() : Known();
    append.previous = {at, target_.log().TermAt(at)};
    append.previous_chain = target_.log().ChainAt(at);
    append.commit = Index();
    append.read_number = Read();
    ChainHash chain = append.previous_chain;
    for (uint64_t left = random_.Uniform(4); left > 0; --left) {
      Entry entry;
      entry.index = at + append.entries.size() + 1;
      entry.term = std::max(term, append.previous.term);
      entry.kind = Coin() ? EntryKind::kNoop : EntryKind::kConfiguration;
      if (entry.kind == EntryKind::kConfiguration) {
        entry.payload = Payload(EncodeConfiguration(Wanted()));
      }
      entry.chain = chain = ChainOf(chain, entry);
      append.entries.push_back(std::move(entry));
    }
    return append;
  }

  MessageBody Chunk(Term term) {
    SnapshotChunk chunk;
    chunk.snapshot.index = Index();
    chunk.snapshot.term = term;
    chunk.snapshot.configuration_index = chunk.snapshot.index;
    chunk.snapshot.configuration = Wanted();
    chunk.bytes = Payload(std::string("a lie"));
    chunk.last = Coin();
    return chunk;
  }

  MessageBody Vote(Term term) {
    VoteRequest vote;
    vote.phase = Coin() ? VotePhase::kVote : VotePhase::kPreVote;
    vote.round = random_.Next();
    vote.campaign_term = vote.phase == VotePhase::kVote ? term : term.Next();
    vote.last = {target_.log().last_index() + 9, term};
    vote.transfer = Coin();
    return vote;
  }

  MessageBody VoteAnswer(Term term) {
    return VoteReply{Coin() ? VotePhase::kVote : VotePhase::kPreVote,
                     random_.Next(), Coin() ? term : term.Next(), Coin()};
  }

  MessageBody AppendAnswer(Term term) {
    AppendReply reply;
    reply.accepted = Coin();
    reply.index = Index();
    reply.hint = {Index(), term};
    reply.read_number = Read();
    reply.quarantined = Coin();
    return reply;
  }

  MessageBody Body(Term term) {
    switch (random_.Uniform(11)) {
      case 0:
        return Vote(term);
      case 1:
        return VoteAnswer(term);
      case 2:
        return Append(term);
      case 3:
        return AppendAnswer(term);
      case 4:
        return Heartbeat{Index(), Read(), Mark()};
      case 5:
        return HeartbeatReply{Read(), Coin(), Mark(), Coin()};
      case 6:
        return Chunk(term);
      case 7:
        return SnapshotReply{Index(), random_.Uniform(1000), Coin(), Coin()};
      case 8:
        return TimeoutNow{};
      case 9:
        return ReadIndexRequest{random_.Next()};
      default:
        return ReadIndexReply{random_.Next(), Coin(), Index()};
    }
  }

  const Identity& liar_;
  const RaftCore& target_;
  SeededRandom& random_;
};

}  // namespace

Message DrawLie(const Identity& liar, const RaftCore& target,
                SeededRandom& random) {
  return Draw(liar, target, random).Lie();
}

}  // namespace microovn::raft
